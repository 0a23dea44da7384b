import Compute
import Files

/// Optimisers that take their steps together, such as the two of a GAN: one checkpoint holds the parameters of all,
/// whose names must differ.
extension [Optimizer] {
  /// Writes all that training needs to continue: parameters, the optimisers' state, and the number of
  /// steps.
  /// - Throws: `FileError`, also when a value is not finite; an earlier file is then kept; `DeviceError`.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - metadata: Further metadata for the file.
  ///   - others: Further arrays to keep, under names of their own.
  public func saveCheckpoint(
    to path: String, metadata: [String: String] = [:], others: [NamedArray] = []
  ) throws {
    let steps = ["steps": String(first?.steps ?? 0)]
    try SafeTensors.write(
      try flatMap { try $0.checkpointArrays(for: path) } + others,
      metadata: metadata.merging(steps) { $1 }, to: path)
  }

  /// Reads what ``saveCheckpoint(to:metadata:others:)`` wrote.
  ///
  /// - Returns: The metadata, and all arrays of the file.
  /// - Throws: `FileError` when something is missing or has another shape.
  @discardableResult
  public func loadCheckpoint(from path: String) throws
    -> (metadata: [String: String], arrays: [String: NamedArray])
  {
    let (arrays, metadata) = try SafeTensors.read(path)
    guard let steps = metadata["steps"].flatMap(Int.init), steps >= 0 else {
      throw FileError(path, "does not say its number of steps", remedy: "train the run again")
    }
    // Any problem with the file shows before anything is replaced.
    let contents = try map { optimizer in
      (
        parameters: try Parameters.values(
          of: optimizer.parameters.descriptions, in: arrays, of: path),
        state: try optimizer.stateNames.map {
          try Parameters.values(
            of: optimizer.parameters.trainedDescriptions, $0, in: arrays, of: path)
        }
      )
    }
    for (optimizer, content) in zip(self, contents) {
      try optimizer.parameters.setValues(content.parameters)
      for (index, values) in content.state.enumerated() {
        try optimizer.setStateValues(values, index)
      }
      optimizer.steps = steps
    }
    return (metadata, arrays)
  }
}

extension Optimizer {
  fileprivate func checkpointArrays(for path: String) throws -> [NamedArray] {
    try Parameters.arrays(parameters.descriptions, try parameters.values(), for: path)
      + stateNames.indices.flatMap {
        try Parameters.arrays(
          parameters.trainedDescriptions, try stateValues($0), stateNames[$0], for: path)
      }
  }
}
