import Compute

extension RandomOperation: OpenCLOperation {
  /// Random numbers; the integers are those of ``/Compute/threefry(key:counter:)``.
  public func run(on device: OpenCLDevice) throws(DeviceError) {
    let number =
      switch distribution {
      case .bits: 0
      case .uniform: 1
      case .normal: 2
      }
    try device.launch(
      "random", "random", elements: quotient(y.count, 4),
      [
        .int(number), .uint4(stream.key), .uint4(stream.counter), .buffer(y), .uint(y.count),
      ])
  }
}

extension DropoutOperation: OpenCLOperation {
  /// Drops the elements whose uniform number is below `rate` and scales the others.
  public func run(on device: OpenCLDevice) throws(DeviceError) {
    try device.launch(
      "random", "dropout", elements: quotient(y.count, 4),
      [
        .float(rate), .float(1 - rate), .uint4(stream.key), .uint4(stream.counter), .buffer(x),
        .buffer(y), .uint(y.count),
      ])
  }
}

extension PermutationOperation: OpenCLOperation {
  /// The random permutation of ``/Compute/Permutation``.
  public func run(on device: OpenCLDevice) throws(DeviceError) {
    let permutation = Permutation(count: y.count, stream: stream)
    let keys = permutation.roundKeys
    try device.launch(
      "random", "permutation", elements: y.count,
      [
        .uint4(SIMD4(keys[0], keys[1], keys[2], keys[3])),
        .uint4(SIMD4(keys[4], keys[5], keys[6], keys[7])), .uint(Int(permutation.halfBits)),
        .buffer(y), .uint(y.count),
      ])
  }
}
