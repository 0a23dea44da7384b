import Files
import Foundation

/// One scored candidate.
public struct Evaluation: Sendable, Hashable, Codable {
  /// The class scored; nil for the mean over all.
  public var label: Int?
  /// θ in tenths, one for each dimension; a single one for Simple.
  public var theta: [Int]
  /// n, the number of draws averaged.
  public var draws: Int
  /// The number of images of each class.
  public var samples: Int
  /// The mean cosine.
  public var cosine: Double
  /// The accuracy by the classifier.
  public var accuracy: Double
}

/// The settings of a history: a search with other settings cannot continue it.
public struct SearchSettings: Sendable, Hashable, Codable {
  /// The generator.
  public var generator: GeneratorKind
  /// The number of images of each class for a final comparison.
  public var samples: Int
  /// The seed of the samples and the restarts.
  public var seed: UInt64
  /// An identifier of the models, such as a digest of their weights.
  public var models: String
  /// The meaning of σ, θ and the cosine.
  public var convention: Convention

  /// Describes a search.
  public init(
    generator: GeneratorKind, samples: Int, seed: UInt64, models: String,
    convention: Convention = Convention()
  ) {
    self.generator = generator
    self.samples = samples
    self.seed = seed
    self.models = models
    self.convention = convention
  }
}

/// Every candidate that a search has scored, as JSON lines. A search restarted with its history reuses the
/// scores and continues where it stopped.
public final class SearchHistory {
  /// The candidates in order.
  public private(set) var evaluations: [Evaluation] = []

  private struct Key: Hashable {
    var label: Int?
    var theta: [Int]
    var draws: Int
    var samples: Int
  }
  private var known: [Key: Evaluation] = [:]
  private let file: FileHandle?
  private let path: String
  private let encoder = JSONEncoder()

  /// A history in memory.
  public init() { (file, path) = (nil, "") }

  /// A history in a file, with the file's entries of the same settings.
  ///
  /// A truncated last line is dropped. A file of other settings is overwritten.
  /// - Throws: `FileError` when the file cannot be read or written.
  public init(at path: String, of settings: SearchSettings) throws {
    self.path = path
    encoder.outputFormatting = .sortedKeys
    let decoder = JSONDecoder()
    var lines: [Data] = []
    if FileManager.default.fileExists(atPath: path) {
      lines = Data(try readFile(path)).split(separator: UInt8(ascii: "\n")).map { Data($0) }
    }
    if let first = lines.first,
      (try? decoder.decode(SearchSettings.self, from: first)) == settings
    {
      evaluations = lines.dropFirst().compactMap { try? decoder.decode(Evaluation.self, from: $0) }
        .filter { (1...10_000_000).contains($0.samples) }
    }
    let header = try encoder.encode(settings)
    let body = try evaluations.map { [encoder] in try encoder.encode($0) }
    try writeAtomically(
      Array(([header] + body).map { $0 + [UInt8(ascii: "\n")] }.joined()), to: path)
    guard let file = FileHandle(forWritingAtPath: path) else {
      throw FileError(path, "cannot be opened for writing", remedy: "check its permissions")
    }
    try file.seekToEnd()
    self.file = file
    for evaluation in evaluations { known[key(evaluation)] = evaluation }
  }

  /// The score of a candidate, from the history or otherwise from `score`.
  func evaluation(
    label: Int?, theta: [Int], draws: Int, samples: Int,
    score: () throws -> (cosine: Double, accuracy: Double)
  ) throws -> Evaluation {
    let key = Key(label: label, theta: theta, draws: draws, samples: samples)
    if let evaluation = known[key] { return evaluation }
    let (cosine, accuracy) = try score()
    let evaluation = Evaluation(
      label: label, theta: theta, draws: draws, samples: samples, cosine: cosine,
      accuracy: accuracy)
    known[key] = evaluation
    evaluations.append(evaluation)
    if let file {
      do {
        try file.write(contentsOf: try encoder.encode(evaluation) + [UInt8(ascii: "\n")])
      } catch {
        throw FileError(
          path, "cannot be written (\(error.localizedDescription))",
          remedy: "free some space; the search continues where it stopped")
      }
    }
    return evaluation
  }

  private func key(_ evaluation: Evaluation) -> Key {
    Key(
      label: evaluation.label, theta: evaluation.theta, draws: evaluation.draws,
      samples: evaluation.samples)
  }
}
