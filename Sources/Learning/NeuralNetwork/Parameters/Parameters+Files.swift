import Compute
import Files

extension Parameters {
  fileprivate static let remedy = "use the weights that belong to this model"

  /// Writes the parameters to a safetensors file.
  /// - Throws: `FileError`, also when a parameter is not finite; an earlier file is then kept; `DeviceError`.
  public func save(to path: String, metadata: [String: String] = [:]) throws {
    try SafeTensors.write(
      try Self.arrays(descriptions, try values(), for: path), metadata: metadata, to: path)
  }

  /// Reads parameters that ``save(to:metadata:)`` wrote for a model of the same shapes.
  /// - Throws: `FileError` when a parameter is missing, superfluous, or of another shape.
  public func load(from path: String) throws {
    let arrays = try SafeTensors.read(path).arrays
    let values = try Self.values(of: descriptions, in: arrays, of: path)
    let others = Set(arrays.keys).subtracting(names).sorted()
    guard others.isEmpty else {
      throw FileError(
        path, "has \(Self.list(others)), which this model has not", remedy: Self.remedy)
    }
    try setValues(values)
  }

  /// Whether a file holds just these parameters.
  public func areHeld(by path: String) -> Bool {
    guard let arrays = try? SafeTensors.read(path).arrays,
      let values = try? Self.values(of: descriptions, in: arrays, of: path)
    else { return false }
    return (try? self.values()) == values
  }

  /// Refuses a file that is far too short for many parameters, before a model of their shapes is allocated: the
  /// configuration that asks for them is not trusted.
  /// - Throws: `FileError`, also when the file is missing.
  public static func check(_ path: String, holds descriptions: [ParameterDescription])
    throws(FileError)
  {
    let size = try fileSize(path)
    let count = descriptions.reduce(0) { $0 + $1.shape.count }
    // A model of the usual size costs little; a problem with its file shows when the file is read.
    guard count * MemoryLayout<Float>.size <= max(16 * size, 1 << 26) else {
      throw FileError(
        path, "has \(size) bytes where the configuration asks for \(count) numbers",
        remedy: "use the weights that belong to the run's config.json")
    }
  }

  /// Values under names with a prefix, for a file that must hold finite numbers.
  static func arrays(
    _ descriptions: [ParameterDescription], _ values: [[Float]], _ prefix: String = "",
    for path: String
  ) throws -> [NamedArray] {
    try zip(descriptions, values).map { parameter, values in
      if let bad = values.first(where: { !$0.isFinite }) {
        throw FileError(
          path, "not written: \(prefix)\(parameter.name) holds \(bad)",
          remedy: "train again with a lower learning rate")
      }
      return NamedArray(prefix + parameter.name, parameter.extents, values)
    }
  }

  /// The values of each parameter among the arrays of a file, under names with a prefix.
  /// - Throws: `FileError` that names all that are missing.
  package static func values(
    of descriptions: [ParameterDescription], _ prefix: String = "",
    in arrays: [String: NamedArray], of path: String
  ) throws -> [[Float]] {
    let names = descriptions.map { prefix + $0.name }
    let missing = names.filter { arrays[$0] == nil }
    guard missing.isEmpty else {
      let known = Set(names)
      let others = arrays.keys.filter { !known.contains($0) }.sorted()
      throw FileError(
        path,
        "has no \(list(missing))"
          + (others.isEmpty || !prefix.isEmpty ? "" : ", but \(list(others))"),
        remedy: remedy)
    }
    return try descriptions.map { parameter in
      let array = arrays[prefix + parameter.name]!
      guard array.shape == parameter.extents else {
        throw FileError(
          path,
          "has \(array.name) of shape \(array.shape) where the model asks for "
            + "\(parameter.extents)", remedy: remedy)
      }
      return array.values
    }
  }

  /// The first few of some names.
  private static func list(_ names: [String]) -> String {
    names.prefix(4).joined(separator: ", ")
      + (names.count > 4 ? " and \(names.count - 4) more" : "")
  }
}
