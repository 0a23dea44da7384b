extension Chart.Look {
  /// The marker at a point, of about a radius, with a thin outline in the background's colour that
  /// separates it from its neighbours.
  func element(_ x: Double, _ y: Double, radius: Double) -> Element {
    let ink = Ink.series(color)
    let isOpen = marker == .ring || marker == .hollowDiamond
    let paint: [(String, Element.Value)] =
      switch marker {
      case .cross: [("stroke", .ink(ink)), ("stroke-width", "1.8"), ("fill", "none")]
      case _ where isOpen:
        [("stroke", .ink(ink)), ("stroke-width", "1.8"), ("fill", .ink(.paper))]
      default: [("fill", .ink(ink)), ("stroke", .ink(.paper)), ("stroke-width", "0.6")]
      }
    if marker == .circle || marker == .ring {
      return Element(
        "circle", [("cx", .number(x)), ("cy", .number(y)), ("r", .number(radius))] + paint)
    }
    // Shapes of about the same area.
    let r = radius
    let path: [(Double, Double)] =
      switch marker {
      case .square: [(-0.89, -0.89), (0.89, -0.89), (0.89, 0.89), (-0.89, 0.89)]
      case .triangle: [(0, -1.3), (1.17, 0.78), (-1.17, 0.78)]
      default: [(0, -1.3), (1.3, 0), (0, 1.3), (-1.3, 0)]
      }
    let text =
      marker == .cross
      ? line([(x - r, y - r), (x + r, y + r)]) + line([(x - r, y + r), (x + r, y - r)])
      : line(path.map { (x + $0.0 * r, y + $0.1 * r) }) + "Z"
    return Element("path", [("d", .text(text))] + paint)
  }

  /// Very many points as one path of dots: an element for each would make the file large and slow.
  func cloud(_ points: [(x: Double, y: Double)]) -> Element {
    Element(
      "path",
      [
        ("d", .text(points.map { "M\(coordinate($0.x)) \(coordinate($0.y))h0" }.joined())),
        ("stroke", .ink(.series(color))), ("stroke-width", "2.6"), ("stroke-linecap", "round"),
        ("opacity", "0.55"),
      ])
  }

  /// A line of the series through points, with gaps between the parts.
  func element(through parts: [[(x: Double, y: Double)]]) -> Element {
    var attributes: [(String, Element.Value)] = [
      ("d", .text(parts.map { line($0) }.joined())), ("fill", "none"),
      ("stroke", .ink(.series(color))), ("stroke-width", "1.8"), ("stroke-linejoin", "round"),
    ]
    switch dash {
    case .solid: break
    case .dashed: attributes.append(("stroke-dasharray", "7 4"))
    case .dotted: attributes.append(("stroke-dasharray", "2 3"))
    case .dashDotted: attributes.append(("stroke-dasharray", "9 3 2 3"))
    }
    return Element("path", attributes)
  }
}

/// Path data of straight lines from point to point.
private func line(_ points: [(x: Double, y: Double)]) -> String {
  points.enumerated().map { index, point in
    "\(index == 0 ? "M" : "L")\(coordinate(point.x)) \(coordinate(point.y))"
  }.joined()
}

extension Chart.Series {
  /// The runs of finite points, as coordinates of the drawing; steps get their corners.
  func parts(_ xScale: Scale, _ yScale: Scale) -> [[(x: Double, y: Double)]] {
    var parts: [[(x: Double, y: Double)]] = [[]]
    for point in points {
      guard let x = xScale(point.x), let y = yScale(point.y) else {
        if !parts[parts.count - 1].isEmpty { parts.append([]) }
        continue
      }
      if let last = parts[parts.count - 1].last {
        // Indistinguishable points would only make the file larger.
        if abs(x - last.x) < 0.2 && abs(y - last.y) < 0.2 { continue }
        if form == .steps { parts[parts.count - 1].append((x, last.y)) }
      }
      parts[parts.count - 1].append((x, y))
    }
    return parts.filter { !$0.isEmpty }
  }

  /// The points to mark; of a cloud only those that can be told apart.
  func places(_ xScale: Scale, _ yScale: Scale) -> [(x: Double, y: Double, point: Chart.Point)] {
    var seen: Set<[Double]> = []
    return points.compactMap { point in
      guard let x = xScale(point.x), let y = yScale(point.y) else { return nil }
      guard isCloud else { return (x, y, point) }
      let pixel = [x.rounded(), y.rounded()]
      return seen.insert(pixel).inserted ? (pixel[0], pixel[1], point) : nil
    }
  }

  /// Whether there are too many points to mark each.
  var isCloud: Bool { form == .markers && points.count > 400 }

  /// Markers' radius, smaller where there are many.
  var radius: Double { points.count > 80 ? 2.6 : 4 }
}
