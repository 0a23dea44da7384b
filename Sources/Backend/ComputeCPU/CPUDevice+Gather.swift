import Compute

extension GatherOperation: CPUOperation {
  public func run(on device: CPUDevice) throws(DeviceError) {
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
    let (batch, scale) = (y.floats, gather.scale)
    device.forEachRow(Rows(y.count / width, width)) { row in
      let from = Int(index[row])
      if from >= 0 && from < rows {
        device.kernels.widen(source + from * width, scale, batch + row * width, width)
      } else {
        (batch + row * width).update(repeating: .nan, count: width)
      }
    }
  }
}
