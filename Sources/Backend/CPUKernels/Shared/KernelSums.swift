import CPUKernels

/// `k[j] = exp(−‖x − y_j‖² / width)` for the points y stored by dimension, `stride` apart.
///
/// `count` is a multiple of the vector's width: the caller pads with points far away.
@inline(__always)
private func kernel(
  _ x: Input, _ y: Input, _ stride: Int, _ dimension: Int, _ width: Float, at j: Int
) -> Vector {
  var distance = Vector.zero
  for d in 0..<dimension {
    let difference = load(y + d &* stride + j) - x[d]
    distance = multiplyAdd(difference, difference, distance)
  }
  return exponential(distance * (-1 / width))
}

/// `Σ_j k(x, y_j)` for one point x.
@Sendable func kernelSum(
  _ x: Input, _ y: Input, _ stride: Int, _ dimension: Int, _ width: Float
) -> Float {
  var total = Vector.zero
  var j = 0
  while j < stride {
    total += kernel(x, y, stride, dimension, width, at: j)
    j &+= lanes
  }
  return total.sum()
}

/// `dx[d] (+)= Σ_j (weight + yWeights[j])·∂k(x, y_j)/∂x_d` for one point x.
///
/// - Parameter coefficients: Room for `stride` numbers.
@Sendable func kernelSumGradient(
  _ x: Input, _ y: Input, _ stride: Int, _ dimension: Int, _ width: Float, _ weight: Float,
  _ yWeights: Input?, _ coefficients: Output, _ dx: Output, _ accumulate: Bool
) {
  var j = 0
  while j < stride {
    var weights = Vector(repeating: weight)
    if let yWeights { weights += load(yWeights + j) }
    let k = kernel(x, y, stride, dimension, width, at: j)
    store(weights * k * (2 / width), coefficients + j)
    j &+= lanes
  }
  for d in 0..<dimension {
    var total = Vector.zero
    for j in Swift.stride(from: 0, to: stride, by: lanes) {
      total = multiplyAdd(load(coefficients + j), load(y + d &* stride + j) - x[d], total)
    }
    dx[d] = (accumulate ? dx[d] : 0) + total.sum()
  }
}
