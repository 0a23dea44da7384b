import Compute

extension CPUDevice {
  public func gather(_ gather: Gather, _ bytes: Buffer, at indices: Buffer, into y: Buffer)
    throws(DeviceError)
  {
    gather.check(bytes, at: indices, into: y)
    let width = gather.width
    let rows = bytes.count / width
    let source = bytes.bytes.assumingMemoryBound(to: UInt8.self)
    let index = indices.integers + gather.first
    if y.elementType == .int32 {
      for i in 0..<y.count {
        let from = Int(index[i / width])
        y.integers[i] = from >= 0 && from < rows ? Int32(source[from * width + i % width]) : -1
      }
      return
    }
    let batch = y.floats
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
