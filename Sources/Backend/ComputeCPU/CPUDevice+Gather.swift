import CPUKernels
import Compute

extension GatherOperation: CPUOperation {
  public func run(on device: CPUDevice) throws(DeviceError) {
    let width = gather.width
    let rows = table.count / width
    let source = table.bytes.assumingMemoryBound(to: UInt8.self)
    let index = indices.integers + gather.first
    if y.elementType == .int32 {
      for i in 0..<y.count {
        let from = Int(index[i / width])
        y.integers[i] = from >= 0 && from < rows ? Int32(source[from * width + i % width]) : -1
      }
      return
    }
    let (batch, scale, kernels) = (y.floats, gather.scale, device.kernels)
    let numbers = table.elementType == .float32 ? Input(table.floats) : nil
    device.forEachRow(Rows(y.count / width, width)) { row in
      let from = Int(index[row])
      let to = batch + row * width
      if from < 0 || from >= rows {
        to.update(repeating: .nan, count: width)
      } else if let numbers {
        kernels.scaledAdd(scale, numbers + from * width, 0, to, width)
      } else {
        kernels.widen(source + from * width, scale, to, width)
      }
    }
  }
}

extension GatherGradientOperation: CPUOperation {
  public func run(on device: CPUDevice) throws(DeviceError) {
    let (width, index) = (gather.width, indices.integers + gather.first)
    let (dy, gradient) = (outputGradient.floats, tableGradient.floats)
    // Each task owns some rows of the table, and searches all indices for them.
    let grain = max(1, (table.rows + 15) / 16)
    device.forEachRange(table.rows, grain: grain) { first, count in
      if !accumulate { (gradient + first * width).update(repeating: 0, count: count * width) }
      for r in 0..<batch.rows {
        let row = Int(index[r])
        guard row >= first && row < first + count else { continue }
        device.kernels.scaledAdd(gather.scale, dy + r * width, 1, gradient + row * width, width)
      }
    }
  }
}
