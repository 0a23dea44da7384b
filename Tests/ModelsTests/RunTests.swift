import Compute
import ComputeCPU
import Files
import Foundation
import Models
import NeuralNetwork
import Testing
import TestSupport
import Training

@Suite struct RunTests {
  private let folder: TemporaryFolder
  private let device = CPUDevice(threads: 1)
  private var run: Run { Run(folder.path) }

  init() throws { folder = try TemporaryFolder() }

  private func expectError(
    _ path: String, _ texts: String..., sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () throws -> Void
  ) {
    let error = #expect(throws: FileError.self, sourceLocation: sourceLocation) { try body() }
    guard let error else { return }
    #expect(error.path == path, sourceLocation: sourceLocation)
    #expect(!error.remedy.isEmpty, sourceLocation: sourceLocation)
    #expect(!error.description.contains("\n"), "\(error)", sourceLocation: sourceLocation)
    for text in texts {
      #expect(error.description.contains(text), "\(error)", sourceLocation: sourceLocation)
    }
  }

  /// Writes a run of one epoch.
  private func train(latent: Int = 3) throws -> AutoencoderTraining {
    let trainer = try trainer(configuration(latent: latent), on: device)
    _ = try trainer.runEpoch()
    try trainer.save(to: run)
    return trainer
  }

  @Test func aSavedRunComesBack() throws {
    #expect(try !run.exists())
    let trainer = try train()
    #expect(try run.exists())
    #expect(try run.configuration() == trainer.configuration)
    let model = try run.autoencoder(on: device)
    #expect(try model.parameters.values() == trainer.model.parameters.values())
  }

  @Test func noFolder() {
    let folder = "\(folder.path)/nowhere"
    expectError(folder, "no such run", "digitalis train vae") {
      _ = try Run(folder).configuration()
    }
  }

  @Test func noConfiguration() {
    expectError(run.configurationPath, "no configuration", "name the folder of a run") {
      _ = try run.autoencoder(on: device)
    }
  }

  @Test func noWeights() throws {
    _ = try train()
    try FileManager.default.removeItem(atPath: run.weightsPath)
    expectError(run.weightsPath, "no weights", "--resume") { _ = try run.autoencoder(on: device) }
  }

  @Test func noCheckpoint() throws {
    let trainer = try train()
    try FileManager.default.removeItem(atPath: run.checkpointPath)
    expectError(run.checkpointPath, "no such file") { try trainer.resume(run) }
  }

  @Test func weightsOfAnotherLatentSize() throws {
    _ = try train(latent: 4)
    try writeAtomically(try configuration(latent: 3).json(), to: run.configurationPath)
    expectError(run.weightsPath, "belongs to a run", "shape.latentDimension 4 instead of 3") {
      _ = try run.autoencoder(on: device)
    }
    let other = try trainer(configuration(latent: 3), on: device)
    let before = try state(other)
    expectError(run.checkpointPath, "shape.latentDimension 4 instead of 3") {
      try other.resume(run)
    }
    #expect(try state(other) == before)
  }

  @Test func weightsThatAreNoNumbers() throws {
    let trainer = try train()
    var values = try trainer.model.parameters.values()
    values[2][5] = .nan
    try trainer.model.parameters.setValues(values)
    let before = try readFile(run.weightsPath)
    expectError(run.weightsPath, "not written", "nan", "encoder.hidden2.weight") {
      try trainer.model.parameters.save(to: run.weightsPath)
    }
    #expect(try readFile(run.weightsPath) == before)
    let arrays = zip(trainer.model.parameters.descriptions, values).map {
      NamedArray($0.name, $0.extents, $1)
    }
    try SafeTensors.write(arrays, to: run.weightsPath)
    expectError(run.weightsPath, "nan", "encoder.hidden2.weight") {
      _ = try run.autoencoder(on: device)
    }
  }

  @Test func epochsOfACheckpointAreNeeded() throws {
    let trainer = try train()
    try trainer.task.optimizers.saveCheckpoint(to: run.checkpointPath)
    expectError(run.checkpointPath, "number of epochs") { try trainer.resume(run) }
  }

  /// The checkpoint of an older version holds no history.
  @Test func brokenTablesOfAnOlderRunAreNamed() throws {
    let trainer = try train()
    var (arrays, metadata) = try SafeTensors.read(run.checkpointPath)
    for name in ["history.epochs", "history.steps"] { arrays[name] = nil }
    metadata["configuration"] = nil
    try SafeTensors.write(Array(arrays.values), metadata: metadata, to: run.checkpointPath)
    let whole = try readFile(run.metricsPath)
    #expect(try trainer.resume(run) == [])
    let header = whole.prefix { $0 != UInt8(ascii: "\n") }
    for text in ["", String(decoding: header, as: UTF8.self) + "\n"] {
      try writeAtomically(text, to: run.metricsPath)
      expectError(run.metricsPath, "does not hold the 1 epochs") { try trainer.resume(run) }
    }
    try writeAtomically("header\n1,2,3\n", to: run.metricsPath)
    expectError(run.metricsPath, "line 2", "9 numbers") { try trainer.resume(run) }
  }

  @Test func lostTablesComeBack() throws {
    let trainer = try train()
    let paths = [run.metricsPath, run.stepsPath]
    let whole = try paths.map { try readFile($0) }
    #expect(try trainer.resume(run) == [])
    for text in ["", "header\n", "header\n1,2,3\n", nil] {
      for (path, contents) in zip(paths, whole) {
        if let text { try writeAtomically(text, to: path) } else { unlink(path) }
        #expect(try trainer.resume(run) == [path])
        // The times are gone with the table that held them.
        let found = try readFile(path)
        #expect(found.prefix(200) == contents.prefix(200) && found.count <= contents.count)
        try writeAtomically(contents, to: path)
      }
    }
    let weights = try readFile(run.weightsPath)
    try writeAtomically("a classifier", to: run.classifierPath)
    for broken in [nil, [], Array(weights.dropLast()), weights.map { $0 == 0x3D ? 0x3C : $0 }] {
      if let broken {
        try writeAtomically(broken, to: run.weightsPath)
      } else {
        unlink(run.weightsPath)
      }
      #expect(try trainer.resume(run) == [run.weightsPath])
      #expect(try readFile(run.weightsPath) == weights)
    }
    // It belongs to the same weights as before.
    #expect(FileManager.default.fileExists(atPath: run.classifierPath))
    #expect(
      try run.autoencoder(on: device).parameters.values() == trainer.model.parameters.values())
  }

  @Test func aLostConfigurationComesBack() throws {
    _ = try train()
    let whole = try readFile(run.configurationPath)
    #expect(try !run.restoreConfiguration())
    unlink(run.configurationPath)
    #expect(try run.exists())
    expectError(run.configurationPath, "no configuration", "--resume") {
      _ = try run.configuration()
    }
    #expect(try run.restoreConfiguration())
    #expect(try readFile(run.configurationPath) == whole)
  }

  @Test func savingForgetsStatisticsOfOtherWeights() throws {
    let trainer = try train()
    try writeAtomically("old", to: run.statisticsPath)
    try trainer.save(to: run)
    #expect(!FileManager.default.fileExists(atPath: run.statisticsPath))
  }
}

@Suite struct RunConfigurationTests {
  private let folder: TemporaryFolder
  private var path: String { folder["config.json"] }

  init() throws { folder = try TemporaryFolder() }

  @Test func roundTrip() throws {
    for objective in RunConfiguration.ObjectiveName.allCases {
      var original = configuration(objective, seed: .max, learningRate: 0.0003)
      original.device = "a \"device\" / é"
      original.kernelWidth = 0.1
      try writeAtomically(try original.json(), to: path)
      #expect(try RunConfiguration.load(from: path) == original)
    }
  }

  @Test func objectivesHaveTheirDefaults() {
    #expect(configuration(.elbo).resolvedObjective == .evidenceLowerBound)
    #expect(
      configuration(.mmd, latent: 7).resolvedObjective
        == .maximumMeanDiscrepancy(kernelWidth: 7, weight: 500))
  }

  /// The fields that a bad file could hold, as JSON.
  static let bad: [(field: String, value: String?)] = [
    ("epochs", nil), ("shape", nil), ("seed", "-1"), ("seed", "\"one\""), ("objective", "\"gan\""),
    ("shape", "{\"pixels\": 144, \"hidden\": 33}"),
    ("shape", "{\"pixels\": 144, \"hidden\": 0, \"latentDimension\": 3}"),
    ("shape", "{\"pixels\": 144, \"hidden\": 33, \"latentDimension\": -3}"),
    ("shape", "{\"pixels\": 145, \"hidden\": 33, \"latentDimension\": 3}"),
    ("shape", "{\"pixels\": 144, \"hidden\": 999999999, \"latentDimension\": 3}"),
    ("shape", "{\"pixels\": 144, \"hidden\": 1000000, \"latentDimension\": 3}"),
    ("batchSize", "0"), ("batchSize", "1e99"), ("imageRows", "-12"), ("imageColumns", "13"),
    ("kernelWidth", "0"), ("kernelWidth", "-1"), ("epochs", "0"), ("learningRate", "-0.1"),
    ("learningRate", "0"), ("discrepancyWeight", "-1"), ("dataset", "7"), ("learningRate", "null"),
  ]

  @Test(arguments: bad)
  func badFields(_ field: String, _ value: String?) throws {
    let text = try configuration().json()
    var fields = try #require(
      JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    fields[field] = try value.map {
      try JSONSerialization.jsonObject(with: Data($0.utf8), options: .fragmentsAllowed)
    }
    try JSONSerialization.data(withJSONObject: fields).write(to: URL(fileURLWithPath: path))
    let error = #expect(throws: FileError.self) { _ = try RunConfiguration.load(from: path) }
    #expect(error?.path == path)
    #expect(error?.description.contains("\n") == false)
    // The field itself, or the part of it, or what it does not fit.
    let names = [field, "hidden", "latentDimension", "pixels", "a number in it"]
    #expect(names.contains { error?.problem.contains($0) == true }, "\(error?.problem ?? "")")
  }

  @Test(arguments: ["", "{", "[]", "null", "\u{0}\u{1}\u{2}", "{}"])
  func whatIsNoConfiguration(_ text: String) throws {
    try writeAtomically(text, to: path)
    let error = #expect(throws: FileError.self) { _ = try RunConfiguration.load(from: path) }
    #expect(error?.description.contains("\n") == false)
    #expect(error?.problem.hasPrefix("is not a configuration") == true)
  }
}
