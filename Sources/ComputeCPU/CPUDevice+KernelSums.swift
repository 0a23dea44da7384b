import CPUKernels
import Compute

extension CPUDevice {
  public func kernelSums(_ shape: KernelSums, _ x: Buffer, _ y: Buffer, into sums: Buffer)
    throws(DeviceError)
  {
    shape.check(x, y)
    sums.require(shape.xCount, "the result of kernel sums")
    let (points, results) = (x.floats, sums.floats)
    withPointsByDimension(y.floats, shape) { columns, stride, _ in
      forEachRow(Rows(shape.xCount, shape.yCount)) { row in
        results[row] = kernels.kernelSum(
          points + row * shape.dimension, columns, stride, shape.dimension, shape.width)
      }
    }
  }

  public func kernelSumsGradient(
    _ shape: KernelSums, _ x: Buffer, _ y: Buffer, xWeights: Buffer, yWeights: Buffer?,
    into xGradient: Buffer, accumulate: Bool
  ) throws(DeviceError) {
    shape.check(x, y)
    xWeights.require(shape.xCount, "the weights of x in kernel sums")
    yWeights?.require(shape.yCount, "the weights of y in kernel sums")
    xGradient.require(shape.xCount * shape.dimension, "the gradient of kernel sums")
    let (points, weights, gradient) = (x.floats, xWeights.floats, xGradient.floats)
    withPointsByDimension(y.floats, shape) { columns, stride, rest in
      // The weights of y, padded like the points, before the coefficients of each thread.
      let padded = yWeights.map { weights -> Output in
        for j in 0..<stride { rest[j] = j < shape.yCount ? weights.floats[j] : 0 }
        return rest
      }
      pool.run(shape.xCount) { row, worker in
        kernels.kernelSumGradient(
          points + row * shape.dimension, columns, stride, shape.dimension, shape.width,
          weights[row], padded.map { Input($0) }, rest + (1 + worker) * stride,
          gradient + row * shape.dimension, accumulate)
      }
    }
  }

  /// Lends the points y stored dimension by dimension, `stride` apart, padded to whole vectors with
  /// points so far away that their kernel is zero; and room for `stride` numbers, and for as many
  /// for each thread.
  private func withPointsByDimension(
    _ y: Input, _ shape: KernelSums,
    _ body: (_ columns: Input, _ stride: Int, _ rest: Output) -> Void
  ) {
    let stride = (shape.yCount + kernels.lanes - 1) / kernels.lanes * kernels.lanes
    scratch.withLock { scratch in
      scratch.borrow(stride * (shape.dimension + 1 + pool.threads)) { columns in
        for d in 0..<shape.dimension {
          for j in 0..<stride {
            columns[d * stride + j] = j < shape.yCount ? y[j * shape.dimension + d] : 1e18
          }
        }
        body(columns, stride, columns + stride * shape.dimension)
      }
    }
  }
}
