import Compute

extension Conv2DOperation: OpenCLOperation {
  /// The convolution with bias and activation in the same launch.
  public func run(on device: OpenCLDevice) throws(DeviceError) {
    guard shape.activation.isEpilogue else {
      try device.conv2d(shape.linear, x, weights: weights, bias: bias, into: y)
      return try device.map(shape.activation, y, into: y)
    }
    try device.convolve(shape, x, weights: weights, bias: bias, into: y, pooled: false)
  }
}

extension Conv2DMaxPoolOperation: OpenCLOperation {
  /// The convolution and its maxima in one launch, with no intermediate result.
  public func run(on device: OpenCLDevice) throws(DeviceError) {
    guard shape.activation.isEpilogue else { return try compose(on: device) }
    try device.convolve(shape, x, weights: weights, bias: bias, into: y, pooled: true)
  }
}

extension Conv2DInputGradientOperation: OpenCLOperation {
  /// The input's gradient: each pixel gathers its contributions.
  public func run(on device: OpenCLDevice) throws(DeviceError) {
    if shape.gradientPaysInTiles && device.takesTiles("input gradient", shape) {
      return try device.convolveByTiles(
        shape.transposed, outputGradient, weights: weights, bias: nil, into: xGradient,
        transposed: true, accumulate: accumulate)
    }
    switch device.tuning.family {
    case .gpu:
      let count = shape.batch * shape.height * shape.width
      try device.withTiling(
        "conv2d", "conv2d_input_gradient", rows: count, columns: shape.inputChannels,
        depth: shape.weightCount / shape.inputChannels
      ) { tiling throws(DeviceError) in
        try device.launch(
          "conv2d", "conv2d_input_gradient", tiling,
          [
            .buffer(outputGradient), .buffer(weights), .buffer(xGradient), .int(count),
            .int(shape.height), .int(shape.width), .int(shape.inputChannels),
            .int(shape.outputChannels), shape.kernelSize, shape.strides,
            .pair(shape.rows.before, shape.columns.before), shape.outputExtent,
            .flag(accumulate),
          ])
      }
    case .cpu:
      if shape.leavesGaps && !accumulate { try device.fill(xGradient, with: 0) }
      for (rows, columns) in shape.inputGradientSweeps {
        try device.convolve(
          shape, rows, columns, outputGradient, weights: weights, bias: nil, into: xGradient,
          activation: .identity, transposed: true, accumulate: accumulate)
      }
    }
  }
}

extension Conv2DWeightGradientOperation: OpenCLOperation {
  /// The weights' gradient: sums over parts of the pixels, which are then added in order.
  public func run(on device: OpenCLDevice) throws(DeviceError) {
    if device.tuning.family == .gpu && shape.paysInTiles
      && device.takesTiles("weight gradient", shape)
    {
      return try device.weightGradientByProducts(
        shape, x, outputGradient: outputGradient, into: weightsGradient, accumulate: accumulate)
    }
    let (x, shape) = try device.margined(x, shape)
    func add(_ partial: Buffer, _ parts: Int) throws(DeviceError) {
      try device.reduce(
        Reduction(.sum, .perColumn, Rows(parts, shape.weightCount), accumulate: accumulate),
        partial, into: weightsGradient)
    }
    switch device.tuning.family {
    case .gpu:
      let pixels = shape.outputCount / shape.outputChannels
      try device.withTiling(
        "conv2d", "conv2d_weight_gradient", rows: shape.weightCount / shape.outputChannels,
        columns: shape.outputChannels, depth: pixels, longestPart: device.tuning.longestSum
      ) { tiling throws(DeviceError) in
        let partial = try device.makeBuffer(
          count: tiling.parts * shape.weightCount, type: .float32)
        try device.launch(
          "conv2d", "conv2d_weight_gradient", tiling,
          [.buffer(x), .buffer(outputGradient), .buffer(partial), .int(shape.batch)]
            + shape.extent + [.int(tiling.part)])
        try add(partial, tiling.parts)
      }
    case .cpu where shape.paysInTiles && device.takesTiles("weight gradient", shape):
      let images = quotient(shape.batch, 8 * device.description.computeUnits)
      let parts = quotient(shape.batch, images)
      let partial = try device.makeBuffer(count: parts * shape.weightCount, type: .float32)
      try device.sumWeightGradientsByTiles(
        shape, x, outputGradient: outputGradient, into: partial, parts: parts, images: images)
      try add(partial, parts)
    case .cpu:
      let images = quotient(shape.batch, 64)
      let parts = quotient(shape.batch, images)
      let partial = try device.makeBuffer(count: parts * shape.weightCount, type: .float32)
      let pixels = min(device.tuning.panelDepth, shape.outputHeight * shape.outputWidth)
      let columns = device.tuning.registerTile.columns
      try device.launch(
        "conv2d_cpu", "conv2d_weight_gradient",
        [.buffer(x), .buffer(outputGradient), .buffer(partial), .int(shape.batch)]
          + shape.extent + [.int(images), .int(pixels), .local(pixels * columns * 4)],
        groups: [quotient(shape.outputChannels, columns), parts], local: [1, 1],
        defines: device.tuning.tileDefine)
      try add(partial, parts)
    }
  }
}

extension OpenCLDevice {
  /// Whether a convolution that may be computed in tiles is.
  fileprivate func takesTiles(_ name: String, _ shape: Convolution) -> Bool {
    let label = "\(shape.batch)x\(shape.height)x\(shape.width)x\(shape.inputChannels)"
    return decisions.way(
      "conv2d \(name) \(label) to \(shape.outputChannels)",
      tuning.takesTiles(shape) ? ConvolutionWay.inTiles : .directly
    ) { ConvolutionWay.allCases } == .inTiles
  }

  fileprivate func convolve(
    _ shape: Convolution, _ x: Buffer, weights: Buffer, bias: Buffer?, into y: Buffer,
    pooled: Bool
  ) throws(DeviceError) {
    if shape.paysInTiles && takesTiles("forward", shape) {
      return try convolveByTiles(
        shape, x, weights: weights, bias: bias, into: y, pooled: pooled)
    }
    switch tuning.family {
    case .gpu:
      let (x, shape) = try margined(x, shape)
      let count = y.count / shape.outputChannels
      // Each window is four rows.
      try withTiling(
        "conv2d", "conv2d_forward", rows: pooled ? 4 * count : count,
        columns: shape.outputChannels, depth: shape.weightCount / shape.outputChannels
      ) { tiling throws(DeviceError) in
        try launch(
          "conv2d", "conv2d_forward", tiling,
          [.buffer(x), .buffer(weights), .optional(bias), .buffer(y), .int(count)] + shape.extent
            + [shape.activation.epilogue, .flag(pooled)])
      }
    case .cpu:
      try convolve(
        shape, Sweep(shape.rows, over: shape.height), Sweep(shape.columns, over: shape.width), x,
        weights: weights, bias: bias, into: y, activation: shape.activation, pooled: pooled)
    }
  }

  /// Padded images, and the convolution of those.
  fileprivate func margined(_ x: Buffer, _ shape: Convolution) throws(DeviceError) -> (
    Buffer, Convolution
  ) {
    if shape.isInside { return (x, shape) }
    let (rows, columns) = (shape.rows, shape.columns)
    let whole = Convolution(
      batch: shape.batch, height: shape.height + rows.before + rows.after,
      width: shape.width + columns.before + columns.after, inputChannels: shape.inputChannels,
      outputChannels: shape.outputChannels, rows: Window(rows.size, stride: rows.stride),
      columns: Window(columns.size, stride: columns.stride), activation: shape.activation)
    let image = Shape([shape.batch, shape.height, shape.width, shape.inputChannels])
    let target = image.replacing(1, with: whole.height).replacing(2, with: whole.width).strides
    let margined = try makeBuffer(count: whole.inputCount, type: .float32)
    try fill(margined, with: 0)
    try stridedCopy(
      image, x, from: Layout(image), into: margined,
      at: Layout(offset: rows.before * target[1] + columns.before * target[2], strides: target))
    return (margined, whole)
  }

  /// Enqueues a convolution of the CPU family: blocks of results long enough that the weights of a panel of
  /// channels are read from cache.
  ///
  /// - Parameters:
  ///   - shape: The layer.
  ///   - rows: The sweep over its height; `columns` over its width.
  ///   - transposed: Whether it is the gradient of the layer's input.
  fileprivate func convolve(
    _ shape: Convolution, _ rows: Sweep, _ columns: Sweep, _ x: Buffer, weights: Buffer,
    bias: Buffer?, into y: Buffer, activation: UnaryFunction, transposed: Bool = false,
    accumulate: Bool = false, pooled: Bool = false
  ) throws(DeviceError) {
    let (inputs, outputs) = (shape.inputChannels, shape.outputChannels)
    let (channels, filters) = transposed ? (outputs, inputs) : (inputs, outputs)
    let tile = tuning.registerTile
    let panels = quotient(filters, tile.columns)
    let taps = rows.taps * columns.taps
    let packed = try makeBuffer(
      count: (panels * taps * tile.columns + 1) * channels, type: .float32)
    try launch(
      "conv2d_cpu", "conv2d_pack",
      [
        .buffer(weights), .buffer(packed), .int(shape.columns.size),
        .pair(rows.firstTap, columns.firstTap), .pair(rows.tapStep, columns.tapStep),
        .pair(rows.taps, columns.taps), .int(inputs), .int(outputs), .flag(transposed),
      ], groups: [panels, taps], local: [1, 1], defines: tuning.tileDefine)

    let results =
      pooled ? y.count / filters : shape.batch * rows.count * columns.count
    let step = pooled ? tile.rows / 4 : tile.rows
    var tiles = 64
    while tiles > 4 && panels * quotient(results, tiles * step) < 8 * description.computeUnits {
      tiles /= 2
    }
    let isPadded = !(rows.isInside && columns.isInside)
    let isScattered = rows.targetStep > 1 || columns.targetStep > 1
    try launch(
      "conv2d_cpu",
      isScattered
        ? "conv2d_scattered" : "conv2d" + (isPadded ? "_padded" : "") + (pooled ? "_max_pool" : ""),
      [
        .buffer(x), .buffer(packed), .optional(bias), .buffer(y), .int(results), rows.argument,
        columns.argument, .int(channels), .int(filters), activation.epilogue, .flag(accumulate),
        .int(tiles * step),
      ], groups: [panels, quotient(results, tiles * step)], local: [1, 1],
      defines: tuning.tileDefine)
  }
}

extension Sweep {
  /// As an argument of `conv2d_cpu.cl`.
  fileprivate var argument: Argument {
    .int8(
      SIMD8(
        Int32(count), Int32(start), Int32(step), Int32(taps), Int32(target), Int32(targetStep),
        Int32(extent), Int32(targetExtent)))
  }
}

extension Convolution {
  fileprivate var kernelSize: Argument { .pair(rows.size, columns.size) }
  fileprivate var strides: Argument { .pair(rows.stride, columns.stride) }
  fileprivate var outputExtent: Argument { .pair(outputHeight, outputWidth) }

  /// The arguments of kernels that read padded images.
  fileprivate var extent: [Argument] {
    [
      .int(height), .int(width), .int(inputChannels), .int(outputChannels), kernelSize, strides,
      outputExtent,
    ]
  }
}

/// How a convolution is computed.
private enum ConvolutionWay: String, CaseIterable, CustomStringConvertible {
  /// In tiles of 4 × 4 results, with a quarter of the multiplications.
  case inTiles = "in tiles of 4 × 4"
  /// As products of the patches.
  case directly

  var description: String { rawValue }
}
