import Compute

extension Oracle {
  /// `y = scale · (Σ, max or min)`, added to the old `y` if there is one.
  package static func reduce(_ reduction: Reduction, _ x: [Float], old y: [Float]?) -> [Measured] {
    (0..<reduction.resultCount).map { i in
      let line = (0..<reduction.length).map { position in
        let before = i / reduction.inner * reduction.length + position
        return Measured(x[before * reduction.inner + i % reduction.inner])
      }
      let combined =
        switch reduction.function {
        case .sum: line.reduce(.zero, +)
        case .maximum: line.first { $0.value.isNaN } ?? line.max { $0.value < $1.value } ?? .zero
        case .minimum: line.first { $0.value.isNaN } ?? line.min { $0.value < $1.value } ?? .zero
        }
      let result = Double(reduction.scale) * combined
      return y.map { Measured($0[i]) + result } ?? result
    }
  }

  /// `scale · rows[indices[r], :]`, NaN where the index is out of range.
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

  /// `rows[indices[r], :]`, −1 where the index is out of range.
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
