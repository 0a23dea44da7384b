import Datasets
import Files
import Foundation
import NeuralNetwork
import Training

/// Everything that determines a training run, as `config.json` in its folder.
public struct RunConfiguration: Codable, Sendable, Hashable {
  /// `elbo` or `mmd`.
  public enum ObjectiveName: String, Codable, Sendable, CaseIterable {
    /// The evidence lower bound, with the Kullback–Leibler divergence.
    case elbo
    /// The maximum mean discrepancy.
    case mmd
  }

  /// The extents of the autoencoder.
  public var shape: AutoencoderShape
  /// The rows of an image.
  public var imageRows: Int
  /// The columns of an image.
  public var imageColumns: Int
  /// The channels of an image; nil for one.
  public var imageChannels: Int?
  /// The objective.
  public var objective: ObjectiveName
  /// The divisor in k(z, z′) = exp(−‖z − z′‖² / kernelWidth); only used by `mmd`.
  public var kernelWidth: Float
  /// The weight of the maximum mean discrepancy; only used by `mmd`.
  public var discrepancyWeight: Float
  /// The distribution of the pixels; nil for Bernoulli's.
  public var likelihood: Likelihood?
  /// The weight of the divergence; nil for 1; only used by `elbo`.
  public var divergenceWeight: Float?
  /// The nats that each dimension may have for free; nil for none; only used by `elbo`.
  public var freeBits: Float?
  /// How the training images are changed; nil if they are not.
  public var augmentation: Augmentation?
  /// The epochs over which the learning rate falls to zero by half a cosine; nil if it stays.
  public var annealedEpochs: Int?
  /// The data set, as given to `--dataset`.
  public var dataset: String
  /// How its images were prepared; nil if they are used as they are.
  public var preparation: Preparation?
  /// The names of the data set's classes, in the order of their labels; nil in a run of an older version.
  public var classNames: [String]?
  /// The number of passes over the data.
  public var epochs: Int
  /// The images per training step.
  public var batchSize: Int
  /// The learning rate of Adam.
  public var learningRate: Float
  /// The seed of all random numbers.
  public var seed: UInt64
  /// The device that the run was trained on.
  public var device: String
  /// The checksums of the images and labels of each split; nil in a run of an older version.
  public var checksums: [String: String]?

  /// Describes a run.
  public init(
    shape: AutoencoderShape, imageRows: Int, imageColumns: Int, imageChannels: Int = 1,
    objective: ObjectiveName,
    kernelWidth: Float? = nil, discrepancyWeight: Float = 500,
    likelihood: Likelihood = .bernoulli, divergenceWeight: Float = 1, freeBits: Float = 0,
    augmentation: Augmentation = Augmentation(), annealedEpochs: Int? = nil,
    dataset: String = "mnist",
    preparation: Preparation = Preparation(), classNames: [String]? = nil, epochs: Int = 20,
    batchSize: Int = 128, learningRate: Float = 0.001, seed: UInt64 = 1,
    device: String = "", checksums: [String: String]? = nil
  ) {
    self.shape = shape
    self.imageRows = imageRows
    self.imageColumns = imageColumns
    self.imageChannels = imageChannels == 1 ? nil : imageChannels
    self.objective = objective
    self.kernelWidth = kernelWidth ?? Float(shape.latentDimension)
    self.discrepancyWeight = discrepancyWeight
    // What an older version did not have is left out where it makes no difference.
    self.likelihood = likelihood == .bernoulli ? nil : likelihood
    self.divergenceWeight = divergenceWeight == 1 ? nil : divergenceWeight
    self.freeBits = freeBits == 0 ? nil : freeBits
    self.augmentation = augmentation.isNone ? nil : augmentation
    self.annealedEpochs = annealedEpochs
    self.dataset = dataset
    self.preparation = preparation == Preparation() ? nil : preparation
    self.classNames = classNames
    self.epochs = epochs
    self.batchSize = batchSize
    self.learningRate = learningRate
    self.seed = seed
    self.device = device
    self.checksums = checksums
  }

  /// The extents of an image.
  public var image: ImageShape {
    ImageShape(rows: imageRows, columns: imageColumns, channels: imageChannels ?? 1)
  }

  /// The names of the classes; an older version had ten.
  public var classes: [String] {
    classNames ?? DatasetSource(dataset).classNames ?? (0..<10).map(String.init)
  }

  /// The objective with its options.
  public var resolvedObjective: Objective {
    var result: Objective =
      switch objective {
      case .elbo:
        .evidenceLowerBound(divergenceWeight: divergenceWeight ?? 1, freeBits: freeBits ?? 0)
      case .mmd: .maximumMeanDiscrepancy(kernelWidth: kernelWidth, weight: discrepancyWeight)
      }
    result.likelihood = likelihood ?? .bernoulli
    return result
  }

  /// The learning rate of each step.
  ///
  /// - Parameter count: The number of training images.
  func schedule(_ count: Int) -> Schedule {
    guard let annealedEpochs else { return .constant(learningRate) }
    let batch = min(batchSize, count)
    return .cosine(learningRate, steps: annealedEpochs * ((count + batch - 1) / batch))
  }

  /// Checks that a data set has the images that the autoencoder takes.
  /// - Throws: `FileError` that names the data set.
  public func check(_ images: ImageDataset) throws(FileError) {
    try images.check(image)
  }

  /// The run's data set.
  /// - Throws: `FileError` when it cannot be read, or is not the one that the run began with.
  public func images() throws -> Dataset {
    let data = try Dataset.load(DatasetSource(dataset), preparation ?? Preparation())
    for split in ImageDataset.Split.allCases {
      try check(data[split])
      try check(data[split], are: split)
    }
    return data
  }

  /// The ``checksums`` of a data set.
  public static func checksums(of data: Dataset) -> [String: String] {
    [
      ImageDataset.Split.train.rawValue: data.training.checksum,
      ImageDataset.Split.test.rawValue: data.test.checksum,
    ]
  }

  /// Checks that images are exactly those that the run began with.
  /// - Throws: `FileError` that names the data set.
  public func check(_ images: ImageDataset, are split: ImageDataset.Split) throws(FileError) {
    guard let known = checksums?[split.rawValue], known != images.checksum else { return }
    throw FileError(
      images.name, "its \(split.rawValue) images or labels are not those that the run began with",
      remedy: "give the run back its data set, or train another run")
  }

  /// The configuration as JSON with sorted keys.
  public func json() throws -> String { try jsonText(self) }

  /// The largest `config.json` that is read, in bytes.
  public static let sizeLimit = 1 << 20

  /// Reads and checks a configuration.
  /// - Throws: `FileError` that names the file and the field.
  public static func load(from path: String) throws -> RunConfiguration {
    let remedy = "restore the file or train the run again"
    let configuration: RunConfiguration
    do {
      configuration = try JSONDecoder().decode(
        Self.self, from: Data(try readFile(path, limit: sizeLimit)))
    } catch let error as DecodingError {
      throw FileError(path, "is not a configuration: \(error.summary)", remedy: remedy)
    }
    for (name, value) in [
      ("imageRows", configuration.imageRows),
      ("imageColumns", configuration.imageColumns), ("batchSize", configuration.batchSize),
      ("imageChannels", configuration.imageChannels ?? 1),
      ("epochs", configuration.epochs), ("annealedEpochs", configuration.annealedEpochs ?? 1),
    ] where value < 1 || value > 1_000_000 {
      throw FileError(path, "has \(name) = \(value)", remedy: remedy)
    }
    for (name, value) in [
      ("kernelWidth", configuration.kernelWidth), ("learningRate", configuration.learningRate),
    ] where !(value > 0) {
      throw FileError(path, "has \(name) = \(value)", remedy: remedy)
    }
    for (name, value) in [
      ("discrepancyWeight", configuration.discrepancyWeight),
      ("divergenceWeight", configuration.divergenceWeight ?? 0),
      ("freeBits", configuration.freeBits ?? 0),
      ("augmentation.shift", Float(configuration.augmentation?.shift ?? 0)),
    ] where !(value >= 0) {
      throw FileError(path, "has \(name) = \(value)", remedy: remedy)
    }
    guard (configuration.classNames ?? []).count <= ImageDataset.classLimit else {
      throw FileError(
        path, "has \(configuration.classNames?.count ?? 0) classNames", remedy: remedy)
    }
    try configuration.shape.check(configuration.image, in: path, remedy: remedy)
    return configuration
  }
}

extension AutoencoderShape {
  /// Checks that the extents in a file are possible, and fit its images.
  /// - Throws: `FileError` that names the file.
  public func check(_ image: ImageShape, in path: String, remedy: String) throws(FileError) {
    for (name, value) in [
      ("shape.pixels", pixels), ("shape.hidden", hidden),
      ("shape.latentDimension", latentDimension),
    ] where value < 1 || value > 1_000_000 {
      throw FileError(path, "has \(name) = \(value)", remedy: remedy)
    }
    // No machine has room for the weights of such layers, and asking for it may end the program.
    guard hidden * max(hidden, pixels, 2 * latentDimension) < 1 << 32 else {
      throw FileError(
        path, "has shape.hidden = \(hidden), whose weights fit no memory", remedy: remedy)
    }
    guard image.count == pixels else {
      throw FileError(path, "has images of \(image) but \(pixels) pixels", remedy: remedy)
    }
    guard let convolutions else { return }
    guard convolutions.image == image else {
      throw FileError(
        path, "has images of \(image) but convolutions of \(convolutions.image)", remedy: remedy)
    }
    guard Self.widthRange ~= convolutions.width, convolutions.width % 8 == 0 else {
      throw FileError(
        path, "has shape.convolutions.width = \(convolutions.width)", remedy: remedy)
    }
  }
}

extension DecodingError {
  /// The failing field and the reason, in one line.
  fileprivate var summary: String {
    func name(_ path: [any CodingKey]) -> String {
      path.isEmpty ? "the whole" : path.map(\.stringValue).joined(separator: ".")
    }
    return switch self {
    case .keyNotFound(let key, let context): "\(name(context.codingPath + [key])) is missing"
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      "\(name(context.codingPath)) has the wrong type"
    case .dataCorrupted(let context) where !context.codingPath.isEmpty:
      "\(name(context.codingPath)) has a wrong value"
    // Foundation does not tell which.
    case .dataCorrupted: "it is not JSON, or a number in it is out of range"
    @unknown default: "it cannot be decoded"
    }
  }
}

extension ImageDataset {
  /// Refuses images of another size than a run's.
  package func check(_ shape: ImageShape) throws(FileError) {
    guard self.shape == shape else {
      throw FileError(
        name, "has images of \(self.shape) pixels, but the run has \(shape)",
        remedy: "use the data set of the run, and prepare it in the same way")
    }
  }
}
