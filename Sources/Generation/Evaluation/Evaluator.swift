import Autograd
import Compute
import Datasets
import Files
import Foundation
import Generation
import Models
import NeuralNetwork
import Training

/// An evaluation was asked to stop.
public struct EvaluationStopped: Error {}

/// Measures generators and their two references, real test images and their reconstructions, all against
/// real training images.
public final class Evaluator {
  /// The results so far.
  public private(set) var results: EvaluationResults
  /// The pictures of each row for the report.
  public private(set) var pictures: [Pictures] = []

  /// Images of one source.
  public struct Pictures {
    /// Ten samples of each class, a row per class, not cherry-picked.
    public var samples: [Float]
    /// For each class the sample nearest to a training image, then that image. A class whose samples are
    /// NaN has none.
    public var pairs: [(sample: [Float], neighbour: [Float], distance: Float)]
  }

  /// The images that the runs were trained on.
  public let training: ImageDataset
  /// The images that they did not see.
  public let test: ImageDataset

  private let autoencoder: VariationalAutoencoder
  private let classifier: any ImageClassifier
  private let judge: Classifier
  private let device: any Device
  /// The training images that all samples are compared with.
  public let reference: SampleSet
  /// The labels of a set of samples: those of as many test images.
  private let labels: [UInt8]
  private let trainingPoints: Points
  private let referenceMoments: Moments
  private let referenceSupport: ManifoldMeasures.Support
  private let heldOut: SampleSet
  private let heldOutDistances: [Float]
  private let show: (String) throws -> Void
  private let shouldStop: () -> Bool

  /// Prepares an evaluation with the models of a run.
  ///
  /// - Parameters:
  ///   - settings: How much to measure.
  ///   - run: The run whose classifier and judge score, and whose autoencoder reconstructs.
  ///   - classifier: Another classifier in place of the run's.
  ///   - device: The device that computes.
  ///   - show: Gets the current activity.
  ///   - shouldStop: Asked in between whether to stop.
  /// - Throws: `FileError` when the run lacks something or there are too few images; `DeviceError`.
  public init(
    _ settings: EvaluationSettings, run: Run, classifier: (any ImageClassifier)? = nil,
    on device: any Device,
    show: @escaping (String) throws -> Void = { _ in },
    shouldStop: @escaping () -> Bool = { false }
  ) throws {
    let data = try run.images()
    (training, test) = (data.training.labelled, data.test.labelled)
    guard training.count > 0, test.count > 0 else {
      throw FileError(
        data.training.name, "has no labels to judge by",
        remedy: "evaluate with a data set whose training and test images have some")
    }
    for (part, purpose) in [(training, "compare with"), (test, "judge by")] {
      let counts = part.indicesByLabel().map(\.count)
      guard let label = counts.firstIndex(where: { $0 < 2 }) else { continue }
      throw FileError(
        part.name,
        "has \(counts[label]) image\(counts[label] == 1 ? "" : "s") of class "
          + "\(part.classNames[label]) to \(purpose)",
        remedy: "two of each class are needed among the training and the test images: add some")
    }
    autoencoder = try run.autoencoder(on: device)
    self.classifier = try classifier ?? run.classifier(at: run.classifierPath, on: device)
    judge = try run.classifier(at: run.judgePath, on: device)
    self.device = device
    self.show = show
    self.shouldStop = shouldStop
    let count = min(settings.featureSamples, test.count, training.count)
    guard count > settings.neighbours else {
      throw FileError(
        test.name, "has \(count) images to compare",
        remedy: "more than k = "
          + "\(settings.neighbours) are needed")
    }
    results = EvaluationResults(
      settings: settings, run: run.folder,
      device: device.description.nameAndPlatform, featureSamples: count)

    try show("features of real images")
    let order = Permutation(
      count: training.count,
      stream: RandomStream(seed: settings.seed).split(.evaluation))
    let chosen = training.selecting((0..<count).map { Int32(order($0)) })
    reference = try SampleSet(
      chosen.labels, from: try RealImages(chosen, on: device), pixels: training.pixels,
      judge: judge, seed: settings.seed)
    labels = Array(test.labels[..<count])
    heldOut = try SampleSet(
      labels, from: try RealImages(test, on: device), pixels: test.pixels, judge: judge,
      seed: settings.seed)
    trainingPoints = Points(try DeviceDataset(training, on: device))
    let width = Classifier.featureCount
    referenceMoments = Moments(reference.features, width: width)
    referenceSupport = try ManifoldMeasures.Support(
      Points(reference.features, width: width, on: device), neighbours: settings.neighbours)
    try show("nearest training images of test images")
    heldOutDistances = try Points(heldOut.images, width: test.pixels, on: device)
      .nearest(in: trainingPoints).map { $0.square.squareRoot() }
  }

  /// The number of ``references()``.
  public static let referenceCount = 2

  /// Real test images, and their reconstructions by the run's autoencoder.
  /// - Throws: `DeviceError` when the device is out of memory.
  public func references() throws(DeviceError) -> [Candidate] {
    let (test, training) = (
      try RealImages(test, on: device), try RealImages(training, on: device)
    )
    return [
      Candidate(reference: "real test images", test, teacher: training),
      Candidate(
        reference: "reconstructions", ReconstructedImages(autoencoder, test),
        teacher: ReconstructedImages(autoencoder, training)),
    ]
  }

  /// Runs all measures on a candidate, and adds them to ``results``.
  ///
  /// - Returns: The samples that were compared in the feature space; nil for a guided generator that hardly
  ///   ever reaches its confidence, which is then in ``EvaluationResults/notReached``.
  /// - Throws: ``EvaluationStopped``, or `DeviceError`.
  @discardableResult
  public func evaluate(_ candidate: Candidate) throws -> SampleSet? {
    do {
      return try measure(candidate)
    } catch let error as GuidanceError {
      results.notReached =
        (results.notReached ?? []) + [
          .init(name: candidate.name, reason: error.description)
        ]
      return nil
    }
  }

  private func measure(_ candidate: Candidate) throws -> SampleSet {
    let stopwatch = Stopwatch()
    let (settings, name) = (results.settings, candidate.name)
    let score = try score(candidate)
    try step("\(name): features")
    let samples = try SampleSet(
      labels, from: candidate.source, pixels: test.pixels, judge: judge, seed: settings.seed)
    let width = Classifier.featureCount
    let (mine, real) = (samples.features, reference.features)
    try step("\(name): Fréchet and kernel distance")
    let frechet = Moments(mine, width: width).squaredFrechetDistance(to: referenceMoments)
    let kernel = try KernelDistance(mine, real, width: width, on: device)
    try step("\(name): precision and recall")
    let manifold = try ManifoldMeasures(
      real: referenceSupport,
      generated: ManifoldMeasures.Support(
        Points(mine, width: width, on: device), neighbours: settings.neighbours))
    try step("\(name): nearest training images")
    let neighbours = try points(samples).nearest(in: trainingPoints)
    let copying = try copying(samples, neighbours, candidate)
    let shown = try pictures(candidate, samples, neighbours)
    let classification = try classificationScore(candidate)
    pictures.append(shown)
    results.rows.append(
      EvaluationResults.Row(
        name: name, isReference: candidate.isReference, score: score,
        cosine: .init(value: score.cosine, margin: score.cosineInterval),
        accuracy: .init(value: score.accuracy, margin: score.accuracyInterval),
        judgedAccuracy: .init(
          value: score.judgedAccuracy ?? .nan, margin: score.judgedInterval),
        frechetDistance: frechet, kernelDistance: kernel, manifold: manifold, copying: copying,
        classificationScore: classification,
        refusedShare: (candidate.source as? GeneratedImages)?.refusedShare,
        seconds: stopwatch.seconds))
    return samples
  }

  private func step(_ text: String) throws {
    if shouldStop() { throw EvaluationStopped() }
    try show(text)
  }

  private func points(_ samples: SampleSet) -> Points {
    Points(samples.images, width: test.pixels, on: device)
  }

  /// Accuracy and cosine, of all images of a class if they are finite in number.
  private func score(_ candidate: Candidate) throws -> Score {
    let seed = results.settings.seed
    return Score(
      classes: try test.classNames.enumerated().map { label, name in
        try step("\(candidate.name): accuracy of class \(name)")
        let count = candidate.source.available(of: label) ?? results.settings.samples
        // Parts small enough to give ten groups, whose spread gives the cosine's error.
        let scorer = Scorer(
          autoencoder, classifier, judge: judge, chunk: max(1, min(200, count / 20)))
        return try scorer.score(label: label, count: count) {
          positions, part in
          var stream = Use.score.stream(seed: seed, label: label)
          stream.counter.w = UInt32(part)
          return try candidate.source.images(label: label, at: positions, stream: stream)
        }
      })
  }

  private func copying(
    _ samples: SampleSet, _ neighbours: [Points.Neighbour], _ candidate: Candidate
  ) throws -> CopyingTest {
    let distances = neighbours.map { $0.square.squareRoot() }
    if candidate.isReference { return CopyingTest(samples: distances, heldOut: heldOutDistances) }
    let own = points(samples)
    return CopyingTest(
      samples: distances, heldOut: heldOutDistances,
      toTraining: try own.nearest(in: points(reference)).map(\.square),
      toHeldOut: try own.nearest(in: points(heldOut)).map(\.square))
  }

  private func classificationScore(_ candidate: Candidate) throws -> EvaluationResults.Interval? {
    let settings = results.settings
    guard settings.classificationEpochs > 0 else { return nil }
    let accuracy = try ClassificationScore.accuracy(
      learningFrom: candidate.teacher, labels: training.labels, test: test,
      epochs: settings.classificationEpochs, seed: settings.seed, on: device,
      progress: { [show] done, all in
        try show("\(candidate.name): classification score \(100 * done / all)%")
      }, shouldStop: shouldStop)
    guard let accuracy else { throw EvaluationStopped() }
    let count = Double(test.count)
    return .init(
      value: accuracy, margin: 1.96 * (accuracy * (1 - accuracy) / count).squareRoot())
  }

  private func pictures(
    _ candidate: Candidate, _ samples: SampleSet, _ neighbours: [Points.Neighbour]
  ) throws -> Pictures {
    let seed = results.settings.seed
    var grid: [Float] = []
    for label in test.classNames.indices {
      let count = min(10, candidate.source.available(of: label) ?? 10)
      grid += try candidate.source.images(
        label: label, at: 0..<count, stream: Use.picture.stream(seed: seed, label: label)
      ).values()
      grid += [Float](repeating: 0, count: (10 - count) * test.pixels)
    }
    let pairs = test.classNames.indices.compactMap { label in
      samples.labels.indices.filter {
        samples.labels[$0] == label && neighbours[$0].square < .infinity
      }
      .min { neighbours[$0].square < neighbours[$1].square }
    }
    return Pictures(
      samples: grid,
      pairs: pairs.map { index in
        let other = neighbours[index].index * training.pixels
        return (
          Array(samples.image(index)),
          training.images[other..<other + training.pixels].map { Float($0) / 255 },
          neighbours[index].square.squareRoot()
        )
      })
  }
}
