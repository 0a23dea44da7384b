import Compute

extension RandomOperation: CPUOperation {
  public func run(on device: CPUDevice) throws(DeviceError) {
    let words = y.bytes.assumingMemoryBound(to: UInt32.self)
    device.forEachRange(y.count, grain: 4096) { first, count in
      device.kernels.random(distribution, stream, first / 4, words + first, count)
    }
  }
}

extension PermutationOperation: CPUOperation {
  public func run(on device: CPUDevice) throws(DeviceError) {
    let indices = y.integers
    let permutation = Permutation(count: y.count, stream: stream)
    device.forEachRange(y.count, grain: 4096) { first, count in
      for i in first..<first + count { indices[i] = Int32(permutation(i)) }
    }
  }
}
