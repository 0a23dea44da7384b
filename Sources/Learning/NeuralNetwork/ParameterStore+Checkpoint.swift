import Compute
import Files

extension ParameterStore {
  /// Writes the parameters as a safetensors file.
  /// - Throws: `FileError`, also when a parameter is not finite: what was there stays; `DeviceError`.
  public func save(to path: String, metadata: [String: String] = [:]) throws {
    try SafeTensors.write(try arrays(.parameters, "", for: path), metadata: metadata, to: path)
  }

  /// A part of the store, under names with a prefix, for a file that must hold numbers.
  private func arrays(_ part: Part, _ prefix: String, for path: String) throws -> [NamedArray] {
    try zip(specifications, try values(part)).map { specification, values in
      if let bad = values.first(where: { !$0.isFinite }) {
        throw FileError(
          path, "not written: \(prefix)\(specification.name) holds \(bad)",
          remedy: "train again with a lower learning rate")
      }
      return NamedArray(prefix + specification.name, specification.extent, values)
    }
  }

  /// Reads parameters that ``save(to:metadata:)`` wrote for a model of the same extents.
  /// - Throws: `FileError` when a parameter is missing or has another extent.
  public func load(from path: String) throws {
    let arrays = try SafeTensors.read(path).arrays
    try setValues(try specifications.map { try $0.values(in: arrays, of: path) })
  }

  /// Whether a file holds just these parameters.
  public func areHeld(by path: String) -> Bool {
    guard let arrays = try? SafeTensors.read(path).arrays,
      let values = try? specifications.map({ try $0.values(in: arrays, of: path) })
    else { return false }
    return (try? self.values()) == values
  }

  /// Refuses a file that is far too short for many parameters, before a model of their extents takes memory:
  /// what asks for them may come from anybody.
  /// - Throws: `FileError`, also when the file is missing.
  public static func check(_ path: String, holds specifications: [ParameterSpecification])
    throws(FileError)
  {
    let size = try fileSize(path)
    let count = specifications.reduce(0) { $0 + $1.shape.count }
    // A model of the usual size costs nothing; what is wrong with its file shows when that is read.
    guard count * MemoryLayout<Float>.size <= max(16 * size, 1 << 26) else {
      throw FileError(
        path, "has \(size) bytes where the configuration asks for \(count) numbers",
        remedy: "use the weights that belong to the run's config.json")
    }
  }

  /// Writes all that training needs to continue: parameters, the moments of Adam, and the number of
  /// steps.
  /// - Throws: `FileError`, also when a number is not finite: what was there stays; `DeviceError`.
  ///
  /// - Parameter others: Arrays to keep beside them, whose names are none of theirs.
  public func saveCheckpoint(
    to path: String, metadata: [String: String] = [:], others: [NamedArray] = []
  ) throws {
    try [self].saveCheckpoint(to: path, metadata: metadata, others: others)
  }

  /// Reads what ``saveCheckpoint(to:metadata:others:)`` wrote.
  ///
  /// - Returns: The metadata, and all arrays of the file.
  /// - Throws: `FileError` when something is missing or has another extent.
  @discardableResult
  public func loadCheckpoint(from path: String) throws
    -> (metadata: [String: String], arrays: [String: NamedArray])
  {
    try [self].loadCheckpoint(from: path)
  }

  fileprivate static let checkpointParts: [(prefix: String, part: Part)] = [
    ("", .parameters), ("m.", .firstMoments), ("v.", .secondMoments),
  ]

  fileprivate func checkpointArrays(for path: String) throws -> [NamedArray] {
    try Self.checkpointParts.flatMap { try arrays($0.part, $0.prefix, for: path) }
  }

  fileprivate func values(_ prefix: String, in arrays: [String: NamedArray], of path: String)
    throws -> [[Float]]
  {
    try specifications.map { specification in
      var prefixed = specification
      prefixed.name = prefix + specification.name
      return try prefixed.values(in: arrays, of: path)
    }
  }
}

/// Networks that take their steps together, each with an optimiser of its own, such as the two of a GAN:
/// their parameters, of different names, are in one checkpoint.
extension [ParameterStore] {
  /// Writes all that training needs to continue: parameters, the moments of Adam, and the number of
  /// steps.
  /// - Throws: `FileError`, also when a number is not finite: what was there stays; `DeviceError`.
  ///
  /// - Parameter others: Arrays to keep beside them, whose names are none of theirs.
  public func saveCheckpoint(
    to path: String, metadata: [String: String] = [:], others: [NamedArray] = []
  ) throws {
    let steps = ["steps": String(self[0].steps)]
    try SafeTensors.write(
      try flatMap { try $0.checkpointArrays(for: path) } + others,
      metadata: metadata.merging(steps) { $1 }, to: path)
  }

  /// Reads what ``saveCheckpoint(to:metadata:others:)`` wrote.
  ///
  /// - Returns: The metadata, and all arrays of the file.
  /// - Throws: `FileError` when something is missing or has another extent.
  @discardableResult
  public func loadCheckpoint(from path: String) throws
    -> (metadata: [String: String], arrays: [String: NamedArray])
  {
    let (arrays, metadata) = try SafeTensors.read(path)
    guard let steps = metadata["steps"].flatMap(Int.init), steps >= 0 else {
      throw FileError(path, "does not say its number of steps", remedy: "train the run again")
    }
    // All that can be wrong with the file shows before anything is replaced.
    let contents = try map { store in
      try ParameterStore.checkpointParts.map {
        (try store.values($0.prefix, in: arrays, of: path), $0.part)
      }
    }
    for (store, parts) in zip(self, contents) {
      for (values, part) in parts { try store.setValues(values, part) }
      store.setSteps(steps)
    }
    return (metadata, arrays)
  }
}

extension ParameterSpecification {
  /// The extent in files: a bias is a vector.
  fileprivate var extent: [Int] {
    shape.rows == 1 ? [shape.columns] : [shape.rows, shape.columns]
  }

  fileprivate func values(in arrays: [String: NamedArray], of path: String) throws -> [Float] {
    guard let array = arrays[name] else {
      throw FileError(
        path, "has no \(name)", remedy: "use the weights that belong to the run's config.json")
    }
    guard array.shape == extent else {
      throw FileError(
        path, "has \(name) of shape \(array.shape) where the configuration asks for \(extent)",
        remedy: "use the weights that belong to the run's config.json")
    }
    return array.values
  }
}
