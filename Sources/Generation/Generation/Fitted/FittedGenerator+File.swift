import Datasets
import Files
import Foundation
import Models
import NeuralNetwork

extension FittedGenerator {
  /// The generator's arrays: `theta`, and for each label `N.mean`, `N.weights`, `N.centers` and
  /// `N.factors`.
  var arrays: [NamedArray] {
    let dimension = latentDimension
    return [NamedArray("theta", [classes.count], theta)]
      + classes.enumerated().flatMap { label, own in
        [
          NamedArray("\(label).mean", [dimension], own.mean),
          NamedArray("\(label).weights", [own.weights.count], own.weights),
          NamedArray("\(label).centers", [own.weights.count, dimension], own.centers),
          NamedArray(
            "\(label).factors",
            [own.factors.count / (dimension * dimension), dimension, dimension], own.factors),
        ]
      }
  }

  /// Writes the generator as a safetensors file: for each class its mean and the weights, centres and factors of its
  /// distribution.
  /// - Throws: `FileError`.
  public func save(to path: String, metadata: [String: String] = [:]) throws {
    let arrays = arrays
    var notes = metadata
    notes["kind"] = kind.rawValue
    for (label, own) in classes.enumerated() { notes["\(label).note"] = own.note }
    if let bad = arrays.first(where: { !$0.values.allSatisfy(\.isFinite) }) {
      throw FileError(
        path, "not written: \(bad.name) is not finite", remedy: "check the run's weights")
    }
    try SafeTensors.write(arrays, metadata: notes, to: path)
  }

  /// Reads a generator of a run.
  /// - Throws: `FileError` when there is none, or when it does not match the number of classes or
  ///   `latentDimension`.
  public static func load(
    _ kind: FittedKind, of run: Run, classes count: Int, latentDimension: Int
  ) throws -> FittedGenerator {
    let path = run.generatorPath(kind.rawValue)
    let command = "digitalis fit \(kind.rawValue) --run \(run.folder)"
    guard FileManager.default.fileExists(atPath: path) else {
      throw FileError(
        path, "the run has no \(kind.rawValue) generator yet", remedy: "fit it with: \(command)")
    }
    try run.checkOrigin(
      of: path, run.origin, remedy: "fit it again with: \(command)")
    let (arrays, metadata) = try SafeTensors.read(path)
    func wrong(_ problem: String) -> FileError {
      FileError(path, problem, remedy: "fit it again with: \(command)")
    }
    guard metadata["kind"] == kind.rawValue else {
      throw wrong("is not a \(kind.rawValue) generator")
    }
    return try FittedGenerator(
      kind, arrays, classes: count, dimension: latentDimension,
      notes: { metadata["\($0).note"] ?? "" }, wrong: wrong)
  }

  /// Assembles a generator from its ``arrays``.
  ///
  /// - Parameter wrong: Makes an error from a description of what is wrong.
  /// - Throws: The errors that `wrong` makes.
  init(
    _ kind: FittedKind, _ arrays: [String: NamedArray], classes count: Int, dimension: Int,
    notes: (Int) -> String = { _ in "" }, wrong: (String) -> FileError
  ) throws {
    /// An array of this shape, where nil means any size of at least 1.
    func values(_ name: String, _ extent: [Int?]) throws -> [Float] {
      guard let array = arrays[name], array.shape.count == extent.count,
        zip(array.shape, extent).allSatisfy({ $0 >= 1 && ($1 == nil || $0 == $1) })
      else {
        let text = extent.map { $0.map(String.init) ?? "…" }.joined(separator: " × ")
        throw wrong("has no \(name) of \(text)")
      }
      return array.values
    }
    let classes = try (0..<count).map { label in
      let weights = try values("\(label).weights", [nil])
      let factors = try values("\(label).factors", [nil, dimension, dimension])
      let size = factors.count / (dimension * dimension)
      guard weights.allSatisfy({ $0 >= 0 }), abs(weights.reduce(0, +) - 1) < 1e-3 else {
        throw wrong("has \(label).weights that do not add up to 1")
      }
      guard size == 1 || size == weights.count else {
        throw wrong("has \(size) \(label).factors for \(weights.count) components")
      }
      return ClassDistribution(
        mean: try values("\(label).mean", [dimension]), weights: weights,
        centers: try values("\(label).centers", [weights.count, dimension]), factors: factors,
        note: notes(label))
    }
    let theta = try values("theta", [count])
    guard theta.allSatisfy({ $0 >= 0 }) else { throw wrong("has a negative theta") }
    self.init(kind, classes, theta: theta)
  }
}
