import Compute
import Datasets
import Files
import Foundation
import Models
import NeuralNetwork
import Training

/// Everything that determines the training of a baseline, as `config.json` in its folder.
public struct BaselineConfiguration: Codable, Sendable, Hashable {
  /// The available models.
  public enum Kind: String, Codable, Sendable, CaseIterable {
    /// ``ConditionalAutoencoder``.
    case cvae
    /// ``ConditionalGAN``.
    case gan

    /// The usual name.
    public var title: String { self == .cvae ? "Conditional VAE" : "Conditional GAN" }
  }

  /// The model.
  public var baseline: Kind
  /// The extents: pixels, hidden width, and the dimension of z.
  public var shape: AutoencoderShape
  /// The rows of an image.
  public var imageRows: Int
  /// The columns of an image.
  public var imageColumns: Int
  /// The channels of an image; nil for one.
  public var imageChannels: Int?
  /// The data set, as given to `--dataset`.
  public var dataset: String
  /// How its images were prepared; nil if they are used as they are.
  public var preparation: Preparation?
  /// The folder of the run whose labelled images it is trained on; nil for all of the data set's.
  public var labelsOf: String?
  /// The names of the classes; nil in a model of an older version, which had ten.
  public var classes: [String]?
  /// The number of passes over the data.
  public var epochs: Int
  /// The images per training step.
  public var batchSize: Int
  /// The learning rate of Adam.
  public var learningRate: Float
  /// The seed of all random numbers.
  public var seed: UInt64
  /// The device that the model was trained on.
  public var device: String

  /// The names of the classes, in the order of their labels.
  public var classNames: [String] {
    classes ?? DatasetSource(dataset).classNames ?? (0..<10).map(String.init)
  }

  /// The extents of an image.
  public var image: ImageShape {
    ImageShape(rows: imageRows, columns: imageColumns, channels: imageChannels ?? 1)
  }

  /// The parameters that the model declares.
  private var parameters: [ParameterDescription] {
    get throws {
      let classes = classNames.count
      return switch baseline {
      case .cvae:
        try Parameters.survey {
          try ConditionalAutoencoder.Networks(shape, classes: classes, $0)
        }
      case .gan:
        try Parameters.survey { try ConditionalGAN.generator(shape, classes: classes, $0) }
      }
    }
  }

  /// Describes a training run.
  public init(
    _ baseline: Kind, shape: AutoencoderShape, imageRows: Int, imageColumns: Int,
    imageChannels: Int = 1, dataset: String = "mnist", preparation: Preparation = Preparation(),
    labelsOf: String? = nil, classes: [String]? = nil, epochs: Int = 20, batchSize: Int = 128,
    learningRate: Float = 0.001,
    seed: UInt64 = 1, device: String = ""
  ) {
    self.baseline = baseline
    self.shape = shape
    self.imageRows = imageRows
    self.imageColumns = imageColumns
    self.imageChannels = imageChannels == 1 ? nil : imageChannels
    self.dataset = dataset
    self.preparation = preparation == Preparation() ? nil : preparation
    self.labelsOf = labelsOf
    self.classes = classes
    self.epochs = epochs
    self.batchSize = batchSize
    self.learningRate = learningRate
    self.seed = seed
    self.device = device
  }

  /// The model with its starting weights.
  /// - Throws: `DeviceError` when the device has no room.
  public func model(on device: any Device) throws -> any ConditionalModel {
    switch baseline {
    case .cvae: try ConditionalAutoencoder(self, on: device)
    case .gan: try ConditionalGAN(self, on: device)
    }
  }

  /// Refuses a file that is far too short for the model, before the model is allocated.
  /// - Throws: `FileError`, also when the file is missing.
  public func check(_ path: String) throws {
    try Parameters.check(path, holds: try parameters)
  }

  /// The configuration as JSON with sorted keys.
  public func json() throws -> String { try jsonText(self) }
}

extension Run {
  /// Reads the configuration of a baseline.
  /// - Throws: `FileError` when it is missing or wrong.
  public func baselineConfiguration() throws -> BaselineConfiguration {
    let remedy = "train it again with: digitalis train cvae, or gan"
    let data = Data(try readFile(configurationPath, limit: RunConfiguration.sizeLimit))
    guard let configuration = try? JSONDecoder().decode(BaselineConfiguration.self, from: data)
    else { throw FileError(configurationPath, "is not that of a baseline", remedy: remedy) }
    let shape = configuration.shape
    for (name, value, limit) in [
      ("shape.pixels", shape.pixels, 20_000), ("shape.hidden", shape.hidden, 20_000),
      ("shape.latentDimension", shape.latentDimension, 20_000),
      ("imageRows", configuration.imageRows, 20_000),
      ("imageColumns", configuration.imageColumns, 20_000),
      ("imageChannels", configuration.imageChannels ?? 1, 3),
      ("classes", configuration.classes?.count ?? 1, ImageDataset.classLimit),
      ("epochs", configuration.epochs, 1_000_000),
      ("batchSize", configuration.batchSize, 1_000_000),
    ] where value < 1 || value > limit {
      throw FileError(configurationPath, "has \(name) = \(value)", remedy: remedy)
    }
    try shape.check(configuration.image, in: configurationPath, remedy: remedy)
    return configuration
  }

  /// Reads a trained baseline.
  /// - Throws: `FileError` or `DeviceError`.
  public func baseline(on device: any Device) throws -> any ConditionalModel {
    let configuration = try baselineConfiguration()
    guard FileManager.default.fileExists(atPath: weightsPath) else {
      throw FileError(
        weightsPath, "the run has no weights yet",
        remedy: "train it with: digitalis train \(configuration.baseline.rawValue) --overwrite "
          + "--out \(folder)")
    }
    try configuration.check(weightsPath)
    let model = try configuration.model(on: device)
    try model.parameters.load(from: weightsPath)
    return model
  }
}
