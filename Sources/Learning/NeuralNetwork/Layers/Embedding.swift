import Autograd
import Compute

/// A table of vectors, one for each number that an input may be.
public struct Embedding {
  /// count × width.
  public let weight: Tensor

  /// Declares `weight`, normal with deviation 1 unless asked otherwise.
  ///
  /// - Parameters:
  ///   - count: The numbers: 0..<count.
  ///   - width: The extent of a vector.
  ///   - p: The scope that gets the parameter.
  ///   - initialization: How the vectors start.
  /// - Throws: ``ParameterError`` when the scope has it already.
  public init(
    _ count: Int, _ width: Int, _ p: Parameters, initialization: Initialization = .normal(1)
  ) throws {
    weight = try p("weight", [count, width], initialization)
  }

  /// The vectors of some numbers (`int32`).
  /// - Returns: numbers × width.
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
