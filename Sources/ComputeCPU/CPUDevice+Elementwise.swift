import Compute

extension CPUDevice {
  public func map(_ function: UnaryFunction, _ x: Buffer, into y: Buffer) throws(DeviceError) {
    x.require(y.count, "the input of map")
    y.require(y.count, "the output of map")
    let (x, output) = (x.floats, y.floats)
    forEachRange(y.count) { first, count in
      kernels.map(function, x + first, output + first, count)
    }
  }

  public func mapGradient(
    _ function: UnaryFunction, output y: Buffer, outputGradient dy: Buffer, into dx: Buffer,
    accumulate: Bool
  ) throws(DeviceError) {
    y.require(dx.count, "the output of map")
    dy.require(dx.count, "the output gradient of map")
    dx.require(dx.count, "the input gradient of map")
    let (y, dy, gradient) = (y.floats, dy.floats, dx.floats)
    forEachRange(dx.count) { first, count in
      kernels.mapGradient(function, y + first, dy + first, gradient + first, count, accumulate)
    }
  }

  public func zip(_ function: BinaryFunction, _ a: Buffer, _ b: Buffer, into c: Buffer)
    throws(DeviceError)
  {
    a.require(c.count, "the first input of zip")
    b.require(c.count, "the second input of zip")
    c.require(c.count, "the output of zip")
    let (a, b, output) = (a.floats, b.floats, c.floats)
    forEachRange(c.count) { first, count in
      kernels.zip(function, a + first, b + first, output + first, count)
    }
  }

  public func scaledAdd(_ alpha: Float, _ x: Buffer, _ beta: Float, into y: Buffer)
    throws(DeviceError)
  {
    x.require(y.count, "the input of scaledAdd")
    y.require(y.count, "the output of scaledAdd")
    let (x, output) = (x.floats, y.floats)
    forEachRange(y.count) { first, count in
      kernels.scaledAdd(alpha, x + first, beta, output + first, count)
    }
  }

  public func adamStep(
    _ adam: Adam, parameters: Buffer, gradients: Buffer, firstMoments: Buffer,
    secondMoments: Buffer
  ) throws(DeviceError) {
    adam.check(
      parameters: parameters, gradients: gradients, firstMoments: firstMoments,
      secondMoments: secondMoments)
    let (p, g, m, v) = (
      parameters.floats, gradients.floats, firstMoments.floats, secondMoments.floats
    )
    forEachRange(parameters.count) { first, count in
      kernels.adam(adam, p + first, g + first, m + first, v + first, count)
    }
  }
}
