import Foundation

/// A map of a two-dimensional latent space: a point for each image, coloured by its class.
///
/// The points are pixels rather than vectors: ten thousand circles would make a page slow.
public struct LatentMap: Sendable {
  /// Where the points are: z₁ and z₂ of each.
  public var points: [(x: Float, y: Float)]
  /// The class of each point.
  public var labels: [Int]
  /// The names of the classes, shown at the means of their points.
  public var classNames: [String]
  /// What the map shows, in a sentence, for those who can't see it.
  public var summary: String
  /// The title above it; none when empty.
  public var title: String
  /// The side of the drawing in CSS pixels.
  public var side: Double

  /// Makes a map of n points with n labels; a label is an index into the names.
  public init(
    points: [(x: Float, y: Float)], labels: [Int], classNames: [String], title: String = "",
    summary: String, side: Double = 400
  ) {
    precondition(
      points.count == labels.count, "\(labels.count) labels for \(points.count) points")
    precondition(
      labels.allSatisfy(classNames.indices.contains), "a label without a name of its class")
    self.points = points
    self.labels = labels
    self.classNames = classNames
    self.title = title
    self.summary = summary
    self.side = side
  }

  /// The colours of ten classes (red, green, blue), of a lightness that suits white and dark pages.
  static let colors: [(Float, Float, Float)] = [
    (31, 119, 200), (230, 110, 20), (30, 150, 90), (205, 55, 60), (135, 95, 205),
    (150, 95, 60), (225, 95, 175), (110, 125, 140), (165, 155, 20), (15, 165, 185),
  ]

  /// The colour of a class among `count`: one of the ten, or if they don't suffice a hue of its own.
  ///
  /// Neighbours are a golden angle apart, and every other one is darker.
  static func color(_ label: Int, of count: Int) -> (Float, Float, Float) {
    guard count > colors.count else { return colors[label] }
    let turn = (Float(label) * 0.618_034).truncatingRemainder(dividingBy: 1)
    let strength: Float = label % 2 == 0 ? 215 : 150
    func part(_ shift: Float) -> Float {
      // A hue at full saturation, mixed with gray.
      let distance = abs((turn + shift).truncatingRemainder(dividingBy: 1) * 6 - 3)
      return strength * (0.2 + 0.8 * min(1, max(0, distance - 1)))
    }
    return (part(0), part(2.0 / 3), part(1.0 / 3))
  }

  /// The map as a drawing; points that aren't finite are left out.
  /// - Throws: ``PNGError`` when the picture of the points can't be packed.
  public func drawing() throws(PNGError) -> Drawing {
    let finite = points.indices.filter { points[$0].x.isFinite && points[$0].y.isFinite }
    let heading = Heading(title, width: side - 24)
    let top = heading.height + 8
    let frame = Box(x: 56, y: top, width: side - 72, height: side - 72)
    // One scale for both axes, or distances would be distorted.
    let reach = bounds(finite)
    let xScale = Scale(
      Chart.Axis("", range: reach.x), values: [], from: frame.x, to: frame.x + frame.width)
    let yScale = Scale(
      Chart.Axis("", range: reach.y), values: [], from: frame.y + frame.height, to: frame.y)

    var elements = heading.elements(x: 12)
    elements += axes(frame, xScale, yScale)
    let png = try raster(finite, frame, xScale, yScale).png()
    elements.append(
      Element(
        "image",
        [
          ("x", .number(frame.x)), ("y", .number(frame.y)), ("width", .number(frame.width)),
          ("height", .number(frame.height)), ("href", .text(dataURI(png: png))),
        ]))
    elements += names(finite, frame, xScale, yScale)
    return Drawing(width: side, height: top + side - 22, summary: summary, elements: elements)
  }

  /// A square around all points, with a little room.
  private func bounds(_ finite: [Int]) -> (x: ClosedRange<Double>, y: ClosedRange<Double>) {
    guard !finite.isEmpty else { return (-1...1, -1...1) }
    let xs = finite.map { Double(points[$0].x) }
    let ys = finite.map { Double(points[$0].y) }
    let (left, right) = (xs.min() ?? 0, xs.max() ?? 0)
    let (low, high) = (ys.min() ?? 0, ys.max() ?? 0)
    let largest = max(abs(left), abs(right), abs(low), abs(high), 1e-6)
    let half = max(right - left, high - low, largest * 1e-6) * 0.52
    let middle = ((left + right) / 2, (low + high) / 2)
    return (middle.0 - half...middle.0 + half, middle.1 - half...middle.1 + half)
  }

  private func axes(_ frame: Box, _ xScale: Scale, _ yScale: Scale) -> [Element] {
    let (right, bottom) = (frame.x + frame.width, frame.y + frame.height)
    var elements: [Element] = []
    let xTicks = xScale.ticks(count: 6)
    for (value, label) in zip(xTicks.values, xTicks.labels) {
      guard let x = xScale(value) else { continue }
      elements.append(.line(x, frame.y, x, bottom, .grid))
      elements.append(
        .text(label, x: x, y: bottom + 17, size: TextSize.tick, ink: .muted, anchor: "middle"))
    }
    let yTicks = yScale.ticks(count: 6)
    for (value, label) in zip(yTicks.values, yTicks.labels) {
      guard let y = yScale(value) else { continue }
      elements.append(.line(frame.x, y, right, y, .grid))
      elements.append(
        .text(label, x: frame.x - 8, y: y + 4, size: TextSize.tick, ink: .muted, anchor: "end"))
    }
    elements.append(
      .text(
        "z₁", x: frame.x + frame.width / 2, y: bottom + 36, size: TextSize.label, ink: .text,
        anchor: "middle"))
    elements.append(
      .text(
        "z₂", x: 16, y: frame.y + frame.height / 2, size: TextSize.label, ink: .text,
        anchor: "middle", turned: true))
    return elements
  }

  /// The points as discs, at two pixels for each of the drawing's, so that print is sharp.
  private func raster(
    _ finite: [Int], _ frame: Box, _ xScale: Scale, _ yScale: Scale
  ) -> Picture {
    let size = Int(frame.width * 2)
    let radius: Float = finite.count > 3000 ? 2.2 : finite.count > 500 ? 3.2 : 4.5
    let opacity: Float = finite.count > 3000 ? 0.55 : 0.75
    var canvas = Canvas(side: size)
    for index in Self.shuffled(finite) {
      guard let x = xScale(Double(points[index].x)), let y = yScale(Double(points[index].y))
      else { continue }
      canvas.disc(
        x: Float(x - frame.x) * 2, y: Float(y - frame.y) * 2, radius: radius, opacity: opacity,
        color: Self.color(labels[index], of: classNames.count))
    }
    return canvas.image()
  }

  /// A fixed pseudo-random order: in class order, the last class would cover the others.
  private static func shuffled(_ indices: [Int]) -> [Int] {
    var state: UInt64 = 0x9E37_79B9_7F4A_7C15
    var result = indices
    for last in stride(from: result.count - 1, to: 0, by: -1) {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      result.swapAt(last, Int((state >> 33) % UInt64(last + 1)))
    }
    return result
  }

  /// The class names at the means, moved apart where they would overlap.
  private func names(
    _ finite: [Int], _ frame: Box, _ xScale: Scale, _ yScale: Scale
  ) -> [Element] {
    var sums = [(x: Double, y: Double, count: Double)](
      repeating: (0, 0, 0), count: classNames.count)
    for index in finite {
      sums[labels[index]].x += Double(points[index].x)
      sums[labels[index]].y += Double(points[index].y)
      sums[labels[index]].count += 1
    }
    var placed: [(label: Int, request: LabelPlacer.Request)] = []
    for (label, sum) in sums.enumerated() {
      guard sum.count > 0, let x = xScale(sum.x / sum.count), let y = yScale(sum.y / sum.count)
      else { continue }
      let width = max(20, textWidth(classNames[label], size: 13.5) + 14)
      var candidates = [Box(x: x - width / 2, y: y - 10, width: width, height: 20)]
      for distance in [12.0, 20, 30] {
        for (dx, dy) in [(1.0, 0.0), (-1, 0), (0, -1), (0, 1)] {
          let (x, y) = (x + dx * distance, y + dy * distance)
          candidates.append(Box(x: x - width / 2, y: y - 10, width: width, height: 20))
        }
      }
      placed.append((label, .init(candidates: candidates, point: nil)))
    }
    let boxes = LabelPlacer(bounds: frame).place(placed.map(\.request))
    return zip(placed, boxes).flatMap { name($0.label, in: $1) }
  }

  private func name(_ label: Int, in box: Box) -> [Element] {
    let (red, green, blue) = Self.color(label, of: classNames.count)
    return [
      Element(
        "rect",
        [
          ("x", .number(box.x)), ("y", .number(box.y)), ("width", .number(box.width)),
          ("height", .number(box.height)), ("rx", "10"), ("fill", .ink(.paper)),
          ("stroke", .text("rgb(\(Int(red)),\(Int(green)),\(Int(blue)))")), ("stroke-width", "2"),
        ]),
      .text(
        classNames[label], x: box.x + box.width / 2, y: box.y + 14.5, size: 12.5, ink: .text,
        anchor: "middle", weight: "600"),
    ]
  }
}

/// The bytes of a PNG file as a data URI.
func dataURI(png: [UInt8]) -> String {
  "data:image/png;base64," + Data(png).base64EncodedString()
}
