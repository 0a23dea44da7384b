import COpenCL
import Compute

extension OpenCLDevice {
  /// Passes `body` the division of a product that suits its shape, and again one with smaller tiles where the
  /// kernel that computes them cannot have work-groups of that size on this device.
  ///
  /// - Parameters:
  ///   - file: The file of the kernel.
  ///   - name: The name of the kernel.
  ///   - rows: The rows of the product.
  ///   - columns: The columns of the product.
  ///   - depth: The length of the inner products.
  ///   - longestPart: If the inner products may be split, the maximum length of a part.
  ///   - number: How many such products one launch computes.
  ///   - body: Enqueues the kernel, by ``launch(_:_:_:_:count:)``, before anything that depends on it.
  func withTiling(
    _ file: String, _ name: String, rows: Int, columns: Int, depth: Int, longestPart: Int? = nil,
    number: Int = 1, _ body: (Tiling) throws(DeviceError) -> Void
  ) throws(DeviceError) {
    try withTiling(file, name) { allowed in
      let usual = allowed.tiling(
        rows: rows, columns: columns, depth: depth, longestPart: longestPart,
        number: number)
      return decisions.way("\(name) \(rows)x\(depth)x\(columns)", usual) {
        tuning.tilings(
          below: kernels.limit(file, name), rows: rows, columns: columns, depth: depth,
          longestPart: longestPart)
      }
    } _: { tiling throws(DeviceError) in
      try body(tiling)
    }
  }

  /// The same for the tiling that `choose` takes among what it is given.
  func withTiling(
    _ file: String, _ name: String, _ choose: (Tuning) -> Tiling,
    _ body: (Tiling) throws(DeviceError) -> Void
  ) throws(DeviceError) {
    while true {
      let tiling = choose(tuning.allowing(kernels.limit(file, name)))
      do throws(DeviceError) {
        return try body(tiling)
      } catch {
        // Only where it was this kernel that failed, and for its size.
        guard kernels.limit(file, name) < tiling.tile.group else { throw error }
      }
    }
  }

  /// Enqueues a kernel that computes a matrix, or several, in tiles. If it fails for the size of the tile, that is
  /// remembered for ``withTiling(_:_:rows:columns:depth:longestPart:_:)``.
  func launch(
    _ file: String, _ name: String, _ tiling: Tiling, _ arguments: [Argument], count: Int = 1
  ) throws(DeviceError) {
    let tile = tiling.tile
    do {
      try launch(
        file, name, arguments, work: 2 * tile.size * tile.size * tiling.part,
        groups: [tiling.tiles, tiling.parts, count], local: [tile.side, tile.side, 1],
        defines: tile.defines)
    } catch {
      // A compiler may refuse a tile for which it has too few registers.
      let isTooLarge = error.code == CL_INVALID_WORK_GROUP_SIZE || error.call == "clBuildProgram"
      if isTooLarge && tile != .smallest { kernels.limit(file, name, to: tile.group - 1) }
      throw error
    }
  }
}
