import Compute

extension Conv2DOperation: OpenCLOperation {
  /// The convolution with bias and function in the same launch.
  public func run(on device: OpenCLDevice) throws(DeviceError) {
    guard shape.activation.isEpilogue else {
      try device.conv2d(shape.linear, x, weights: weights, bias: bias, into: y)
      return try device.map(shape.activation, y, into: y)
    }
    try device.convolve(shape, x, weights: weights, bias: bias, into: y, pooled: false)
  }
}

extension Conv2DMaxPoolOperation: OpenCLOperation {
  /// The convolution and its maxima in one launch, with nothing stored between.
  public func run(on device: OpenCLDevice) throws(DeviceError) {
    guard shape.activation.isEpilogue else { return try compose(on: device) }
    try device.convolve(shape, x, weights: weights, bias: bias, into: y, pooled: true)
  }
}

extension Conv2DInputGradientOperation: OpenCLOperation {
  /// The gradient in the input: each of its pixels gathers what it gave.
  public func run(on device: OpenCLDevice) throws(DeviceError) {
    let count = shape.batch * shape.height * shape.width
    switch device.tuning.family {
    case .gpu:
      try device.launch(
        "conv2d", "conv2d_input_gradient",
        device.tuning.tiling(
          rows: count, columns: shape.inputChannels,
          depth: shape.weightCount / shape.inputChannels),
        [.buffer(outputGradient), .buffer(weights), .buffer(xGradient), .int(count)]
          + shape.extent + [.flag(accumulate)])
    case .cpu where shape.transposed.paysInTiles:
      try device.convolveByTiles(
        shape.transposed, outputGradient, weights: weights, bias: nil, into: xGradient,
        transposed: true, accumulate: accumulate)
    case .cpu:
      let packed = try device.pack(shape, weights, transposed: true)
      try device.launchPanels(
        "conv2d_input_gradient", results: count, step: device.tuning.registerTile.rows,
        channels: shape.inputChannels,
        [
          .buffer(outputGradient), .buffer(packed), .buffer(xGradient), .int(count),
          .int(shape.outputHeight), .int(shape.outputWidth), .int(shape.outputChannels),
          .int(shape.inputChannels), .int(shape.size), .flag(accumulate),
        ])
    }
  }
}

extension Conv2DWeightGradientOperation: OpenCLOperation {
  /// The gradient in the weights: sums over parts of the pixels, which are then added in order.
  public func run(on device: OpenCLDevice) throws(DeviceError) {
    let parts: Int
    let partial: Buffer
    switch device.tuning.family {
    case .gpu:
      let pixels = shape.outputCount / shape.outputChannels
      let tiling = device.tuning.tiling(
        rows: shape.weightCount / shape.outputChannels, columns: shape.outputChannels,
        depth: pixels, longestPart: device.tuning.longestSum)
      parts = tiling.parts
      partial = try device.makeBuffer(count: parts * shape.weightCount, type: .float32)
      try device.launch(
        "conv2d", "conv2d_weight_gradient", tiling,
        [.buffer(x), .buffer(outputGradient), .buffer(partial), .int(shape.batch)]
          + shape.extent + [.int(tiling.part)])
    case .cpu where shape.paysInTiles:
      let images = quotient(shape.batch, 8 * device.description.computeUnits)
      parts = quotient(shape.batch, images)
      partial = try device.makeBuffer(count: parts * shape.weightCount, type: .float32)
      try device.sumWeightGradientsByTiles(
        shape, x, outputGradient: outputGradient, into: partial, parts: parts, images: images)
    case .cpu:
      let images = quotient(shape.batch, 64)
      parts = quotient(shape.batch, images)
      partial = try device.makeBuffer(count: parts * shape.weightCount, type: .float32)
      let pixels = min(device.tuning.panelDepth, shape.outputHeight * shape.outputWidth)
      let columns = device.tuning.registerTile.columns
      try device.launch(
        "conv2d_cpu", "conv2d_weight_gradient",
        [.buffer(x), .buffer(outputGradient), .buffer(partial), .int(shape.batch)]
          + shape.extent + [.int(images), .int(pixels), .local(pixels * columns * 4)],
        groups: [quotient(shape.outputChannels, columns), parts], local: [1, 1],
        defines: device.tuning.tileDefine)
    }
    try device.reduce(
      Reduction(.sum, .perColumn, Rows(parts, shape.weightCount), accumulate: accumulate),
      partial, into: weightsGradient)
  }
}

extension OpenCLDevice {
  fileprivate func convolve(
    _ shape: Convolution, _ x: Buffer, weights: Buffer, bias: Buffer?, into y: Buffer,
    pooled: Bool
  ) throws(DeviceError) {
    let count = y.count / shape.outputChannels
    switch tuning.family {
    case .gpu:
      // Each window is four rows.
      try launch(
        "conv2d", "conv2d_forward",
        tuning.tiling(
          rows: pooled ? 4 * count : count, columns: shape.outputChannels,
          depth: shape.weightCount / shape.outputChannels),
        [.buffer(x), .buffer(weights), .optional(bias), .buffer(y), .int(count)] + shape.extent
          + [shape.activation.epilogue, .flag(pooled)])
    case .cpu where shape.paysInTiles:
      try convolveByTiles(shape, x, weights: weights, bias: bias, into: y, pooled: pooled)
    case .cpu:
      let packed = try pack(shape, weights, transposed: false)
      try launchPanels(
        pooled ? "conv2d_max_pool" : "conv2d", results: count,
        step: pooled ? tuning.registerTile.rows / 4 : tuning.registerTile.rows,
        channels: shape.outputChannels,
        [.buffer(x), .buffer(packed), .optional(bias), .buffer(y), .int(count)] + shape.extent
          + [shape.activation.epilogue])
    }
  }

  /// The weights as the CPU family reads them, in panels of a register tile's columns.
  fileprivate func pack(_ shape: Convolution, _ weights: Buffer, transposed: Bool)
    throws(DeviceError) -> Buffer
  {
    let taps = shape.size * shape.size
    let columns = tuning.registerTile.columns
    let panels = quotient(transposed ? shape.inputChannels : shape.outputChannels, columns)
    let depth = transposed ? shape.outputChannels : shape.inputChannels
    let packed = try makeBuffer(count: (panels * taps * columns + 1) * depth, type: .float32)
    try launch(
      "conv2d_cpu", "conv2d_pack",
      [
        .buffer(weights), .buffer(packed), .int(shape.size), .int(shape.inputChannels),
        .int(shape.outputChannels), .flag(transposed),
      ], groups: [panels, taps], local: [1, 1], defines: tuning.tileDefine)
    return packed
  }

  /// Enqueues a kernel of the CPU family that makes `step` results by a panel of channels at a time:
  /// blocks of results long enough that the weights of a panel are read from cache.
  fileprivate func launchPanels(
    _ name: String, results: Int, step: Int, channels: Int, _ arguments: [Argument]
  ) throws(DeviceError) {
    let panels = quotient(channels, tuning.registerTile.columns)
    var tiles = 64
    while tiles > 4
      && panels * quotient(results, tiles * step) < 8 * description.computeUnits
    {
      tiles /= 2
    }
    try launch(
      "conv2d_cpu", name, arguments + [.int(tiles * step)],
      groups: [panels, quotient(results, tiles * step)], local: [1, 1],
      defines: tuning.tileDefine)
  }
}

extension Convolution {
  /// What all of its kernels take.
  fileprivate var extent: [Argument] {
    [
      .int(height), .int(width), .int(inputChannels), .int(outputChannels), .int(size),
    ]
  }
}
