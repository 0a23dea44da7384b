/// A chart of one or more series over two axes.
public struct Chart: Sendable {
  /// The title above it; none when empty, as where there is a caption.
  public var title: String
  /// What the chart shows, in a sentence, for those who can't see it.
  public var summary: String
  /// The horizontal axis.
  public var x: Axis
  /// The vertical axis.
  public var y: Axis
  /// The series, in the order of the legend; later ones are drawn above earlier ones.
  public var series: [Series]
  /// Lines at values worth comparing with.
  public var references: [Reference]
  /// The width in CSS pixels.
  public var width: Double
  /// The height in CSS pixels.
  public var height: Double

  /// Makes a chart.
  public init(
    title: String = "", summary: String, x: Axis, y: Axis, series: [Series],
    references: [Reference] = [], width: Double = 760, height: Double = 430
  ) {
    self.title = title
    self.summary = summary
    self.x = x
    self.y = y
    self.series = series
    self.references = references
    self.width = width
    self.height = height
  }
}

extension Chart {
  /// An axis.
  public struct Axis: Sendable {
    /// What it measures, with its unit: `loss (nats per image)`.
    public var title: String
    /// The values it spans; by default those of the series and references, and a little more.
    public var range: ClosedRange<Double>?
    /// Whether the scale is logarithmic; values that are not above zero are then left out.
    public var isLogarithmic: Bool

    /// Makes an axis.
    public init(_ title: String, range: ClosedRange<Double>? = nil, isLogarithmic: Bool = false) {
      self.title = title
      self.range = range
      self.isLogarithmic = isLogarithmic
    }
  }

  /// A measured point. One with a coordinate that isn't finite is left out, and breaks the line.
  public struct Point: Sendable {
    /// The horizontal coordinate.
    public var x: Double
    /// The vertical coordinate.
    public var y: Double
    /// Half the confidence interval of `x`; drawn as a bar to both sides.
    public var xMargin: Double
    /// Half the confidence interval of `y`.
    public var yMargin: Double
    /// A name beside the point; none when empty.
    public var label: String

    /// Makes a point.
    public init(
      _ x: Double, _ y: Double, xMargin: Double = 0, yMargin: Double = 0, label: String = ""
    ) {
      self.x = x
      self.y = y
      self.xMargin = xMargin
      self.yMargin = yMargin
      self.label = label
    }
  }

  /// Points that belong together.
  public struct Series: Sendable {
    /// The name in the legend.
    public var name: String
    /// The points, in the order in which a line joins them.
    public var points: [Point]
    /// How the points are drawn.
    public var form: Form
    /// Colour, marker and dash; by default chosen by the series' position in the chart.
    public var look: Look?

    /// Makes a series.
    public init(_ name: String, _ points: [Point], form: Form = .line, look: Look? = nil) {
      self.name = name
      self.points = points
      self.form = form
      self.look = look
    }

    /// Makes a series of values at 1, 2, 3 …, such as the epochs of a training.
    public init(
      _ name: String, values: [Double], form: Form = .line, look: Look? = nil
    ) {
      self.init(
        name, values.enumerated().map { Point(Double($0.offset + 1), $0.element) }, form: form,
        look: look)
    }
  }

  /// How points are drawn.
  public enum Form: Sendable {
    /// A line.
    case line
    /// A line with markers.
    case markedLine
    /// A line that keeps its value until the next point, as the best so far does.
    case steps
    /// Markers alone.
    case markers
  }

  /// What distinguishes a series from others: never colour alone.
  public struct Look: Sendable {
    /// The index of the colour in the palette: 0 blue, 1 vermilion, 2 green, 3 purple, 4 ochre, 5 gray;
    /// then it repeats.
    public var color: Int
    /// The marker.
    public var marker: Marker
    /// The line.
    public var dash: Dash

    /// Makes a look.
    public init(color: Int, marker: Marker = .circle, dash: Dash = .solid) {
      self.color = abs(color)
      self.marker = marker
      self.dash = dash
    }

    /// The look of the series at an index of a chart.
    static func standard(_ index: Int) -> Look {
      let markers: [Marker] = [.circle, .square, .triangle, .diamond, .cross, .ring]
      let dashes: [Dash] = [.solid, .dashed, .dotted, .dashDotted]
      return Look(
        color: index, marker: markers[index % markers.count], dash: dashes[index % dashes.count])
    }
  }

  /// The shape of a marker; `ring` and `hollowDiamond` are open.
  public enum Marker: Sendable {
    /// A filled circle.
    case circle
    /// A filled square.
    case square
    /// A filled triangle.
    case triangle
    /// A square on its corner, filled.
    case diamond
    /// Two crossed lines.
    case cross
    /// A circle, not filled.
    case ring
    /// A square on its corner, not filled.
    case hollowDiamond
  }

  /// The pattern of a line.
  public enum Dash: Sendable {
    /// Without gaps.
    case solid
    /// Dashes.
    case dashed
    /// Dots.
    case dotted
    /// Dashes and dots in turn.
    case dashDotted
  }

  /// A line across the chart at one value.
  public struct Reference: Sendable {
    /// Whether the value is on the horizontal axis, and so the line vertical.
    public var isVertical: Bool
    /// The value.
    public var value: Double
    /// What it is.
    public var label: String

    /// A vertical line.
    public static func x(_ value: Double, _ label: String) -> Reference {
      Reference(isVertical: true, value: value, label: label)
    }

    /// A horizontal line.
    public static func y(_ value: Double, _ label: String) -> Reference {
      Reference(isVertical: false, value: value, label: label)
    }
  }
}
