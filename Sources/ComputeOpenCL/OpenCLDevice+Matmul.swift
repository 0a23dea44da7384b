import Compute

extension OpenCLDevice {
  /// The product by the kernel of this device's family, with bias and function in the same launch.
  public func matmul(_ shape: Matmul, _ a: Buffer, _ b: Buffer, bias: Buffer?, into c: Buffer)
    throws(DeviceError)
  {
    shape.check(a, b, bias: bias, into: c)
    let arguments: [Argument] = [
      .buffer(a), .buffer(b), .optional(bias), .buffer(c), .int(shape.m), .int(shape.n),
      .int(shape.k), .flag(shape.transposeA), .flag(shape.transposeB), .flag(shape.accumulate),
      .int(shape.activation.number),
    ]
    switch tuning.family {
    case .gpu:
      let tile = gpuTile(rows: shape.m, columns: shape.n)
      try launch(
        "matmul", "matmul", arguments,
        groups: [quotient(shape.n, tile.size), quotient(shape.m, tile.size)],
        local: [tile.side, tile.side], defines: "-DTILE=\(tile.size) -DSIDE=\(tile.side)")
    case .cpu:
      let rows = cpuRowBlock(shape)
      let depth = min(shape.k, tuning.panelDepth)
      try launch(
        "matmul_cpu", "matmul", arguments + [.int(rows), .int(depth), .local(depth * 32 * 4)],
        groups: [quotient(shape.n, 32), quotient(shape.m, rows)], local: [1, 1])
    }
  }

  /// The tile of a product that a work-group makes, and the side of the group: 64 with 16 × 16 work-items
  /// where that leaves work for every compute unit and the device allows such groups, else smaller.
  /// So too where half of the columns of a tile would be idle.
  func gpuTile(rows: Int, columns: Int) -> (size: Int, side: Int) {
    let tiles = quotient(rows, 64) * quotient(columns, 64)
    if tuning.maximumGroup >= 256 && columns > 32 && tiles >= description.computeUnits {
      return (64, 16)
    }
    if tuning.maximumGroup >= 64 { return (32, 8) }
    if tuning.maximumGroup >= 16 { return (16, 4) }
    return (4, 1)
  }

  /// The rows that a work-group takes with one panel of `b`: many, to pack seldom, but such that
  /// there is work for every compute unit.
  private func cpuRowBlock(_ shape: Matmul) -> Int {
    var rows = 128
    while rows > 32
      && quotient(shape.n, 32) * quotient(shape.m, rows) < 8 * description.computeUnits
    {
      rows /= 2
    }
    return rows
  }
}
