import Compute

extension Conformance {
  static func gatherCases(_ size: Size) -> [ConformanceCase] {
    let extents: [(rows: Int, width: Int, batch: Int)] =
      switch size {
      case .selfCheck: [(11, 13, 5)]
      case .full:
        [
          (1, 1, 1), (3, 1, 65), (5, 7, 9), (10, 15, 17), (17, 16, 31), (33, 63, 33), (65, 257, 3),
          (1000, 784, 128),
        ]
      }
    return extents.flatMap { rows, width, batch in
      [(Float(1) / 255, 0, false), (1, 3, true)].flatMap { scale, first, isBad in
        // Labels have few columns.
        let gather = Gather(width: width, first: first, scale: scale)
        return (width > 300 ? [ElementType.float32] : [.float32, .int32]).map { type in
          gatherCase(rows: rows, batch: batch, gather, into: type, isBad: isBad)
        } + [vectorCase(rows: rows, batch: batch, gather, isBad: isBad)]
      }
    }
  }

  private static func gatherCase(
    rows: Int, batch: Int, _ gather: Gather, into type: ElementType, isBad: Bool
  ) -> ConformanceCase {
    let (width, first) = (gather.width, gather.first)
    let label =
      "\(batch) from \(first) of \(rows)×\(width) × \(gather.scale)"
      + (type == .int32).note("into int32") + isBad.note("bad indices")
    return ConformanceCase(.gather, label) { bench in
      let values = bench.random.bytes(rows * width)
      let chosen = indices(bench, rows, batch, gather, isBad: isBad)
      let (bytes, indices) = (try bench.input(values), try bench.input(chosen))
      // Finite before, so that an unwritten row is not taken for a NaN.
      let y =
        type == .int32
        ? try bench.output(batch * width, .int32)
        : try bench.output(batch * width, old: [Float](repeating: -9, count: batch * width))
      try bench.run {
        try $0.gather(gather, bytes.buffer, at: indices.buffer, into: y.buffer)
      }
      let batchIndices = chosen[first..<first + batch]
      if type == .int32 {
        bench.expect(y, exactly: Oracle.gather(values, width: width, at: batchIndices))
      } else {
        let expected = Oracle.gather(values, width: width, at: batchIndices, scale: gather.scale)
        bench.expect(y, expected, within: .arithmetic())
      }
    }
  }

  /// Indices of a batch, some of them out of range if asked for.
  private static func indices(
    _ bench: Workbench, _ rows: Int, _ batch: Int, _ gather: Gather, isBad: Bool
  ) -> [Int32] {
    let first = gather.first
    var chosen = bench.random.integers(first + batch + 1, below: rows)
    chosen[first] = Int32(rows - 1)
    if isBad {
      let bad: [Int32] = [Int32(rows), -1, .max, .min]
      for (i, index) in Swift.zip(stride(from: first + batch - 1, through: first, by: -1), bad) {
        chosen[i] = index
      }
    }
    return chosen
  }

  private static func vectorCase(rows: Int, batch: Int, _ gather: Gather, isBad: Bool)
    -> ConformanceCase
  {
    let (width, first) = (gather.width, gather.first)
    let label =
      "\(batch) from \(first) of \(rows)×\(width) × \(gather.scale), float32"
      + isBad.note("bad indices")
    return ConformanceCase(.gather, label) { bench in
      let values = bench.random.floats(rows * width)
      let chosen = indices(bench, rows, batch, gather, isBad: isBad)
      let (table, indices) = (try bench.input(values), try bench.input(chosen))
      let y = try bench.output(batch * width, old: [Float](repeating: -9, count: batch * width))
      try bench.run { try $0.gather(gather, table.buffer, at: indices.buffer, into: y.buffer) }
      let expected = chosen[first..<first + batch].flatMap { index in
        (0..<width).map { column in
          (0..<rows).contains(Int(index))
            ? Double(gather.scale) * Measured(values[Int(index) * width + column])
            : Measured(Double.nan)
        }
      }
      bench.expect(y, expected, within: .arithmetic())
    }
  }

  static func gatherGradientCases(_ size: Size) -> [ConformanceCase] {
    let extents: [(rows: Int, width: Int, batch: Int)] =
      size == .selfCheck
      ? [(5, 13, 11)] : [(1, 1, 1), (3, 1, 65), (65, 257, 3), (33, 17, 130), (100, 64, 1009)]
    return extents.flatMap { rows, width, batch in
      [(Float(0.5), 0, false), (1, 3, true)].flatMap { scale, first, isBad in
        [false, true].map { accumulate in
          let label =
            "\(batch) from \(first) of \(rows)×\(width) × \(scale)" + isBad.note("bad indices")
            + accumulate.note("accumulate")
          return ConformanceCase(.gatherGradient, label) { bench in
            let gather = Gather(width: width, first: first, scale: scale)
            let gradients = bench.random.floats(batch * width)
            let old = accumulate ? bench.random.floats(rows * width) : nil
            let chosen = indices(bench, rows, batch, gather, isBad: isBad)
            let (dy, indices) = (try bench.input(gradients), try bench.input(chosen))
            let dTable = try bench.output(rows * width, old: old)
            try bench.run {
              try $0.gatherGradient(
                gather, at: indices.buffer, outputGradient: dy.buffer, into: dTable.buffer,
                accumulate: accumulate)
            }
            var expected = (old ?? [Float](repeating: 0, count: rows * width)).map { Measured($0) }
            for r in 0..<batch where (0..<rows).contains(Int(chosen[first + r])) {
              for column in 0..<width {
                expected[Int(chosen[first + r]) * width + column] +=
                  Double(scale) * Measured(gradients[r * width + column])
              }
            }
            bench.expect(dTable, expected, within: .arithmetic(batch))
          }
        }
      }
    }
  }
}
