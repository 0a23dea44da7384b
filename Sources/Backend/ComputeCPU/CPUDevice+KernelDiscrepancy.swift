import CPUKernels
import Compute

extension KernelDiscrepancyOperation: CPUOperation {
  public func run(on device: CPUDevice) throws(DeviceError) {
    let (x, y, terms) = (x.floats, y.floats, terms.floats)
    device.withPointsByDimension(x, y, shape) { xs, ys, stride, _ in
      device.forEachRow(Rows(shape.count, 3 * shape.count)) { row in
        func sum(_ point: Input, _ points: Input) -> Float {
          device.kernels.kernelSum(
            point + row * shape.dimension, points, stride, shape.dimension, shape.width)
        }
        terms[row] = sum(x, xs) - 2 * sum(x, ys) + sum(y, ys)
      }
    }
  }
}

extension KernelDiscrepancyGradientOperation: CPUOperation {
  public func run(on device: CPUDevice) throws(DeviceError) {
    let (x, y, weights, gradient) = (x.floats, y.floats, termGradient.numbers, xGradient.floats)
    device.withPointsByDimension(x, y, shape) { xs, ys, stride, rest in
      // The weights, padded like the points, then the coefficients of each thread.
      for j in 0..<stride { rest[j] = j < shape.count ? weights(j) : 0 }
      device.pool.run(shape.count) { row, worker in
        func add(_ points: Input, _ weight: Float, _ others: Input?, _ accumulate: Bool) {
          device.kernels.kernelSumGradient(
            x + row * shape.dimension, points, stride, shape.dimension, shape.width, weight,
            others, rest + (1 + worker) * stride, gradient + row * shape.dimension, accumulate)
        }
        add(xs, weights(row), Input(rest), accumulate)
        add(ys, -2 * weights(row), nil, true)
      }
    }
  }
}

extension CPUDevice {
  /// Lends both sets of points stored dimension by dimension, `stride` apart, padded to whole vectors
  /// with points so far away that their kernel is zero; and room for `stride` numbers, and for as many
  /// for each thread.
  fileprivate func withPointsByDimension(
    _ x: Output, _ y: Output, _ shape: KernelDiscrepancy,
    _ body: (_ xs: Input, _ ys: Input, _ stride: Int, _ rest: Output) -> Void
  ) {
    let stride = (shape.count + kernels.lanes - 1) / kernels.lanes * kernels.lanes
    let size = stride * shape.dimension
    scratch.withLock { scratch in
      scratch.borrow(2 * size + stride * (1 + pool.threads)) { room in
        for (points, columns) in [(x, room), (y, room + size)] {
          for d in 0..<shape.dimension {
            for j in 0..<stride {
              columns[d * stride + j] = j < shape.count ? points[j * shape.dimension + d] : 1e18
            }
          }
        }
        body(room, room + size, stride, room + 2 * size)
      }
    }
  }
}
