import CPUKernels
import Compute

extension CPUDevice: MeasurableDevice {
  /// Nil: there is no driver.
  public var launches: Int? { nil }

  /// The memory of its buffers.
  public var memoryUse: MemoryUse { storage.use }

  /// Runs the multiply-adds on all threads.
  public func multiplyAdds(rounds: Int) throws(DeviceError) -> Double {
    let tasks = 4 * pool.threads
    let results = try makeBuffer(count: tasks * kernels.lanes, type: .float32)
    let y = results.floats
    pool.run(tasks) { task, _ in kernels.multiplyAdds(rounds, 0.75, y + task * kernels.lanes) }
    return 2 * Double(tasks * kernels.lanes) * Double(kernels.multiplyAddSums) * Double(rounds)
  }
}
