import Datasets
import Files
import Foundation
import NeuralNetwork
import Training

extension Run {
  /// All names that files of a run can have.
  private var names: [String] {
    (trainedPaths + derivedPaths + [labelsPath, judgePath, judgeCheckpointPath]
      + ["simple", "medium1", "medium2"].map(historyPath))
      .map { String($0.dropFirst(folder.count + 1)) }
  }

  /// The paths of all files that a run can have.
  public var paths: [String] { names.map { "\(folder)/\($0)" } + ["\(folder)/\(FileList.name)"] }

  /// Whether a run has been started here, even one that has lost its configuration.
  /// - Throws: `FileError` when the list of its files cannot be read.
  public func exists() throws(FileError) -> Bool {
    if let listed = try FileList(of: folder).names() {
      return [configurationPath, checkpointPath].contains {
        listed.contains(name(of: $0)) && Files.exists($0)
      }
    }
    return isOfOlderVersion
  }

  /// Whether this is a run without a list of its files, as older versions left them.
  private var isOfOlderVersion: Bool {
    holdsBaseline || (try? RunConfiguration.load(from: configurationPath)) != nil
  }

  /// Whether the folder holds a baseline: its configuration names one.
  public var holdsBaseline: Bool {
    struct Name: Decodable { var baseline: String }
    let bytes = try? readFile(configurationPath, limit: RunConfiguration.sizeLimit)
    return (try? JSONDecoder().decode(Name.self, from: Data(bytes ?? []))) != nil
  }

  /// Checks that a new run may begin in the folder: it does not exist, is empty, or holds a run that may be replaced.
  /// - Throws: `FileError` that says what is there.
  public func checkFree(overwrite: Bool) throws(FileError) {
    let files = FileList(of: folder)
    if try exists() {
      guard overwrite else {
        throw FileError(
          folder, "already holds a run",
          remedy: "name another folder, or add --resume or --overwrite")
      }
    } else if try files.names() == nil {
      try files.checkEmpty()
    }
  }

  /// Claims files for the run before they are written; without paths, all that a run can have.
  ///
  /// - Throws: `FileError` when something else has one of the names.
  public func claim(_ paths: [String]? = nil) throws(FileError) {
    try FileList(of: folder).claim(
      paths?.map(name(of:)) ?? names, known: filesOfOlderVersion)
  }

  /// The files under the names of a run, in one that has no list of them.
  private func filesOfOlderVersion() throws(FileError) -> Set<String> {
    guard isOfOlderVersion else { return [] }
    return Set(
      try contents(of: folder).filter {
        names.contains($0) || $0.hasPrefix("search-") && $0.hasSuffix(".jsonl")
      })
  }

  private func name(of path: String) -> String { String(path.dropFirst(folder.count + 1)) }

  /// The checksum of the weights, which marks the files derived from them.
  /// - Throws: `FileError` when there are none.
  public func weightsChecksum() throws(FileError) -> String { checksum(try readFile(weightsPath)) }

  /// Refuses a file of the run that was derived from the wrong source, such as other weights. Files of older versions
  /// do not name their source.
  ///
  /// - Parameters:
  ///   - path: A safetensors file whose metadata names its source as `origin`.
  ///   - origin: What it should be derived from.
  ///   - remedy: What the user can do if it isn't.
  /// - Throws: `FileError`.
  public func checkOrigin(
    of path: String, _ origin: () throws -> String?, remedy: String
  ) throws {
    guard let own = try SafeTensors.metadata(of: path)["origin"], let origin = try origin(),
      own != origin
    else { return }
    throw FileError(
      path, "was made from other weights, images or labels than this run's", remedy: remedy)
  }
}

extension RunConfiguration {
  /// What determines the weights: all but how long training lasts, where it runs, where its images are, and what
  /// their classes are called.
  var recipe: Self {
    var recipe = self
    (recipe.epochs, recipe.device, recipe.dataset) = (1, "", "")
    recipe.classNames = nil
    return recipe
  }

  /// Refuses a file whose metadata names another recipe. Files of older versions name none.
  /// - Throws: `FileError` that names what differs.
  public func check(_ metadata: [String: String], of path: String) throws {
    guard let other = try value(Self.self, "configuration", in: metadata, of: path) else { return }
    var (mine, theirs) = (recipe, other.recipe)
    // A configuration of an older version has none: compare without them.
    if mine.checksums == nil || theirs.checksums == nil {
      (mine.checksums, theirs.checksums) = (nil, nil)
    }
    guard mine != theirs else { return }
    let (own, others) = (try fields(mine), try fields(theirs))
    let names = Set(own.keys).union(others.keys).sorted().filter { own[$0] != others[$0] }
    let differences = names.map {
      "\($0) \(others[$0] ?? "unset") instead of \(own[$0] ?? "unset")"
    }
    throw FileError(
      path, "belongs to a run with \(differences.joined(separator: ", "))",
      remedy: "give the run back the file, or config.json, that was its own")
  }
}

/// The fields of a value as texts, those of a part under `part.field`.
private func fields(_ value: some Encodable) throws -> [String: String] {
  func flatten(_ object: [String: Any], _ prefix: String) -> [String: String] {
    object.reduce(into: [:]) { result, entry in
      let name = prefix + entry.key
      if let part = entry.value as? [String: Any] {
        result.merge(flatten(part, name + ".")) { $1 }
      } else {
        result[name] = "\(entry.value)"
      }
    }
  }
  let object = try JSONSerialization.jsonObject(with: Data(try json(value).utf8))
  return flatten(object as? [String: Any] ?? [:], "")
}
