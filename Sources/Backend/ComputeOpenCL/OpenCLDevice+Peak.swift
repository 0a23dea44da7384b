import Compute
import Synchronization

extension OpenCLDevice: MeasurableDevice {
  /// The commands enqueued so far.
  public var launches: Int? { enqueued.load(ordering: .relaxed) }

  /// The memory of its buffers, without the copies by which small uploads go.
  public var memoryUse: MemoryUse { pool.use }

  /// Enqueues the multiply-adds, with enough work-items to fill every compute unit.
  public func multiplyAdds(rounds: Int) throws(DeviceError) -> Double {
    let itemsPerUnit = tuning.family == .gpu ? 2048 : 4
    let items = quotient(description.computeUnits * itemsPerUnit, tuning.group) * tuning.group
    let count = items * tuning.lanes
    let results = try makeBuffer(count: count, type: .float32)
    let sums = tuning.family == .cpu && tuning.registerTile == .small ? 5 : 12
    try launch(
      "peak", "multiply_adds", [.buffer(results), .uint(rounds), .float(0.75)],
      defines: "-DSUMS=\(sums)"
    ) { group in Grid([items / group], of: [group]) }
    // Four steps of each sum in a round.
    return 2 * Double(count) * 4 * Double(sums) * Double(rounds)
  }
}
