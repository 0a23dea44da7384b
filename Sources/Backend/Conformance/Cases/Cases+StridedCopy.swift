import Compute

extension Conformance {
  private typealias Copy = (label: String, shape: Shape, source: Layout, target: Layout)

  /// Transpositions, slices, padding, repetitions and reversals.
  private static func copies(_ size: Size) -> [Copy] {
    let matrices: [Rows] =
      size == .selfCheck
      ? [Rows(3, 37), Rows(301, 5)]
      : [Rows(1, 1), Rows(2, 3), Rows(16, 17), Rows(33, 64), Rows(1031, 5), Rows(128, 784)]
    let turned = matrices.map { m in
      (
        "\(m.label) transposed", Shape([m.columns, m.rows]), Layout(strides: [1, m.columns]),
        Layout(strides: [m.rows, 1])
      )
    }
    let shape: Shape = size == .selfCheck ? [2, 3, 2, 5, 7] : [3, 4, 5, 6, 17]
    let strides = shape.strides
    let inside = Shape([2, 2, 1, 4, 5])
    let longer = shape.replacing(-1, with: shape[-1] + 9)
    return turned + [
      (
        "\(shape) reversed", Shape(shape.extents.reversed()), Layout(strides: strides.reversed()),
        Layout(Shape(shape.extents.reversed()))
      ),
      (
        "\(inside) of \(shape)", inside, Layout(offset: strides[3] + 2, strides: strides),
        Layout(inside)
      ),
      (
        "\(inside) into \(shape)", inside, Layout(inside),
        Layout(offset: strides[2] + 1, strides: strides)
      ),
      (
        "every second of \(shape)", [shape[0], shape[4] / 2],
        Layout(strides: [strides[0], 2]), Layout(strides: [shape[4] / 2, 1])
      ),
      (
        "\(shape) into rows that are longer", shape, Layout(shape),
        Layout(offset: 4, strides: longer.strides)
      ),
      (
        "\(shape) flipped", shape,
        Layout(offset: shape.count - 1, strides: strides.map { -$0 }), Layout(shape)
      ),
      ("one number into 1009", [1009], Layout(offset: 2, strides: [0]), Layout(strides: [1])),
      ("a row into 33×31", [33, 31], Layout(strides: [0, 1]), Layout([33, 31])),
      ("a column into 33×31", [33, 31], Layout(strides: [1, 0]), Layout([33, 31])),
      ("20000 in a row", [20_000], Layout(strides: [1]), Layout(offset: 1, strides: [1])),
    ]
  }

  static func stridedCopyCases(_ size: Size) -> [ConformanceCase] {
    copies(size).flatMap { copy in
      [false, true].map { accumulate in
        let label = copy.label + accumulate.note("accumulate")
        return ConformanceCase(.stridedCopy, label) { bench in
          let values = bench.random.floats(copy.source.room(for: copy.shape) + 3)
          let old = bench.random.floats(copy.target.room(for: copy.shape) + 3)
          let x = try bench.input(values)
          let y = try bench.output(old.count, old: old)
          try bench.run {
            try $0.stridedCopy(
              copy.shape, x.buffer, from: copy.source, into: y.buffer, at: copy.target,
              accumulate: accumulate)
          }
          let expected = Oracle.stridedCopy(
            copy.shape, values, from: copy.source, into: old, at: copy.target,
            accumulate: accumulate)
          if accumulate {
            bench.expect(y, expected, within: .arithmetic())
          } else {
            bench.expect(y, exactly: expected.map { Float($0.value) })
          }
        }
      }
    } + [integers]
  }

  /// Bits that are NaN as floats must arrive unchanged.
  private static var integers: ConformanceCase {
    ConformanceCase(.stridedCopy, "int32 5×7 transposed") { bench in
      let values = (0..<35).map { Int32(bitPattern: 0x7F80_0001 &+ UInt32($0) &* 0x0101_0101) }
      let (x, y) = (try bench.input(values), try bench.output(35, .int32))
      try bench.run { try $0.permute(x.buffer, [5, 7], axes: [1, 0], into: y.buffer) }
      bench.expect(y, exactly: (0..<35).map { values[$0 % 5 * 7 + $0 / 5] })
    }
  }

  static func broadcastCases(_ size: Size) -> [ConformanceCase] {
    let few: [(Shape, Shape)] = [
      ([5, 37], [37]), ([37], [5, 37]), ([5, 37], [5, 1]), ([301], []), ([2, 1, 5], [3, 1]),
      ([3, 1, 2, 1, 3], [4, 1, 5, 1]),
    ]
    let many: [(Shape, Shape)] = [
      ([1], [1]), ([1], [7]), ([16, 17], [1, 17]), ([16, 17], [16, 1]), ([1, 17], [16, 1]),
      ([128, 784], [784]), ([128, 784], [128, 1]), ([2, 3, 4, 5, 6], [3, 1, 5, 1]),
      ([2, 33, 1], [2, 1, 31]), ([1031, 3], [3]), ([3], [1031, 3]), ([9, 8, 3], [9, 1, 1]),
      ([5000], [1]), ([], [5000]), ([2, 3000], [2, 1]), ([2, 1], [3000]),
    ]
    return BinaryFunction.allCases.flatMap { function in
      (size == .full ? few + many : few).map { aShape, bShape in
        ConformanceCase(.broadcast, "\(function) of \(aShape) and \(bShape)") { bench in
          let left = bench.random.floats(aShape.count, special: [0.5, .nan, 0])
          let right = bench.random.floats(bShape.count, special: [0.5, -0.0])
          let shape = aShape.broadcast(with: bShape)
          let (a, b) = (try bench.input(left), try bench.input(right))
          let c = try bench.output(shape.count)
          try bench.run {
            try $0.zip(function, a.buffer, aShape, b.buffer, bShape, into: c.buffer)
          }
          let expected = Oracle.zip(
            function, Oracle.broadcast(left, aShape, to: shape),
            Oracle.broadcast(right, bShape, to: shape))
          bench.expect(
            c, expected, within: function == .divide ? .transcendental() : .arithmetic())
        }
      }
    }
  }

  static func selectCases(_ size: Size) -> [ConformanceCase] {
    counts(size).flatMap { count in
      [false, true].map { inPlace in
        ConformanceCase(.select, "of \(count)" + inPlace.note("in place")) { bench in
          let condition = bench.random.floats(count, special: [0, -0.0, .nan, 1, .infinity]).map {
            abs($0) < 0.5 ? 0 : $0
          }
          // Unselected elements must have no effect.
          let left = condition.map { $0 != 0 ? Float(1.5) : .nan }
          let right = condition.indices.map { condition[$0] != 0 ? Float.infinity : Float($0) }
          let (c, a) = (try bench.input(condition), try bench.input(left))
          let b = inPlace ? try bench.updated(right) : try bench.input(right)
          let y = inPlace ? b : try bench.output(count)
          try bench.run { try $0.select(c.buffer, a.buffer, b.buffer, into: y.buffer) }
          bench.expect(y, exactly: Oracle.select(condition, left, right))
        }
      }
    }
  }

  static func clampCases(_ size: Size) -> [ConformanceCase] {
    counts(size).flatMap { count in
      [-1...0.5, 0...0, -.infinity...2].map { (limits: ClosedRange<Float>) in
        ConformanceCase(.clamp, "\(limits) of \(count)") { bench in
          let values = bench.random.floats(
            count, in: -3...3, special: [.nan, .infinity, -.infinity, -1, 0.5])
          let (x, y) = (try bench.input(values), try bench.output(count))
          try bench.run { try $0.clamp(x.buffer, limits, into: y.buffer) }
          bench.expect(y, Oracle.clamp(values, limits), within: .arithmetic())
        }
      }
    }
  }
}

extension Layout {
  /// The elements up to the last that indices of `shape` reach.
  fileprivate func room(for shape: Shape) -> Int {
    offset + 1
      + Swift.zip(shape.extents, strides).reduce(0) { $0 + max(0, ($1.0 - 1) * $1.1) }
  }
}
