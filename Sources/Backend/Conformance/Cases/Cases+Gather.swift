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
        // Labels are narrow.
        (width > 300 ? [ElementType.float32] : [.float32, .int32]).map { type in
          gatherCase(
            rows: rows, batch: batch, Gather(width: width, first: first, scale: scale), into: type,
            isBad: isBad)
        }
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
      var chosen = bench.random.integers(first + batch + 1, below: rows)
      chosen[first] = Int32(rows - 1)
      if isBad {
        let bad: [Int32] = [Int32(rows), -1, .max, .min]
        for (i, index) in Swift.zip(stride(from: first + batch - 1, through: first, by: -1), bad) {
          chosen[i] = index
        }
      }
      let (bytes, indices) = (try bench.input(values), try bench.input(chosen))
      // Finite before, so that a row left as it was is not taken for a NaN.
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
}
