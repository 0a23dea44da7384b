import Compute

extension OpenCLDevice {
  /// Enqueues a convolution by tiles of 4 × 4 results, for the CPU family.
  ///
  /// - Parameters:
  ///   - shape: The convolution; its padding is the same on all sides.
  ///   - weights: As the layer has them.
  ///   - transposed: Whether the convolution is that of the layer's input gradient: with rotated weights.
  ///   - pooled: Whether to compute only the maxima of 2 × 2 windows.
  func convolveByTiles(
    _ shape: Convolution, _ x: Buffer, weights: Buffer, bias: Buffer?, into y: Buffer,
    transposed: Bool = false, pooled: Bool = false, accumulate: Bool = false
  ) throws(DeviceError) {
    let (channels, filters) = (shape.inputChannels, shape.outputChannels)
    let columns = tuning.registerTile.columns
    let panels = quotient(filters, columns)
    let kernels = try makeBuffer(count: panels * points * channels * columns, type: .float32)
    try launch(
      "winograd_cpu", "winograd_kernels",
      [
        .buffer(weights), .buffer(kernels), .int(transposed ? filters : channels),
        .int(transposed ? channels : filters), .flag(transposed),
      ], groups: [panels, channels], local: [1, 1], defines: defines)

    let tiles = shape.batch * quotient(shape.outputHeight, 4) * quotient(shape.outputWidth, 4)
    // Each work-group computes many groups of tiles in the same room, which thus stays in cache.
    let groups = quotient(quotient(tiles, groupTiles), 8 * description.computeUnits)
    let workGroups = quotient(tiles, groups * groupTiles)
    let room = try makeBuffer(
      count: workGroups * groupTiles * points * (quotient(channels, 16) * 16 + columns),
      type: .float32)
    try launch(
      "winograd_cpu", "winograd",
      [
        .buffer(x), .buffer(kernels), .optional(bias), .buffer(y), .buffer(room),
        .int(shape.batch), .int(shape.height), .int(shape.width),
        .int(channels), .int(filters), .int(shape.rows.before), shape.activation.epilogue,
        .flag(pooled), .flag(accumulate), .int(groups),
      ], groups: [workGroups], local: [1], defines: defines)
  }

  /// Enqueues the weight gradients of parts of `images` images, for the CPU family.
  func sumWeightGradientsByTiles(
    _ shape: Convolution, _ x: Buffer, outputGradient: Buffer, into partial: Buffer, parts: Int,
    images: Int
  ) throws(DeviceError) {
    let columns = tuning.registerTile.columns
    let stride = quotient(shape.inputChannels, 16) * 16
    let panels = quotient(shape.outputChannels, columns)
    let room = try makeBuffer(
      count: parts * points * (groupTiles * (stride + columns) + panels * stride * columns),
      type: .float32)
    try launch(
      "winograd_cpu", "winograd_weight_gradient",
      [
        .buffer(x), .buffer(outputGradient), .buffer(partial), .buffer(room), .int(shape.batch),
        .int(shape.height), .int(shape.width), .int(shape.inputChannels),
        .int(shape.outputChannels), .int(images),
      ], groups: [parts], local: [1], defines: defines)
  }

  /// The number of elements of a transformed patch or kernel.
  private var points: Int { 36 }
  /// The tiles that a work-group processes together.
  private var groupTiles: Int { 16 }
  private var defines: String { "-DGROUP_TILES=\(groupTiles) \(tuning.tileDefine)" }
}
