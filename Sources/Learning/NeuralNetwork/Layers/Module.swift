import Autograd
import Compute

/// A network, or a part of one, from tensor to tensor. Its initialiser takes its parameters from a scope; see
/// ``Parameters``.
public protocol Module {
  /// The output.
  /// - Throws: `DeviceError` when the device fails.
  func callAsFunction(_ x: Tensor) throws -> Tensor
}

/// Modules applied one after the other.
///
/// ```swift
/// let network = try Sequential(
///   Reshape([28, 28, 1]), Conv2D(1, 32, size: 3, .relu, p["first"]), MaxPool(2), Flatten(),
///   Dropout(0.5), Dense(13 * 13 * 32, 10, p["output"]))
/// ```
public struct Sequential: Module {
  /// The modules, first to last.
  public let modules: [any Module]

  /// Chains modules.
  public init(_ modules: any Module...) { self.modules = modules }

  /// Chains modules.
  public init(_ modules: [any Module]) { self.modules = modules }

  /// The output of the last module.
  /// - Throws: `DeviceError` when the device fails.
  public func callAsFunction(_ x: Tensor) throws -> Tensor {
    try modules.reduce(x) { try $1($0) }
  }
}

/// A function as a module.
public struct Lambda: Module {
  private let function: (Tensor) throws -> Tensor

  /// Wraps a function.
  public init(_ function: @escaping (Tensor) throws -> Tensor) { self.function = function }

  /// The function's result for x.
  public func callAsFunction(_ x: Tensor) throws -> Tensor { try function(x) }
}

/// Reshapes each row of a batch: the result is batch × the given shape.
public struct Reshape: Module {
  private let extents: [Int]

  /// Describes the shape of a row.
  public init(_ extents: [Int]) { self.extents = extents }

  /// - Returns: batch × shape.
  /// - Throws: `DeviceError` when the device fails.
  public func callAsFunction(_ x: Tensor) throws(DeviceError) -> Tensor {
    try x.reshaped(Shape([x.shape[0]] + extents))
  }
}

/// Flattens each image or sequence: the result is batch × elements.
public struct Flatten: Module {
  /// Makes the module.
  public init() {}

  /// - Returns: batch × elements.
  /// - Throws: `DeviceError` when the device fails.
  public func callAsFunction(_ x: Tensor) throws(DeviceError) -> Tensor {
    x.shape.rank == 2 ? x : try x.reshaped([x.shape[0], x.shape.count / x.shape[0]])
  }
}

/// Applies a function to each element.
public struct Activation: Module {
  private let function: UnaryFunction

  /// Names the function.
  public init(_ function: UnaryFunction) { self.function = function }

  /// - Throws: `DeviceError` when the device fails.
  public func callAsFunction(_ x: Tensor) throws(DeviceError) -> Tensor { try x.map(function) }
}

/// Sets a random fraction of the elements to zero while training, and scales up the others (Srivastava et al., 2014);
/// otherwise returns x.
public struct Dropout: Module {
  private let rate: Float

  /// - Parameter rate: The fraction of elements set to zero, in 0..<1.
  public init(_ rate: Float) { self.rate = rate }

  /// - Throws: `DeviceError` when the device fails.
  public func callAsFunction(_ x: Tensor) throws(DeviceError) -> Tensor {
    guard rate > 0, let step = TrainingStep.current else { return x }
    return try x.droppingOut(rate, step.nextStream())
  }
}
