import Compute

extension OpenCLDevice {
  /// The convolution with bias and function in the same launch.
  public func conv2d(
    _ shape: Convolution, _ x: Buffer, weights: Buffer, bias: Buffer?, into y: Buffer
  ) throws(DeviceError) {
    shape.check(input: x, weights: weights, bias: bias, output: y)
    try convolve(shape, x, weights: weights, bias: bias, into: y, pooled: false)
  }

  /// The convolution and its maxima in one launch, with nothing stored between.
  public func conv2dMaxPool(
    _ shape: Convolution, _ x: Buffer, weights: Buffer, bias: Buffer?, into y: Buffer
  ) throws(DeviceError) {
    shape.check(input: x, weights: weights, bias: bias)
    y.require(shape.pooling.outputCount, "the output of conv2dMaxPool")
    try convolve(shape, x, weights: weights, bias: bias, into: y, pooled: true)
  }

  private func convolve(
    _ shape: Convolution, _ x: Buffer, weights: Buffer, bias: Buffer?, into y: Buffer,
    pooled: Bool
  ) throws(DeviceError) {
    let count = y.count / shape.outputChannels
    switch tuning.family {
    case .gpu:
      // A tile of pixels is a quarter as many windows.
      try launchTiles(
        "conv2d", rows: pooled ? 4 * count : count, columns: shape.outputChannels,
        [.buffer(x), .buffer(weights), .optional(bias), .buffer(y), .int(count)] + extent(shape)
          + [.int(shape.activation.number), .flag(pooled)])
    case .cpu where shape.paysInTiles:
      try convolveByTiles(shape, x, weights: weights, bias: bias, into: y, pooled: pooled)
    case .cpu:
      let packed = try pack(shape, weights, transposed: false)
      try launchPanels(
        pooled ? "conv2d_max_pool" : "conv2d", results: count, step: pooled ? 2 : 8,
        channels: shape.outputChannels,
        [.buffer(x), .buffer(packed), .optional(bias), .buffer(y), .int(count)] + extent(shape)
          + [.int(shape.activation.number)])
    }
  }

  /// The gradient in the input: each of its pixels gathers what it gave.
  public func conv2dInputGradient(
    _ shape: Convolution, weights: Buffer, outputGradient: Buffer, into xGradient: Buffer,
    accumulate: Bool
  ) throws(DeviceError) {
    shape.check(input: xGradient, weights: weights, output: outputGradient)
    let count = shape.batch * shape.height * shape.width
    switch tuning.family {
    case .gpu:
      try launchTiles(
        "conv2d_input_gradient", rows: count, columns: shape.inputChannels,
        [.buffer(outputGradient), .buffer(weights), .buffer(xGradient), .int(count)]
          + extent(shape) + [.flag(accumulate)])
    case .cpu where shape.transposed.paysInTiles:
      try convolveByTiles(
        shape.transposed, outputGradient, weights: weights, bias: nil, into: xGradient,
        transposed: true, accumulate: accumulate)
    case .cpu:
      let packed = try pack(shape, weights, transposed: true)
      try launchPanels(
        "conv2d_input_gradient", results: count, step: 8, channels: shape.inputChannels,
        [
          .buffer(outputGradient), .buffer(packed), .buffer(xGradient), .int(count),
          .int(shape.outputHeight), .int(shape.outputWidth), .int(shape.outputChannels),
          .int(shape.inputChannels), .int(shape.size), .flag(accumulate),
        ])
    }
  }

  /// The gradient in the weights: sums over chunks of images, which are then added in order.
  public func conv2dWeightGradient(
    _ shape: Convolution, _ x: Buffer, outputGradient: Buffer, into weightsGradient: Buffer,
    accumulate: Bool
  ) throws(DeviceError) {
    shape.check(input: x, weights: weightsGradient, output: outputGradient)
    let images = quotient(shape.batch, 64), chunks = quotient(shape.batch, images)
    let partial = try makeBuffer(count: chunks * shape.weightCount, type: .float32)
    let arguments: [Argument] =
      [.buffer(x), .buffer(outputGradient), .buffer(partial), .int(shape.batch)] + extent(shape)
      + [.int(images)]
    switch tuning.family {
    case .gpu:
      try launchTiles(
        "conv2d_weight_gradient", rows: shape.weightCount / shape.outputChannels,
        columns: shape.outputChannels, chunks: chunks, arguments)
    case .cpu:
      let pixels = min(tuning.panelDepth, shape.outputHeight * shape.outputWidth)
      try launch(
        "conv2d_cpu", "conv2d_weight_gradient",
        arguments + [.int(pixels), .local(pixels * 32 * 4)],
        groups: [quotient(shape.outputChannels, 32), chunks], local: [1, 1])
    }
    try reduce(
      Reduction(.sum, .perColumn, Rows(chunks, shape.weightCount), accumulate: accumulate),
      partial, into: weightsGradient)
  }

  private func extent(_ shape: Convolution) -> [Argument] {
    [
      .int(shape.height), .int(shape.width), .int(shape.inputChannels),
      .int(shape.outputChannels), .int(shape.size),
    ]
  }

  /// The weights as the CPU family reads them, in panels of 32 results.
  private func pack(_ shape: Convolution, _ weights: Buffer, transposed: Bool)
    throws(DeviceError) -> Buffer
  {
    let taps = shape.size * shape.size
    let panels = quotient(transposed ? shape.inputChannels : shape.outputChannels, 32)
    let depth = transposed ? shape.outputChannels : shape.inputChannels
    let packed = try makeBuffer(count: (panels * taps * 32 + 1) * depth, type: .float32)
    try launch(
      "conv2d_cpu", "conv2d_pack",
      [
        .buffer(weights), .buffer(packed), .int(shape.size), .int(shape.inputChannels),
        .int(shape.outputChannels), .flag(transposed),
      ], groups: [panels, taps], local: [1, 1])
    return packed
  }

  /// Enqueues a kernel of the CPU family that makes `step` results by 32 channels at a time: blocks
  /// of results long enough that the weights of a panel are read from cache.
  private func launchPanels(
    _ name: String, results: Int, step: Int, channels: Int, _ arguments: [Argument]
  ) throws(DeviceError) {
    let panels = quotient(channels, 32)
    var tiles = 64
    while tiles > 4
      && panels * quotient(results, tiles * step) < 8 * description.computeUnits
    {
      tiles /= 2
    }
    try launch(
      "conv2d_cpu", name, arguments + [.int(tiles * step)],
      groups: [panels, quotient(results, tiles * step)], local: [1, 1])
  }

  /// Enqueues a kernel of the GPU family that makes a matrix in tiles.
  private func launchTiles(
    _ name: String, rows: Int, columns: Int, chunks: Int = 1, _ arguments: [Argument]
  ) throws(DeviceError) {
    let tile = gpuTile(rows: rows * chunks, columns: columns)
    try launch(
      "conv2d", name, arguments,
      groups: [quotient(columns, tile.size), quotient(rows, tile.size), chunks],
      local: [tile.side, tile.side, 1], defines: "-DTILE=\(tile.size) -DSIDE=\(tile.side)")
  }
}
