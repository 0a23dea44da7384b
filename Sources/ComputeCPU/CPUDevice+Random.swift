import Compute

extension CPUDevice {
  public func random(_ distribution: Distribution, _ stream: RandomStream, into y: Buffer)
    throws(DeviceError)
  {
    y.require(
      y.count, "the destination of random", type: distribution == .bits ? .int32 : .float32)
    let words = y.bytes.assumingMemoryBound(to: UInt32.self)
    forEachRange(y.count, grain: 4096) { first, count in
      kernels.random(distribution, stream, first / 4, words + first, count)
    }
  }

  public func permutation(_ stream: RandomStream, into y: Buffer) throws(DeviceError) {
    y.require(y.count, "the destination of permutation", type: .int32)
    let indices = y.integers
    let permutation = Permutation(count: y.count, stream: stream)
    forEachRange(y.count, grain: 4096) { first, count in
      for i in first..<first + count { indices[i] = Int32(permutation(i)) }
    }
  }
}
