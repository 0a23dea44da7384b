import Compute

extension OpenCLDevice {
  /// Enqueues a convolution by tiles of 4 × 4 results.
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
    let convolve = tuning.family == .gpu ? convolveByProducts : convolveByGroups
    try convolve(shape, x, weights, bias, y, transposed, pooled, accumulate)
  }

  /// The number of elements of a transformed patch or kernel.
  private var points: Int { 36 }
}

// MARK: The GPU family

extension OpenCLDevice {
  /// Enqueues a convolution by tiles, for the GPU family: transforms of the images and the kernels,
  /// their products all at once, and the transform of those.
  private func convolveByProducts(
    _ shape: Convolution, _ x: Buffer, weights: Buffer, bias: Buffer?, into y: Buffer,
    transposed: Bool, pooled: Bool, accumulate: Bool
  ) throws(DeviceError) {
    let (channels, filters) = (shape.inputChannels, shape.outputChannels)
    let kernels = try makeBuffer(count: points * channels * filters, type: .float32)
    try launch(
      "winograd", "winograd_kernels", elements: channels * filters,
      [
        .buffer(weights), .buffer(kernels), .uint(channels), .uint(filters), .flag(transposed),
      ])
    let size = pooled ? 2 : 1
    try forEachTiles(of: shape) { first, count throws(DeviceError) in
      let patches = try self.patches(of: x, shape, first, count)
      let products = try makeBuffer(count: points * count * filters, type: .float32)
      try matmul(
        Matmul(m: count, n: filters, k: channels), count: points, patches, kernels, into: products)
      try launch(
        "winograd", "winograd_results", elements: count * filters,
        [
          .buffer(products), .optional(bias), .buffer(y), .int(first), .uint(count),
          .int(shape.outputHeight / size), .int(shape.outputWidth / size), .uint(filters),
          shape.tiles, shape.activation.epilogue, .flag(pooled), .flag(accumulate),
        ])
    }
  }

  /// Enqueues the weights' gradient by tiles, for the GPU family. The tiles are divided into parts no longer than
  /// ``Tuning/longestSum``, which the last transform adds.
  func weightGradientByProducts(
    _ shape: Convolution, _ x: Buffer, outputGradient: Buffer, into gradient: Buffer,
    accumulate: Bool
  ) throws(DeviceError) {
    let (channels, filters) = (shape.inputChannels, shape.outputChannels)
    var accumulate = accumulate
    try forEachTiles(of: shape) { first, count throws(DeviceError) in
      let most = max(
        quotient(count, tuning.longestSum),
        min(count / tuning.shortestPart, quotient(4 * tuning.computeUnits, points)))
      let part = quotient(count, most), parts = quotient(count, part), padded = parts * part
      let patches = try self.patches(of: x, shape, first, count, padded: padded)
      let gradients = try makeBuffer(count: points * padded * filters, type: .float32)
      try launch(
        "winograd", "winograd_gradients", elements: padded * filters,
        [
          .buffer(outputGradient), .buffer(gradients), .int(first), .uint(padded),
          .int(first + count), .int(shape.outputHeight), .int(shape.outputWidth), .uint(filters),
          shape.tiles,
        ])
      let sums = try makeBuffer(count: points * parts * channels * filters, type: .float32)
      try matmul(
        Matmul(m: channels, n: filters, k: part, transposeA: true), count: points * parts,
        patches, gradients, into: sums)
      try launch(
        "winograd", "winograd_weights", elements: channels * filters,
        [
          .buffer(sums), .buffer(gradient), .uint(parts), .uint(channels * filters),
          .flag(accumulate),
        ])
      accumulate = true
    }
  }

  /// Transformed patches, `[point][tile][channel]`; those of tiles beyond `count`, up to `padded`, are zeros.
  private func patches(
    of x: Buffer, _ shape: Convolution, _ first: Int, _ count: Int, padded: Int? = nil
  ) throws(DeviceError) -> Buffer {
    let (channels, all) = (shape.inputChannels, padded ?? count)
    let patches = try makeBuffer(count: points * all * channels, type: .float32)
    try launch(
      "winograd", "winograd_patches", elements: all * channels,
      [
        .buffer(x), .buffer(patches), .int(first), .uint(all), .int(first + count),
        .int(shape.height), .int(shape.width), .uint(channels), .int(shape.rows.before),
        shape.tiles,
      ])
    return patches
  }

  /// Passes the first of as many tiles, and their number, as have room in scratch memory, until all are done.
  private func forEachTiles(
    of shape: Convolution, _ body: (_ first: Int, _ count: Int) throws(DeviceError) -> Void
  ) throws(DeviceError) {
    let tile = 4 * points * max(shape.inputChannels, shape.outputChannels)
    let most = max(1, min(description.largestBuffer, tuning.scratch) / tile)
    let all = shape.batch * shape.tilesDown * shape.tilesAcross
    for first in stride(from: 0, to: all, by: most) { try body(first, min(most, all - first)) }
  }
}

extension Convolution {
  fileprivate var tilesDown: Int { quotient(outputHeight, 4) }
  fileprivate var tilesAcross: Int { quotient(outputWidth, 4) }
  /// As an argument of `winograd.cl`.
  fileprivate var tiles: Argument { .pair(tilesDown, tilesAcross) }
}

// MARK: The CPU family

extension OpenCLDevice {
  /// Enqueues a convolution by tiles, for the CPU family: groups of them in the caches.
  private func convolveByGroups(
    _ shape: Convolution, _ x: Buffer, weights: Buffer, bias: Buffer?, into y: Buffer,
    transposed: Bool, pooled: Bool, accumulate: Bool
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

    let tiles = shape.batch * shape.tilesDown * shape.tilesAcross
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

  /// The tiles that a work-group processes together.
  private var groupTiles: Int { 16 }
  private var defines: String { "-DGROUP_TILES=\(groupTiles) \(tuning.tileDefine)" }
}
