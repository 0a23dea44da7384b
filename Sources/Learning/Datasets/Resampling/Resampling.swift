/// The resampling of images from one size to another.
struct Resampling {
  private let source: (rows: Int, columns: Int)
  private let target: (rows: Int, columns: Int)
  /// The position of the image in the target, with black around it.
  private let place: (top: Int, left: Int)
  private let rows: ResamplingAxis
  private let columns: ResamplingAxis
  private let channels: Int

  init(
    from source: (rows: Int, columns: Int), to target: (rows: Int, columns: Int),
    _ fit: Preparation.Fit, channels: Int
  ) {
    (self.source, self.target, self.channels) = (source, target, channels)
    // The rows limit the scale if the source is wider.
    let isWider = source.columns * target.rows > source.rows * target.columns
    switch fit {
    case .stretch:
      place = (0, 0)
      rows = ResamplingAxis(source.rows, to: target.rows)
      columns = ResamplingAxis(source.columns, to: target.columns)
    case .crop:
      place = (0, 0)
      // One scale for both axes.
      let scale = isWider ? (source.rows, target.rows) : (source.columns, target.columns)
      rows = ResamplingAxis(source.rows, to: target.rows, scale: scale)
      columns = ResamplingAxis(source.columns, to: target.columns, scale: scale)
    case .pad:
      // The size of the image in the target, in whole pixels.
      let scale =
        isWider ? (target.columns, source.columns) : (target.rows, source.rows)
      func scaled(_ extent: Int, _ limit: Int) -> Int {
        min(limit, max(1, (2 * extent * scale.0 + scale.1) / (2 * scale.1)))
      }
      let size = (scaled(source.rows, target.rows), scaled(source.columns, target.columns))
      place = ((target.rows - size.0) / 2, (target.columns - size.1) / 2)
      rows = ResamplingAxis(source.rows, to: size.0)
      columns = ResamplingAxis(source.columns, to: size.1)
    }
  }

  /// Resamples one image: for each row of the target, the rows of the source are added up, and then the
  /// columns of the sum.
  func apply(_ image: UnsafeBufferPointer<UInt8>, into out: UnsafeMutableBufferPointer<UInt8>) {
    if rows.count < target.rows || columns.count < target.columns { out.initialize(repeating: 0) }
    let width = source.columns * channels
    guard let pixels = image.baseAddress, let start = out.baseAddress else { return }
    withUnsafeTemporaryAllocation(of: Float.self, capacity: width) { sums in
      guard let sums = sums.baseAddress else { return }
      for row in 0..<rows.count {
        rows.withTaps(row) { first, weights in
          let line = pixels + first * width
          let weight = weights[0]
          for index in 0..<width { sums[index] = Float(line[index]) * weight }
          for tap in 1..<weights.count {
            let line = line + tap * width
            let weight = weights[tap]
            for index in 0..<width { sums[index] += Float(line[index]) * weight }
          }
        }
        let target = start + ((place.top + row) * target.columns + place.left) * channels
        addColumns(UnsafePointer(sums), into: target)
      }
    }
  }

  private func addColumns(_ sums: UnsafePointer<Float>, into line: UnsafeMutablePointer<UInt8>) {
    // Weights are integers, so that a sum is exact, and so is its half.
    let whole = Float(rows.denominator) * Float(columns.denominator)
    for column in 0..<columns.count {
      columns.withTaps(column) { first, weights in
        let pixels = sums + first * channels
        for channel in 0..<channels {
          var sum: Float = 0
          for tap in weights.indices { sum += pixels[tap * channels + channel] * weights[tap] }
          line[column * channels + channel] = UInt8(min(255, sum / whole + 0.5))
        }
      }
    }
  }
}
