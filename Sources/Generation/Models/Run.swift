import Compute
import Datasets
import Files
import Foundation
import NeuralNetwork
import Training

/// A folder that holds a training run.
public struct Run: Sendable {
  /// The folder.
  public let folder: String

  /// The run in a folder, which need not exist yet.
  public init(_ folder: String) { self.folder = folder }

  /// The resolved configuration.
  public var configurationPath: String { "\(folder)/config.json" }
  /// The weights after the last completed epoch.
  public var weightsPath: String { "\(folder)/weights.safetensors" }
  /// What training needs to continue: weights, moments, the step.
  public var checkpointPath: String { "\(folder)/checkpoint.safetensors" }
  /// The losses of each epoch.
  public var metricsPath: String { "\(folder)/metrics.csv" }
  /// The losses every few steps.
  public var stepsPath: String { "\(folder)/steps.csv" }
  /// The labels that the run uses in place of those of its data set.
  public var labelsPath: String { "\(folder)/labels.safetensors" }
  /// The latent statistics of each class.
  public var statisticsPath: String { "\(folder)/statistics.safetensors" }

  /// The classifier trained on reconstructions.
  public var classifierPath: String { "\(folder)/classifier.safetensors" }
  /// The classifier trained on real images.
  public var judgePath: String { "\(folder)/judge.safetensors" }
  /// What the training of a classifier needs to continue.
  public var classifierCheckpointPath: String { "\(folder)/classifier-checkpoint.safetensors" }
  /// The same for the classifier trained on real images.
  public var judgeCheckpointPath: String { "\(folder)/judge-checkpoint.safetensors" }
  /// The θ that a search found for a generator, such as `medium2`.
  public func searchPath(_ generator: String) -> String { "\(folder)/search-\(generator).json" }
  /// Every candidate of a search.
  public func historyPath(_ generator: String) -> String {
    "\(folder)/search-\(generator).jsonl"
  }

  /// The files that training leaves.
  public var trainedPaths: [String] {
    [configurationPath, weightsPath, metricsPath, stepsPath, checkpointPath]
  }

  /// A generator that was fitted to the encoded images, such as `mixture`.
  public func generatorPath(_ generator: String) -> String {
    "\(folder)/generator-\(generator).safetensors"
  }

  /// What the training of a generator needs to continue.
  public func generatorCheckpointPath(_ generator: String) -> String {
    "\(folder)/generator-\(generator)-checkpoint.safetensors"
  }

  /// The files derived from the weights, removed when these change.
  var derivedPaths: [String] {
    [statisticsPath, classifierPath, classifierCheckpointPath]
      + ["simple", "medium1", "medium2"].map(searchPath)
      + ["gaussian", "bayes-net", "mixture", "kernel", "diffusion"].map(generatorPath)
      + [generatorCheckpointPath("diffusion")]
  }

  /// Reads the configuration.
  /// - Throws: `FileError`.
  public func configuration() throws -> RunConfiguration {
    guard FileManager.default.fileExists(atPath: folder) else {
      throw FileError(
        folder, "no such run", remedy: "train one with: digitalis train vae --out \(folder)")
    }
    guard FileManager.default.fileExists(atPath: configurationPath) else {
      throw FileError(
        configurationPath, "the run has no configuration",
        remedy: FileManager.default.fileExists(atPath: checkpointPath)
          ? "restore it from the checkpoint with: digitalis train vae --resume --out \(folder)"
          : "name the folder of a run")
    }
    return try RunConfiguration.load(from: configurationPath)
  }

  /// Reads the trained autoencoder.
  /// - Throws: `FileError` or `DeviceError`.
  public func autoencoder(on device: any Device) throws -> VariationalAutoencoder {
    let configuration = try configuration()
    guard FileManager.default.fileExists(atPath: weightsPath) else {
      throw FileError(
        weightsPath, "the run has no weights yet",
        remedy: "finish it with: digitalis train vae --resume --out \(folder)")
    }
    try Parameters.check(weightsPath, holds: try configuration.shape.parameters)
    try configuration.check(try SafeTensors.metadata(of: weightsPath), of: weightsPath)
    let model = try VariationalAutoencoder(
      configuration.shape, seed: configuration.seed, on: device)
    try model.parameters.load(from: weightsPath)
    return model
  }

  /// The fraction of its training samples that the run's classifier classifies correctly; nil if the file doesn't
  /// say.
  /// - Throws: `FileError`.
  public func trainingAccuracy() throws -> Double? {
    try SafeTensors.read(classifierPath).metadata["trainingAccuracy"].flatMap(Double.init)
  }

  /// Reads the judge of the run, if it has one.
  /// - Throws: `FileError` or `DeviceError`.
  public func judge(on device: any Device) throws -> Classifier? {
    FileManager.default.fileExists(atPath: judgePath)
      ? try classifier(at: judgePath, on: device) : nil
  }

  /// Reads a classifier of the run: ``classifierPath`` or ``judgePath``.
  /// - Throws: `FileError` or `DeviceError`.
  public func classifier(at path: String, on device: any Device) throws -> Classifier {
    guard FileManager.default.fileExists(atPath: path) else {
      let option = path == judgePath ? " --on real" : ""
      throw FileError(
        path, "the run has no such classifier yet",
        remedy: "train it with: digitalis train classifier --run \(folder)\(option)")
    }
    let configuration = try configuration()
    try checkOrigin(
      of: path,
      { path == judgePath ? try judgeOrigin() : try origin() },
      remedy: "train it with: digitalis train classifier --run \(folder)"
        + (path == judgePath ? " --on real" : ""))
    let image = configuration.image
    try Classifier.check(image, of: configurationPath)
    let classes = try classNames().count
    try Parameters.check(path, holds: try Classifier.parameters(image, classes: classes))
    let classifier = try Classifier(image, classes: classes, seed: 0, on: device)
    try classifier.parameters.load(from: path)
    return classifier
  }
}

extension Classifier {
  /// Writes the classifier with the accuracies it reached.
  ///
  /// - Parameters:
  ///   - result: The result of its last epoch.
  ///   - origin: The checksum of what it was trained on; see ``Run/checkOrigin(of:_:remedy:)``.
  ///   - path: The file.
  /// - Throws: `FileError` or `DeviceError`.
  public func save(
    _ result: EpochResult, origin: String? = nil, to path: String
  ) throws {
    var metadata = [
      "trainingAccuracy": String(result.trainingAccuracy),
      "epochs": String(result.epoch),
    ]
    metadata["testAccuracy"] = result.testAccuracy.map { String($0) }
    metadata["origin"] = origin
    try parameters.save(to: path, metadata: metadata)
  }
}
