import Compute

extension Oracle {
  /// `y = scale · (Σ or max)`, added to the old `y` where there is one.
  package static func reduce(_ reduction: Reduction, _ x: [Float], old y: [Float]?) -> [Measured] {
    let (rows, columns) = (reduction.shape.rows, reduction.shape.columns)
    let lines: [[Measured]] =
      switch reduction.direction {
      case .perRow:
        (0..<rows).map { r in (0..<columns).map { Measured(x[r * columns + $0]) } }
      case .perColumn:
        (0..<columns).map { c in (0..<rows).map { Measured(x[$0 * columns + c]) } }
      }
    return lines.indices.map { i in
      let line = lines[i]
      let combined =
        switch reduction.function {
        case .sum: line.reduce(.zero, +)
        case .maximum: line.max { $0.value < $1.value } ?? .zero
        }
      let result = Double(reduction.scale) * combined
      return y.map { Measured($0[i]) + result } ?? result
    }
  }

  /// `scale · rows[indices[r], :]`, NaN where the index lies outside.
  package static func gather(
    _ bytes: [UInt8], width: Int, at indices: ArraySlice<Int32>, scale: Float
  ) -> [Measured] {
    indices.flatMap { index in
      (0..<width).map { column in
        (0..<bytes.count / width).contains(Int(index))
          ? Measured(Double(scale) * Double(bytes[Int(index) * width + column]))
          : Measured(Double.nan)
      }
    }
  }

  /// `rows[indices[r], :]`, −1 where the index lies outside.
  package static func gather(
    _ bytes: [UInt8], width: Int, at indices: ArraySlice<Int32>
  ) -> [Int32] {
    indices.flatMap { index in
      (0..<width).map { column in
        (0..<bytes.count / width).contains(Int(index))
          ? Int32(bytes[Int(index) * width + column]) : -1
      }
    }
  }
}
