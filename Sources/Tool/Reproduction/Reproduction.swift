import Compute
import Datasets
import Files
import Foundation
import Generation
import Models
import NeuralNetwork
import Training

/// A reproduction was asked to stop; finished stages are kept.
public struct ReproductionStopped: Error {}

/// Everything in the paper, in one folder: six autoencoders, their classifiers, a judge, the three
/// searches, the figures and the table. Each stage leaves files; a stage whose files exist is not run
/// again.
public final class Reproduction {
  let folder: String
  let plan: Plan
  private let failover: Failover
  var device: any Device { failover.device }
  private let lock: FolderLock
  let data: Dataset
  var training: ImageDataset { data.training }
  var test: ImageDataset { data.test }
  /// Shows a passing state, or a line to keep.
  let show: (_ text: String, _ keep: Bool) -> Void
  let shouldStop: () -> Bool
  var results: Results

  /// Prepares a reproduction in a folder.
  ///
  /// - Parameters:
  ///   - folder: The folder of all files.
  ///   - plan: How much to compute.
  ///   - trained: The folder of another reproduction of the same plan whose networks are used; nil to
  ///     train them.
  ///   - failover: The devices that compute.
  ///   - show: Shows a passing state, or a line to keep.
  ///   - shouldStop: Asked now and then whether to stop.
  /// - Throws: `FileError` when the data cannot be read, the folder cannot be written, or one of the
  ///   folders holds another plan.
  public init(
    in folder: String, plan: Plan, trained: String? = nil, on failover: Failover,
    show: @escaping (_ text: String, _ keep: Bool) -> Void, shouldStop: @escaping () -> Bool
  ) throws {
    self.folder = folder
    self.plan = plan
    self.failover = failover
    self.show = show
    self.shouldStop = shouldStop
    data = try Dataset.load(DatasetSource(plan.dataset))
    try makeFolder(folder)
    lock = try FolderLock(folder)
    results = Results(plan: plan, device: failover.device.description.nameAndPlatform)
    let saved = try savedResults()
    let names = [
      "results.json", "report.html", "figures", "judge.safetensors", "judge-checkpoint.safetensors",
    ]
    // A reproduction of an older version has no list.
    try FileList(of: folder).claim(names, known: { saved == nil ? [] : Set(names) })
    if let saved {
      results = saved
    } else if let trained {
      try takeNetworks(from: trained)
    }
    results.rows = []
    results.stages.removeAll { ["table", "report"].contains($0.name) }
  }

  private var resultsPath: String { "\(folder)/results.json" }

  private func savedResults() throws -> Results? {
    guard FileManager.default.fileExists(atPath: resultsPath) else { return nil }
    guard
      let saved = try Results.read(resultsPath, of: plan), saved.device.hasPrefix(results.device)
    else {
      throw FileError(
        folder, "holds a reproduction with other settings, or of another device",
        remedy: "name another --out")
    }
    return saved
  }

  /// Runs the remaining stages, and writes the report.
  /// - Throws: ``ReproductionStopped``, `FileError` or `DeviceError`.
  public func run() throws {
    try save()
    for name in Plan.models { try stage("train \(name.title)") { try train(name) } }
    for name in plan.classified {
      try stage("classifier of \(name.title)") { try trainClassifier(of: name) }
    }
    try stage("judge") { try trainJudge() }
    for title in ["ELBO-20", "MMD-20"] {
      try stage("grid of \(title)") { try scoreGrid(title) }
    }
    for row in PaperRow.all {
      try stage("search \(row.title)") { try search(row) }
    }
    for row in PaperRow.all where row.simple == nil {
      try stage("front of \(row.title)") { try scoreFront(row) }
    }
    try stage("table") { try scoreRows() }
    try stage("report") { try writeReport() }
  }

  func run(of name: ModelName) -> Run { Run("\(folder)/\(name.folder)") }

  /// Runs a stage and adds its time to that of earlier sessions.
  private func stage(_ name: String, _ body: () throws -> Void) throws {
    if shouldStop() { throw ReproductionStopped() }
    let stopwatch = Stopwatch()
    func note() throws {
      let seconds = stopwatch.seconds
      if let index = results.stages.firstIndex(where: { $0.name == name }) {
        results.stages[index].seconds += seconds
      } else {
        results.stages.append(.init(name: name, seconds: seconds))
      }
      try save()
    }
    show(name, false)
    do {
      try failover.run { device in
        // The work of a device that failed is kept, so the report names both.
        let name = device.description.nameAndPlatform
        if !results.device.hasSuffix(name) { results.device += ", then \(name)" }
        try body()
      }
    } catch is SearchStopped {
      try note()
      throw ReproductionStopped()
    } catch is ReproductionStopped {
      try note()
      throw ReproductionStopped()
    }
    try note()
  }

  func save() throws {
    try writeAtomically(try jsonText(results), to: resultsPath)
  }
}
