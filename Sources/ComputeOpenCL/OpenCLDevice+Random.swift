import Compute

extension OpenCLDevice {
  /// Random numbers; the integers are those of ``threefry(key:counter:)``.
  public func random(_ distribution: Distribution, _ stream: RandomStream, into y: Buffer)
    throws(DeviceError)
  {
    y.require(
      y.count, "the result of random", type: distribution == .bits ? .int32 : .float32)
    let number =
      switch distribution {
      case .bits: 0
      case .uniform: 1
      case .normal: 2
      }
    try launch(
      "random", "random", elements: quotient(y.count, 4),
      [
        .int(number), .uint4(stream.key), .uint4(stream.counter), .buffer(y), .uint(y.count),
      ])
  }

  /// Drops the elements whose uniform number is below `rate` and scales the others.
  public func dropout(_ rate: Float, _ stream: RandomStream, _ x: Buffer, into y: Buffer)
    throws(DeviceError)
  {
    x.require(y.count, "the input of dropout")
    y.require(y.count, "the result of dropout")
    try launch(
      "random", "dropout", elements: quotient(y.count, 4),
      [
        .float(rate), .float(1 - rate), .uint4(stream.key), .uint4(stream.counter), .buffer(x),
        .buffer(y), .uint(y.count),
      ])
  }

  /// The random permutation of ``Permutation``.
  public func permutation(_ stream: RandomStream, into y: Buffer) throws(DeviceError) {
    y.require(y.count, "the result of permutation", type: .int32)
    let permutation = Permutation(count: y.count, stream: stream)
    let keys = permutation.roundKeys
    try launch(
      "random", "permutation", elements: y.count,
      [
        .uint4(SIMD4(keys[0], keys[1], keys[2], keys[3])),
        .uint4(SIMD4(keys[4], keys[5], keys[6], keys[7])), .uint(Int(permutation.halfBits)),
        .buffer(y), .uint(y.count),
      ])
  }
}
