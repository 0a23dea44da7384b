import Compute

/// The starting values of a parameter.
public struct Initialization: Sendable, Hashable {
  enum Distribution: Hashable {
    case uniform
    case normal
    case constant
  }

  let distribution: Distribution
  /// The bound of uniform values, the standard deviation of normal ones, or the constant.
  let scale: Float

  /// Zeros, for biases.
  public static let zeros = constant(0)
  /// Ones, for the gains of normalisations.
  public static let ones = constant(1)

  /// The same value for all elements.
  public static func constant(_ value: Float) -> Initialization {
    Initialization(distribution: .constant, scale: value)
  }

  /// Uniform in ±limit.
  public static func uniform(_ limit: Float) -> Initialization {
    Initialization(distribution: .uniform, scale: limit)
  }

  /// Normal with mean 0.
  public static func normal(_ deviation: Float) -> Initialization {
    Initialization(distribution: .normal, scale: deviation)
  }

  /// Uniform in ±√(6 / (inputs + outputs)) (Glorot and Bengio, 2010, equation 16).
  ///
  /// - Parameters:
  ///   - inputs: The fan-in: how many inputs each output sums.
  ///   - outputs: The fan-out: how many outputs each input is part of.
  public static func glorot(inputs: Int, outputs: Int) -> Initialization {
    uniform((6 / Float(inputs + outputs)).squareRoot())
  }

  /// Normal with variance 2 / inputs, for layers followed by relu (He et al., 2015, equation 10).
  public static func he(inputs: Int) -> Initialization { normal((2 / Float(inputs)).squareRoot()) }

  /// Sets a buffer to its starting values. Random ones are scaled on the host, so that they do not depend on the
  /// device.
  func fill(_ buffer: Buffer, _ stream: RandomStream, on device: any Device) throws(DeviceError) {
    guard distribution != .constant else { return try device.fill(buffer, with: scale) }
    guard scale != 0 else { return try device.fill(buffer, with: 0) }
    try device.random(distribution == .uniform ? .uniform : .normal, stream, into: buffer)
    let values = try device.download(buffer)
    try device.upload(
      distribution == .uniform
        ? values.map { (2 * $0 - 1) * scale } : values.map { $0 * scale }, to: buffer)
  }
}
