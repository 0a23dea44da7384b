extension HTMLReport {
  /// A picture with its caption.
  public struct Figure: Sendable {
    /// What is written below; none when empty.
    public var caption: String
    let picture: String

    /// Shows a drawing, in the colours of the page. Its summary serves those who can't see it.
    public init(_ drawing: Drawing, caption: String = "") {
      self.caption = caption
      picture = drawing.inlineSVG()
    }

    /// Shows a PNG file, embedded in the page.
    /// - Parameters:
    ///   - png: the file's bytes.
    ///   - width: its width on the page in CSS pixels; half the picture's own prints sharply.
    ///   - alt: what it shows, for those who can't see it.
    ///   - caption: what is written below.
    public init(png: [UInt8], width: Int, alt: String, caption: String = "") {
      self.caption = caption
      picture = "<img src=\"\(dataURI(png: png))\" width=\"\(width)\" alt=\"\(escaped(alt))\"/>"
    }

    /// Shows a picture, such as a grid of images, at `scale` of its pixels for one of the page.
    /// - Throws: ``PNGError`` when it can't be packed.
    public init(
      _ image: Picture, scale: Int = 1, alt: String, caption: String = ""
    ) throws(PNGError) {
      precondition(scale > 0, "a scale of \(scale)")
      self.init(
        png: try image.png(), width: max(1, image.width / scale), alt: alt, caption: caption)
    }

    var html: String {
      let caption = caption.isEmpty ? "" : "\n<figcaption>\(markup(caption))</figcaption>"
      return "<figure>\n<div class=\"scroll\">\(picture)</div>\(caption)\n</figure>"
    }
  }
}
