import Compute

extension CPUDevice {
  public func gather(_ gather: Gather, _ bytes: Buffer, at indices: Buffer, into y: Buffer)
    throws(DeviceError)
  {
    gather.check(bytes, at: indices, into: y)
    let width = gather.width
    let rows = bytes.count / width
    let source = bytes.bytes.assumingMemoryBound(to: UInt8.self)
    let (index, batch) = (indices.integers + gather.first, y.floats)
    forEachRow(Rows(y.count / width, width)) { row in
      let from = Int(index[row])
      if from >= 0 && from < rows {
        kernels.widen(source + from * width, gather.scale, batch + row * width, width)
      } else {
        (batch + row * width).update(repeating: .nan, count: width)
      }
    }
  }
}
