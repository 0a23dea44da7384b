import Datasets
import Files
import Foundation
import Models

extension SearchResult {
  /// Writes the result as JSON beside the weights that it was found for, with their checksum.
  /// - Throws: `FileError`.
  public func save(to run: Run) throws {
    var result = self
    result.origin = try run.origin()
    let path = run.searchPath(generator.rawValue)
    try run.claim([path])
    try writeAtomically(try jsonText(result), to: path)
  }

  /// Reads the result of a search of a run.
  /// - Throws: `FileError` when there is none, or when it does not match the number of classes or
  ///   `latentDimension`.
  public static func load(
    _ generator: GeneratorKind, of run: Run, classes: Int, latentDimension: Int
  ) throws -> SearchResult {
    let path = run.searchPath(generator.rawValue)
    guard FileManager.default.fileExists(atPath: path) else {
      throw FileError(
        path, "the run has no θ for \(generator.rawValue) yet",
        remedy: "search it with: digitalis search \(generator.rawValue) --run \(run.folder)")
    }
    let remedy = "search it again with: digitalis search \(generator.rawValue) --run \(run.folder)"
    guard
      let result = try? JSONDecoder().decode(
        Self.self, from: Data(try readFile(path, limit: 1 << 24)))
    else {
      throw FileError(path, "is not the result of a search", remedy: remedy)
    }
    if let origin = result.origin, origin != (try run.origin()) {
      throw FileError(path, "was found for other weights or labels than this run's", remedy: remedy)
    }
    guard result.theta.count == classes, (1...100_000).contains(result.draws),
      result.theta.allSatisfy({
        $0.count == latentDimension && $0.allSatisfy { $0.isFinite && $0 >= 0 }
      })
    else {
      throw FileError(
        path, "has no θ of \(classes) × \(latentDimension)", remedy: remedy)
    }
    return result
  }
}

extension Run {
  /// A digest of the weights and the classifier of the run, or another classifier: 16 digits (FNV-1a) of
  /// their contents.
  /// - Throws: `FileError` when one is missing.
  public func digest(with classifier: String? = nil) throws -> String {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for path in [weightsPath, classifier ?? classifierPath] {
      for byte in try readFile(path) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    }
    return String(hash, radix: 16)
  }
}
