/// The sizes of text in a drawing.
enum TextSize {
  static let title = 15.0
  static let label = 12.5
  static let tick = 12.0
}

extension Chart {
  /// The chart as a drawing. The same chart gives the same drawing, byte by byte.
  public func drawing() -> Drawing {
    let heading = Heading(title, width: width - 24)
    let legend = Legend(entries: legendEntries, width: width - 24)
    let top = heading.height + 6 + legend.height + 8
    let bottom = height - 52

    // The labels of the vertical axis decide where the plot starts.
    let yScale = Scale(y, values: values(\.y, \.yMargin, vertical: false), from: bottom, to: top)
    let yTicks = yScale.ticks(count: max(2, Int((bottom - top) / 52)))
    let labelWidth = yTicks.labels.map { textWidth($0, size: TextSize.tick) }.max() ?? 0
    let left = 12 + TextSize.label + 10 + labelWidth + 8
    let right = width - 20
    let xScale = Scale(x, values: values(\.x, \.xMargin, vertical: true), from: left, to: right)
    let xTicks = xScale.ticks(count: max(2, Int((right - left) / 84)))

    var elements = heading.elements(x: 12)
    elements += legend.elements(x: 12, y: heading.height + 6)
    elements += axes(
      frame: Box(x: left, y: top, width: right - left, height: bottom - top), xScale, xTicks,
      yScale, yTicks)
    elements += plot(
      frame: Box(x: left, y: top, width: right - left, height: bottom - top), xScale, yScale)
    return Drawing(width: width, height: height, summary: summary, elements: elements)
  }

  private func look(_ index: Int) -> Look { series[index].look ?? .standard(index) }

  private var legendEntries: [Legend.Entry] {
    series.indices.filter { !series[$0].name.isEmpty }.map {
      Legend.Entry(name: series[$0].name, form: series[$0].form, look: look($0))
    }
  }

  /// All that an axis should show.
  private func values(
    _ value: KeyPath<Point, Double>, _ margin: KeyPath<Point, Double>, vertical: Bool
  ) -> [Double] {
    series.flatMap(\.points).filter { $0.x.isFinite && $0.y.isFinite }.flatMap { point in
      let margin = point[keyPath: margin].isFinite ? point[keyPath: margin] : 0
      return [point[keyPath: value] - margin, point[keyPath: value] + margin]
    } + references.filter { $0.isVertical == vertical }.map(\.value)
  }

  /// Grid, ticks and titles.
  private func axes(
    frame: Box, _ xScale: Scale, _ xTicks: Ticks, _ yScale: Scale, _ yTicks: Ticks
  ) -> [Element] {
    var elements: [Element] = []
    let (right, bottom) = (frame.x + frame.width, frame.y + frame.height)
    for (value, label) in zip(yTicks.values, yTicks.labels) {
      guard let y = yScale(value) else { continue }
      elements.append(.line(frame.x, y, right, y, .grid))
      elements.append(
        .text(label, x: frame.x - 8, y: y + 4, size: TextSize.tick, ink: .muted, anchor: "end"))
    }
    var end = -Double.infinity  // of the label before
    for (value, label) in zip(xTicks.values, xTicks.labels) {
      guard let x = xScale(value) else { continue }
      elements.append(.line(x, frame.y, x, bottom, .grid))
      let half = textWidth(label, size: TextSize.tick) / 2
      guard x - half > end + 4 else { continue }
      end = x + half
      let place = min(x, width - 2 - half)  // the last label must not leave the drawing
      elements.append(
        .text(
          label, x: place, y: bottom + 18, size: TextSize.tick, ink: .muted, anchor: "middle"))
    }
    elements.append(.line(frame.x, bottom, right, bottom, .muted))
    elements.append(.line(frame.x, frame.y, frame.x, bottom, .muted))
    elements.append(
      .text(
        x.title, x: frame.x + frame.width / 2, y: height - 10, size: TextSize.label, ink: .text,
        anchor: "middle"))
    elements.append(
      .text(
        y.title, x: 12 + TextSize.label / 2, y: frame.y + frame.height / 2, size: TextSize.label,
        ink: .text, anchor: "middle", turned: true))
    return elements
  }

  /// References, series and the names of points.
  private func plot(frame: Box, _ xScale: Scale, _ yScale: Scale) -> [Element] {
    var placer = LabelPlacer(bounds: frame)
    var below: [Element] = []
    var marks: [Element] = []
    for (index, series) in series.enumerated() {
      let look = look(index)
      let parts = series.form == .markers ? [] : series.parts(xScale, yScale)
      if !parts.isEmpty { marks.append(look.element(through: parts)) }
      for part in parts { placer.lines += boxes(along: part) }
      let places = series.places(xScale, yScale)
      guard !series.isCloud else {
        marks.append(look.cloud(places.map { ($0.x, $0.y) }))
        continue
      }
      for (x, y, point) in places {
        marks += bars(point, x, y, look, xScale, yScale)
        // A line of a single point would be invisible.
        let isAlone = parts.allSatisfy { $0.count == 1 }
        guard series.form == .markers || series.form == .markedLine || isAlone else { continue }
        marks.append(look.element(x, y, radius: series.radius))
        placer.marks.append(.around(x, y, radius: series.radius + 1))
      }
    }

    // The names come last, on top of everything, where they cover the least.
    var names: [Name] = []
    for reference in references {
      let scale = reference.isVertical ? xScale : yScale
      guard scale.range.contains(reference.value), let at = scale(reference.value) else { continue }
      below.append(line(reference, at: at, frame))
      if !reference.label.isEmpty { names.append(name(reference, at: at, frame)) }
    }
    for (index, series) in series.enumerated() {
      for (x, y, point) in series.places(xScale, yScale) {
        guard !point.label.isEmpty, xScale.range.contains(point.x), yScale.range.contains(point.y)
        else { continue }
        names.append(name(point.label, at: (x, y), ink: .series(look(index).color)))
      }
    }
    var above = zip(names, placer.place(names.map(\.request))).flatMap { $0.elements($1) }
    if marks.isEmpty {
      above.append(
        .text(
          "no data", x: frame.x + frame.width / 2, y: frame.y + frame.height / 2,
          size: TextSize.label, ink: .muted, anchor: "middle"))
    }
    // A nested drawing clips what lies outside a given range. Marks on the border stay whole.
    let room = 6.0
    let inner = Element(
      "svg",
      [
        ("x", .number(frame.x - room)), ("y", .number(frame.y - room)),
        ("width", .number(frame.width + 2 * room)), ("height", .number(frame.height + 2 * room)),
        (
          "viewBox",
          .text(
            [
              frame.x - room, frame.y - room, frame.width + 2 * room, frame.height + 2 * room,
            ].map(coordinate).joined(separator: " "))
        ),
      ], children: below + marks)
    return [inner] + above
  }

  /// The confidence intervals of a point.
  private func bars(
    _ point: Point, _ x: Double, _ y: Double, _ look: Look, _ xScale: Scale, _ yScale: Scale
  ) -> [Element] {
    var elements: [Element] = []
    let ink = Ink.series(look.color)
    if point.yMargin > 0, let low = yScale(point.y - point.yMargin),
      let high = yScale(point.y + point.yMargin)
    {
      elements.append(.line(x, low, x, high, ink, width: 1.2))
      for end in [low, high] { elements.append(.line(x - 3, end, x + 3, end, ink, width: 1.2)) }
    }
    if point.xMargin > 0, let low = xScale(point.x - point.xMargin),
      let high = xScale(point.x + point.xMargin)
    {
      elements.append(.line(low, y, high, y, ink, width: 1.2))
      for end in [low, high] { elements.append(.line(end, y - 3, end, y + 3, ink, width: 1.2)) }
    }
    return elements
  }

  private func line(_ reference: Reference, at place: Double, _ frame: Box) -> Element {
    reference.isVertical
      ? .line(place, frame.y, place, frame.y + frame.height, .muted, width: 1.3, dash: "5 4")
      : .line(frame.x, place, frame.x + frame.width, place, .muted, width: 1.3, dash: "5 4")
  }

  /// A name to place, and how it is drawn at its place.
  private struct Name {
    let request: LabelPlacer.Request
    let elements: (Box) -> [Element]
  }

  /// The name of a reference line, beside it where there is room.
  private func name(_ reference: Reference, at place: Double, _ frame: Box) -> Name {
    let (width, height) = (textWidth(reference.label, size: TextSize.tick), 17.0)
    var candidates: [Box] = []
    for part in [0.06, 0.94, 0.5, 0.25, 0.75] {
      if reference.isVertical {
        let y = frame.y + part * frame.height - height / 2
        candidates += [place + 6, place - 6 - width].map {
          Box(x: $0, y: y, width: width, height: height)
        }
      } else {
        let x = frame.x + 4 + (1 - part) * (frame.width - width - 8)
        candidates += [place - 3 - height, place + 3].map {
          Box(x: x, y: $0, width: width, height: height)
        }
      }
    }
    return Name(request: .init(candidates: candidates, point: nil)) { box in
      // Widths are guessed: the name is aligned to the side of its line, or of the frame.
      let isEnd =
        reference.isVertical ? box.x < place : box.x + width / 2 > frame.x + frame.width / 2
      return [
        .text(
          reference.label, x: isEnd ? box.x + width : box.x, y: box.y + 13, size: TextSize.tick,
          ink: .muted, anchor: isEnd ? "end" : "start", halo: true)
      ]
    }
  }

  /// The name of a point, with a thin line to it where it is not close.
  private func name(_ label: String, at point: (x: Double, y: Double), ink: Ink) -> Name {
    let width = textWidth(label, size: TextSize.tick)
    let request = LabelPlacer.Request(width: width, height: 16, around: point.x, point.y)
    return Name(request: request) { box in
      let (anchor, x) =
        box.x >= point.x
        ? ("start", box.x)
        : box.x + width <= point.x ? ("end", box.x + width) : ("middle", box.x + width / 2)
      let leader = box.leader(from: point).map { start, end in
        Element.line(start.x, start.y, end.x, end.y, ink, width: 0.9)
      }
      let text = Element.text(
        label, x: x, y: box.y + 12, size: TextSize.tick, ink: .text, anchor: anchor, halo: true)
      return [leader, text].compactMap { $0 }
    }
  }
}
