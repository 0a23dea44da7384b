import CPUKernels
import Compute

extension StridedCopyOperation: CPUOperation {
  public func run(on device: CPUDevice) throws(DeviceError) {
    let visit = visit
    let (step, targetStep, count) = (visit.innerStride(0), visit.innerStride(1), visit.inner)
    let (input, output) = (x.floats + source.offset, y.floats + target.offset)
    let isContiguous = step == 1 && targetStep == 1
    // Long runs are split, short ones grouped.
    let grain = max(1, 8192 / count)
    let part = visit.rows == 1 ? 8192 : count
    let parts = (count + part - 1) / part
    device.forEachRange(visit.rows * parts, grain: grain) { first, tasks in
      for task in first..<first + tasks {
        let (row, start) = (task / parts, task % parts * part)
        let x = input + visit.start(0, row: row) + start * step
        let y = output + visit.start(1, row: row) + start * targetStep
        let count = min(part, count - start)
        if isContiguous && accumulate {
          device.kernels.scaledAdd(1, x, 1, y, count)
        } else if isContiguous {
          y.update(from: x, count: count)
        } else if accumulate {
          for i in 0..<count { y[i &* targetStep] += x[i &* step] }
        } else {
          for i in 0..<count { y[i &* targetStep] = x[i &* step] }
        }
      }
    }
  }
}

extension BroadcastOperation: CPUOperation {
  public func run(on device: CPUDevice) throws(DeviceError) {
    let visit = visit
    let (a, b, c, inner) = (a.floats, b.floats, c.floats, visit.inner)
    // The part of a run that is processed at once: a constant operand is copied that many times.
    let part = 1024
    let parts = (inner + part - 1) / part
    device.forEachRange(visit.rows * parts, grain: max(1, 8192 / inner)) { first, tasks in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: min(part, inner)) { copies in
        let copies = copies.baseAddress!
        for task in first..<first + tasks {
          let (row, start) = (task / parts, task % parts * part)
          let count = min(part, inner - start)
          func operand(_ x: Input, _ number: Int) -> Input {
            let x = x + visit.start(number, row: row)
            if visit.innerStride(number) == 1 { return x + start }
            copies.update(repeating: x[0], count: count)
            return Input(copies)
          }
          device.kernels.zip(
            function, operand(a, 1), operand(b, 2), c + visit.start(0, row: row) + start, count)
        }
      }
    }
  }
}
