import Compute

extension Conformance {
  private typealias Extent = (b: Int, h: Int, w: Int, c: Int, f: Int, size: Int)

  /// More tiles of 4 × 4 results in an image than are processed together.
  private static let manyTiles: Extent = (1, 22, 18, 16, 1, 3)

  private static func convolutions(_ size: Size) -> [Convolution] {
    let extents: [Extent] =
      switch size {
      case .selfCheck:
        [(2, 7, 11, 3, 5, 3), (1, 3, 18, 33, 34, 2), (2, 6, 11, 17, 33, 3), manyTiles]
      case .full:
        // Outputs of 1, 7, 8, 9, 15, 16 and 17 columns, channels around 32 and 64.
        [
          (1, 1, 1, 1, 1, 1), (1, 3, 3, 1, 1, 3), (5, 5, 5, 3, 3, 5), (2, 5, 4, 3, 1, 2),
          (1, 2, 9, 1, 3, 2), (2, 6, 7, 1, 31, 1), (1, 4, 9, 64, 63, 1), (1, 9, 10, 3, 32, 3),
          (2, 4, 9, 31, 33, 2), (1, 10, 9, 32, 31, 3), (1, 5, 11, 33, 32, 3), (2, 8, 17, 3, 33, 3),
          (1, 7, 18, 1, 64, 3), (1, 6, 19, 64, 1, 3), (5, 7, 8, 1, 3, 5), (1, 8, 20, 31, 3, 5),
          (1, 9, 16, 1, 65, 2), (2, 7, 6, 64, 33, 3), (5, 10, 3, 32, 64, 3),
          // Tiles of 4 × 4 results: one, full ones, many images, channel counts around the vector width.
          (1, 6, 6, 16, 32, 3), (1, 10, 14, 64, 48, 3), (9, 26, 26, 16, 1, 3),
          (2, 11, 13, 24, 20, 3), (2, 15, 14, 33, 65, 3),
        ]
      }
    return extents.map(convolution) + general(size)
  }

  /// Strides, padding, and non-square kernels.
  private static func general(_ size: Size) -> [Convolution] {
    func square(
      _ extent: Extent, stride: Int = 1, padding: Int = 0
    ) -> Convolution {
      Convolution(
        batch: extent.b, height: extent.h, width: extent.w, inputChannels: extent.c,
        outputChannels: extent.f, size: extent.size, stride: stride, padding: padding)
    }
    let mixed = Convolution(
      batch: 2, height: 9, width: 7, inputChannels: 3, outputChannels: 5,
      rows: Window(4, stride: 3, before: 2, after: 1), columns: Window(2, before: 0, after: 1))
    let few = [
      square((2, 8, 7, 3, 5, 4), stride: 2, padding: 1),
      square((1, 9, 10, 16, 20, 3), padding: 1), mixed,
      // Enough channels for GPUs to compute tiles of 4 × 4 results.
      square((1, 5, 6, 44, 40, 3)),
      square((1, 7, 8, 4, 3, 2), stride: 3),
    ]
    guard size == .full else { return few }
    return few + [
      square((3, 12, 11, 17, 33, 5), padding: 2), square((1, 10, 10, 16, 16, 3), padding: 2),
      square((2, 9, 9, 32, 40, 1), stride: 2), square((1, 5, 5, 1, 1, 5), stride: 2, padding: 4),
      square((9, 8, 8, 8, 34, 3), stride: 2, padding: 1), square((2, 3, 3, 2, 2, 2), padding: 1),
      square((1, 31, 33, 3, 16, 4), stride: 4), square((2, 6, 6, 33, 1, 3), stride: 5, padding: 2),
      Convolution(
        batch: 2, height: 1, width: 40, inputChannels: 4, outputChannels: 8, rows: Window(1),
        columns: Window(9, stride: 2, padding: 4)),
    ]
  }

  private static func convolution(_ extent: Extent) -> Convolution {
    Convolution(
      batch: extent.b, height: extent.h, width: extent.w, inputChannels: extent.c,
      outputChannels: extent.f, size: extent.size)
  }

  /// For every variant: more pixels, or more kernel elements, than the largest tile has rows;
  /// channels that are multiples of four and others; one for simulated devices, which are slow.
  private static let variantShapes: [Convolution] = [
    (1, 12, 13, 4, 68, 2), (1, 12, 13, 3, 67, 2), (1, 5, 6, 36, 68, 2), (1, 5, 6, 33, 67, 2),
    (1, 5, 6, 4, 8, 2),
  ].map(convolution)

  /// The layers of a network for MNIST.
  private static let layers = [
    Convolution(batch: 2, height: 28, width: 28, inputChannels: 1, outputChannels: 32),
    Convolution(batch: 2, height: 26, width: 26, inputChannels: 32, outputChannels: 64),
  ]

  private static func isPoolable(_ shape: Convolution) -> Bool {
    shape.outputHeight >= 2 && shape.outputWidth >= 2
  }

  static func conv2dCases(_ size: Size) -> [ConformanceCase] {
    forwardCases(size, .conv2d, convolutions(size), layers)
  }

  static func conv2dMaxPoolCases(_ size: Size) -> [ConformanceCase] {
    forwardCases(size, .conv2dMaxPool, convolutions(size).filter(isPoolable), [layers[1]])
  }

  /// Ragged shapes with the combinations of options, layers as networks use them.
  private static func forwardCases(
    _ size: Size, _ operation: OperationGroup, _ shapes: [Convolution], _ layers: [Convolution]
  ) -> [ConformanceCase] {
    var options: [(UnaryFunction, bias: Bool)] = [(.identity, false), (.relu, true)]
    if size == .full { options += [(.identity, true), (.relu, false)] }
    let ragged = shapes.flatMap { shape in
      options.map { forwardCase(operation, shape, $0, bias: $1) }
    }
    let smooth = forwardCase(operation, shapes[shapes.count / 2], .softplus, bias: true)
    let others =
      switch size {
      case .selfCheck:
        variantShapes.map {
          forwardCase(operation, $0, .relu, bias: true, coversVariants: true)
        }
      case .full: layers.map { forwardCase(operation, $0, .relu, bias: true) }
      }
    return ragged + [smooth] + others
  }

  private static func forwardCase(
    _ operation: OperationGroup, _ shape: Convolution, _ activation: UnaryFunction,
    bias hasBias: Bool, coversVariants: Bool = false
  ) -> ConformanceCase {
    var shape = shape
    shape.activation = activation
    let label =
      shape.label + (hasBias ? " + bias" : "")
      + (activation != .identity).note("\(activation)")
    return ConformanceCase(operation, label, coversVariants: coversVariants) { [shape] bench in
      let isPooled = operation == .conv2dMaxPool
      let values = bench.random.floats(shape.inputCount)
      let kernels = bench.random.floats(shape.weightCount)
      let biases = hasBias ? bench.random.floats(shape.outputChannels) : nil
      let (x, weights) = (try bench.input(values), try bench.input(kernels))
      let bias = try biases.map { try bench.input($0) }
      let y = try bench.output(isPooled ? shape.pooling.outputCount : shape.outputCount)
      try bench.run { device in
        if isPooled {
          try device.conv2dMaxPool(
            shape, x.buffer, weights: weights.buffer, bias: bias?.buffer, into: y.buffer)
        } else {
          try device.conv2d(
            shape, x.buffer, weights: weights.buffer, bias: bias?.buffer, into: y.buffer)
        }
      }
      let convolved = Oracle.conv2d(shape, values, weights: kernels, bias: biases)
      let length = shape.taps * shape.inputChannels + 1
      let isArithmetic = activation == .identity || activation == .relu
      bench.expect(
        y, isPooled ? Oracle.pool(shape.pooling, convolved) : convolved,
        within: isArithmetic ? .arithmetic(length) : .transcendental(length))
    }
  }

  static func conv2dInputGradientCases(_ size: Size) -> [ConformanceCase] {
    gradientCases(size, .conv2dInputGradient) { shape, accumulate, bench in
      let kernels = bench.random.floats(shape.weightCount)
      let gradients = bench.random.floats(shape.outputCount)
      let old = accumulate ? bench.random.floats(shape.inputCount) : nil
      let (weights, dy) = (try bench.input(kernels), try bench.input(gradients))
      let dx = try bench.output(shape.inputCount, old: old)
      try bench.run {
        try $0.conv2dInputGradient(
          shape, weights: weights.buffer, outputGradient: dy.buffer, into: dx.buffer,
          accumulate: accumulate)
      }
      let expected = Oracle.conv2dInputGradient(
        shape, weights: kernels, outputGradient: gradients, old: old)
      let length = shape.taps * shape.outputChannels + 1
      bench.expect(dx, expected, within: .arithmetic(length))
    }
  }

  static func conv2dWeightGradientCases(_ size: Size) -> [ConformanceCase] {
    gradientCases(size, .conv2dWeightGradient) { shape, accumulate, bench in
      let values = bench.random.floats(shape.inputCount)
      let gradients = bench.random.floats(shape.outputCount)
      let old = accumulate ? bench.random.floats(shape.weightCount) : nil
      let (x, dy) = (try bench.input(values), try bench.input(gradients))
      let dw = try bench.output(shape.weightCount, old: old)
      try bench.run {
        try $0.conv2dWeightGradient(
          shape, x.buffer, outputGradient: dy.buffer, into: dw.buffer, accumulate: accumulate)
      }
      let expected = Oracle.conv2dWeightGradient(
        shape, values, outputGradient: gradients, old: old)
      let length = shape.batch * shape.outputHeight * shape.outputWidth + 1
      // By tiles a tap is a cancelling sum of 36 numbers, each of them a product of two such sums.
      bench.expect(
        dw, expected,
        within: shape.paysInTiles
          ? Tolerance(roundings: 36, length: length) : .arithmetic(length))
    }
  }

  private static func gradientCases(
    _ size: Size, _ operation: OperationGroup,
    _ body: @escaping @Sendable (Convolution, _ accumulate: Bool, Workbench) throws -> Void
  ) -> [ConformanceCase] {
    func item(_ shape: Convolution, _ accumulate: Bool, coversVariants: Bool = false)
      -> ConformanceCase
    {
      var shape = shape
      shape.activation = .relu  // Gradients ignore it.
      return ConformanceCase(
        operation, shape.label + accumulate.note("accumulate"), coversVariants: coversVariants
      ) { [shape] bench in try body(shape, accumulate, bench) }
    }
    let ragged = convolutions(size).flatMap { [item($0, false), item($0, true)] }
    switch size {
    case .selfCheck: return ragged + variantShapes.map { item($0, true, coversVariants: true) }
    case .full: return ragged + layers.map { item($0, false) }
    }
  }
}

extension Convolution {
  fileprivate var label: String {
    let extent = "\(batch)×\(height)×\(width)×\(inputChannels)"
    let isPlain = rows.isPlain && columns.isPlain
    return "\(extent) ⋆ \(rows.size)×\(columns.size)×\(outputChannels)"
      + (isPlain ? "" : " by \(rows.label)×\(columns.label)")
  }
}

extension Window {
  /// The stride and the padding, as in `2(1,0)`.
  var label: String { "\(stride)(\(before),\(after))" }
}
