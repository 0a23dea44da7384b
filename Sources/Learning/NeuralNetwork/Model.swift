import Autograd
import Compute

/// A network with its parameters on a device.
///
/// ```swift
/// let model = try Model(Perceptron.init, seed: 1, on: device)
/// let logits = try model(images)
/// ```
@dynamicMemberLookup
public final class Model<Network> {
  /// The network.
  public let network: Network
  /// Its parameters.
  public let parameters: Parameters

  /// Creates a network whose starting values depend on the seed but not on the device.
  ///
  /// - Parameters:
  ///   - make: Such as the initialiser of a ``Module``.
  ///   - seed: The seed of the starting values, and of dropout while training.
  ///   - device: The device that gets the parameters.
  /// - Throws: ``ParameterError`` when two parameters share a name; `DeviceError`; what `make` throws.
  public init(
    _ make: (Parameters) throws -> Network, seed: UInt64 = 1, on device: any Device
  ) throws {
    (parameters, network) = try Parameters.declare(seed: seed, on: device, make)
  }

  /// The device that holds the parameters.
  public var device: any Device { parameters.device }

  /// A part of the network.
  public subscript<Part>(dynamicMember path: KeyPath<Network, Part>) -> Part {
    network[keyPath: path]
  }

  /// Writes the parameters to a safetensors file, atomically.
  /// - Throws: `FileError`, also when a parameter is not finite; `DeviceError`.
  public func save(_ path: String) throws { try parameters.save(to: path) }

  /// Reads parameters that ``save(_:)`` wrote.
  /// - Throws: `FileError` that names the parameters that are missing, superfluous, or of another shape;
  ///   `DeviceError`.
  public func load(_ path: String) throws { try parameters.load(from: path) }
}

extension Model where Network: Module {
  /// The output of the network.
  /// - Throws: `DeviceError` when the device fails.
  public func callAsFunction(_ x: Tensor) throws -> Tensor { try network(x) }
}
