import Autograd
import Compute

/// A network, or a part of one, from tensor to tensor. Its parameters are those that its initialiser asks of a
/// scope; see ``Parameters``.
public protocol Module {
  /// The output.
  /// - Throws: `DeviceError` when the device fails.
  func callAsFunction(_ x: Tensor) throws -> Tensor
}

/// Modules one after the other.
///
/// ```swift
/// let network = try Sequential(
///   Reshape([28, 28, 1]), Conv2D(1, 32, size: 3, .relu, p["first"]), MaxPool(2), Flatten(),
///   Dropout(0.5), Dense(13 * 13 * 32, 10, p["output"]))
/// ```
public struct Sequential: Module {
  /// The modules, first to last.
  public let modules: [any Module]

  /// Puts modules behind each other.
  public init(_ modules: any Module...) { self.modules = modules }

  /// Puts modules behind each other.
  public init(_ modules: [any Module]) { self.modules = modules }

  /// What the last one makes.
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

  /// What the function makes of x.
  public func callAsFunction(_ x: Tensor) throws -> Tensor { try function(x) }
}

/// The rows of x in another shape: batch × the shape given.
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

/// The elements of each image or sequence side by side: batch × all others.
public struct Flatten: Module {
  /// Makes the module.
  public init() {}

  /// - Returns: batch × elements.
  /// - Throws: `DeviceError` when the device fails.
  public func callAsFunction(_ x: Tensor) throws(DeviceError) -> Tensor {
    x.shape.rank == 2 ? x : try x.reshaped([x.shape[0], x.shape.count / x.shape[0]])
  }
}

/// A function of each element.
public struct Activation: Module {
  private let function: UnaryFunction

  /// Names the function.
  public init(_ function: UnaryFunction) { self.function = function }

  /// - Throws: `DeviceError` when the device fails.
  public func callAsFunction(_ x: Tensor) throws(DeviceError) -> Tensor { try x.map(function) }
}

/// Sets a random part of the elements to zero while training, and scales the others up (Srivastava et al., 2014);
/// elsewhere x.
public struct Dropout: Module {
  private let rate: Float

  /// - Parameter rate: The part, in 0..<1.
  public init(_ rate: Float) { self.rate = rate }

  /// - Throws: `DeviceError` when the device fails.
  public func callAsFunction(_ x: Tensor) throws(DeviceError) -> Tensor {
    guard rate > 0, let step = TrainingStep.current else { return x }
    return try x.droppingOut(rate, step.nextStream())
  }
}
