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

  public func gather(
    _ bytes: Buffer, width: Int, at indices: Buffer, scale: Float, into y: Buffer
  ) throws(DeviceError) {
    let rows = bytes.count / width
    bytes.require(rows * width, "the data set of gather", type: .uint8)
    indices.require(indices.count, "the indices of gather", type: .int32)
    y.require(indices.count * width, "the batch of gather")
    let source = bytes.bytes.assumingMemoryBound(to: UInt8.self)
    let (index, batch) = (indices.integers, y.floats)
    forEachRow(Rows(indices.count, width)) { row in
      let from = Int(index[row])
      if from >= 0 && from < rows {
        kernels.widen(source + from * width, scale, batch + row * width, width)
      } else {
        (batch + row * width).update(repeating: .nan, count: width)
      }
    }
  }
}
