import Compute

extension DenseGradientsOperation: OpenCLOperation {
  /// Both products in one launch, unless one of them is split: they need each other's results as little as
  /// their tiles do, and a small one alone leaves compute units idle.
  public func run(on device: OpenCLDevice) throws(DeviceError) {
    let isSplit = device.tuning.family == .gpu && products.contains(where: device.tuning.isSplit)
    let way = device.decisions.way(
      "dense gradients \(shape.batch)x\(shape.inputs)x\(shape.outputs)", "together"
    ) { ["together", "apart"] }
    guard shape.activation.isEpilogue && !isSplit && way == "together" else {
      return try compose(on: device)
    }
    switch device.tuning.family {
    case .gpu: try runTiles(on: device)
    case .cpu: try runPanels(on: device)
    }
  }

  private var products: [Matmul] { [shape.inputProduct, shape.weightProduct] }

  private func runTiles(on device: OpenCLDevice) throws(DeviceError) {
    try device.withTiling("dense_gradients", "dense_gradients") { tuning in
      tuning.tiling(for: products)
    } _: { tiling throws(DeviceError) in
      let first = tiling.tile.count(rows: shape.batch, columns: shape.inputs)
      try device.launch(
        "dense_gradients", "dense_gradients", tiling, operands + [.int(first)])
    }
  }

  private func runPanels(on device: OpenCLDevice) throws(DeviceError) {
    let panels = products.map(device.tuning.panels)
    let columns = device.tuning.registerTile.columns
    let groups = zip(products, panels).map { quotient($0.n, columns) * quotient($0.m, $1.rows) }
    try device.launch(
      "dense_gradients_cpu", "dense_gradients",
      operands + [
        .int(groups[0]), .pair(panels[0].rows, panels[1].rows),
        .pair(panels[0].depth, panels[1].depth),
        .local(max(panels[0].depth, panels[1].depth) * columns * 4),
      ], groups: [groups[0] + groups[1]], local: [1], defines: device.tuning.tileDefine)
  }

  private var operands: [Argument] {
    [
      .buffer(x), .buffer(weights), .buffer(outputGradient), .buffer(weightGradient),
      .buffer(biasGradient), .buffer(inputGradient), .int(shape.batch), .int(shape.inputs),
      .int(shape.outputs), .flag(shape.accumulate), .flag(shape.accumulateInput),
      shape.activation.epilogue,
    ]
  }
}

extension Tuning {
  /// Whether a product is better done in parts.
  fileprivate func isSplit(_ product: Matmul) -> Bool {
    tiling(rows: product.m, columns: product.n, depth: product.k, longestPart: product.k).parts > 1
  }

  /// The tiling of several products in one launch, one after the other: with the largest tile that together gives
  /// every compute unit one, otherwise the smallest, as ``tiling(rows:columns:depth:longestPart:)`` chooses for one
  /// product.
  fileprivate func tiling(for products: [Matmul]) -> Tiling {
    let smallest = tiles[tiles.count - 1]
    let extent = products.map { min($0.m, $0.n) }.min() ?? 0
    let candidates = tiles.filter { $0 == smallest || 2 * extent > $0.size }
    func count(_ tile: Tile) -> Int {
      products.map { tile.count(rows: $0.m, columns: $0.n) }.reduce(0, +)
    }
    let tile = candidates.first { count($0) >= computeUnits } ?? smallest
    return Tiling(
      tile: tile, tiles: count(tile), part: products.map(\.k).max() ?? 0, parts: 1)
  }
}
