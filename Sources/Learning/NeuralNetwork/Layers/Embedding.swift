import Autograd
import Compute

/// A table of vectors, one for each value of an integer input.
public struct Embedding {
  /// count × width.
  public let weight: Tensor

  /// Declares `weight`, normal with deviation 1 unless asked otherwise.
  ///
  /// - Parameters:
  ///   - count: The number of vectors; inputs are in 0..<count.
  ///   - width: The length of a vector.
  ///   - p: The scope that gets the parameter.
  ///   - initialization: The starting values of the vectors.
  /// - Throws: ``ParameterError`` when the scope has it already.
  public init(
    _ count: Int, _ width: Int, _ p: Parameters, initialization: Initialization = .normal(1)
  ) throws {
    weight = try p("weight", [count, width], initialization)
  }

  /// The vectors at some indices (`int32`).
  /// - Returns: indices × width.
  /// - Throws: `DeviceError` when the device fails.
  public func callAsFunction(_ numbers: Buffer) throws(DeviceError) -> Tensor {
    try weight.rows(at: numbers)
  }

  /// The vectors of some labels.
  /// - Returns: labels × width.
  /// - Throws: ``ParameterError`` when there are more classes than vectors; `DeviceError`.
  public func callAsFunction(_ labels: Labels) throws -> Tensor {
    guard labels.classCount <= weight.shape.rows else {
      throw ParameterError(
        "labels of \(labels.classCount) classes have only \(weight.shape.rows) vectors")
    }
    return try self(labels.buffer)
  }
}
