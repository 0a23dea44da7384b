import Autograd
import Compute
import Datasets
import Generation
import Models
import TestSupport
import Testing

@testable import Evaluation

@Suite struct EvaluatorTests {
  /// Draws what it was told to learn from.
  private struct Copier: ImageSource {
    let training: RealImages
    func available(of label: Int) -> Int? { nil }
    func images(label: Int, at positions: Range<Int>, stream: RandomStream) throws(DeviceError)
      -> Tensor
    {
      // There are 20 of each class.
      try training.images(label: label, at: 0..<min(20, positions.count), stream: stream)
    }
  }

  private func settings(_ samples: Int = 12, epochs: Int = 0) -> EvaluationSettings {
    EvaluationSettings(samples: samples, classificationEpochs: epochs)
  }

  @Test(arguments: TestDevice.all)
  func imagesOfAClassInTheirOrder(_ device: TestDevice) throws {
    let data = Blobs.dataset(60, side: 12)
    let source = try RealImages(data, on: device.device)
    #expect(source.available(of: 3) == 6)
    let images = try source.images(
      label: 3, at: 2..<4, stream: RandomStream(seed: 1, purpose: 1)
    ).values()
    let expected = data.selecting([23, 33]).images.map { Float($0) / 255 }
    #expect(zip(images, expected).allSatisfy { abs($0 - $1) < 1e-6 })
  }

  /// Each image of a set stands at the place of its label, with the judge's features of it.
  @Test(arguments: TestDevice.all)
  func samplesStandAtTheirLabels(_ device: TestDevice) throws {
    let data = Blobs.dataset(60, side: 12).selecting((0..<60).map { Int32($0 * 7 % 60) })
    let judge = try Classifier(
      ImageShape(rows: 12, columns: 12), classes: 10, seed: 3, on: device.device)
    let set = try SampleSet(
      data.labels, from: try RealImages(data, on: device.device), pixels: 144, judge: judge,
      seed: 1)
    #expect(zip(set.images, data.images).allSatisfy { abs($0 - Float($1) / 255) < 1e-6 })
    let one = try Tensor(Array(set.image(17)), Rows(1, 144), on: device.device)
    let features = try judge.features(one).values()
    #expect(
      zip(features, set.features[17 * 128..<18 * 128]).allSatisfy { abs($0 - $1) < 1e-5 })
  }

  @Test func logitsFollowFromFeatures() throws {
    let device = TestDevice.all[0].device
    let judge = try Classifier(ImageShape(rows: 12, columns: 12), classes: 10, seed: 3, on: device)
    let image = try Tensor(numbers(144), Rows(1, 144), on: device)
    let features = try judge.features(image).values()
    let (weight, bias) = (
      try #require(judge.parameters.tensor("output.weight")).values(),
      try #require(judge.parameters.tensor("output.bias")).values()
    )
    let logits = try judge.logits(image).values()
    for c in 0..<10 {
      let expected = features.enumerated().reduce(bias[c]) { $0 + $1.1 * weight[$1.0 * 10 + c] }
      #expect(abs(logits[c] - expected) < 1e-5)
    }
    #expect(features.contains(0) && features.allSatisfy { $0 >= 0 }, "after relu")
  }

  @Test(arguments: TestDevice.all)
  func referencesAndACopier(_ device: TestDevice) throws {
    let scene = try EvaluationScene(on: device.device)
    let evaluator = try Evaluator(settings(), run: scene.run, on: device.device)
    for reference in try evaluator.references() { try evaluator.evaluate(reference) }
    let copier = Copier(training: try RealImages(scene.training, on: device.device))
    try evaluator.evaluate(Candidate("copier", copier))
    let model = try scene.run.autoencoder(on: device.device)
    let constant = SpreadGenerator(
      try scene.run.statistics(of: model), theta: 0, draws: 1)
    try evaluator.evaluate(Candidate("constant", GeneratedImages(model, constant)))

    let rows = evaluator.results.rows
    #expect(rows.map(\.isReference) == [true, true, false, false])
    #expect(evaluator.results.featureSamples == 60)
    #expect(abs(rows[0].copying.rank - 0.5) < 1e-9)
    #expect(rows[0].copying.nearerToTraining == nil)
    #expect(rows[0].score.classes.allSatisfy { $0.count == 6 })
    #expect(rows[2].score.classes.allSatisfy { $0.count == 12 })
    #expect(rows[2].copying.closeShare == 1 && rows[2].copying.rank < 0.05)
    #expect((rows[2].copying.nearerToTraining ?? 0) > 0.55)
    #expect(abs(rows[3].cosine.value - 1) < 1e-5, "θ = 0 draws one image of a class")
    #expect(rows[3].manifold.recall < rows[0].manifold.recall)
    #expect(rows[3].frechetDistance > rows[0].frechetDistance)
    #expect(evaluator.pictures[2].pairs.allSatisfy { $0.distance < 0.01 })
    for pair in evaluator.pictures[2].pairs {
      #expect(zip(pair.sample, pair.neighbour).allSatisfy { abs($0 - $1) < 1e-5 })
    }
  }

  @Test func theSameSeedGivesTheSameResults() throws {
    let device = TestDevice.all[0].device
    let scene = try EvaluationScene(on: device)
    let model = try scene.run.autoencoder(on: device)
    let statistics = try scene.run.statistics(of: model)
    let rows = try [1 as UInt64, 1, 2].map { seed in
      var settings = settings(epochs: 1)
      settings.seed = seed
      let evaluator = try Evaluator(settings, run: scene.run, on: device)
      try evaluator.evaluate(
        Candidate(
          "simple", GeneratedImages(model, SpreadGenerator(statistics, theta: 1, draws: 1))))
      var row = evaluator.results.rows[0]
      row.seconds = 0
      return row
    }
    #expect(rows[0].score == rows[1].score && rows[0].manifold == rows[1].manifold)
    #expect(rows[0].frechetDistance == rows[1].frechetDistance)
    #expect(rows[0].classificationScore == rows[1].classificationScore)
    #expect(rows[0].classificationScore != nil)
    #expect(rows[0].score != rows[2].score)
  }

  @Test func aConfidenceOutOfReachIsARow() throws {
    let device = TestDevice.all[0].device
    let scene = try EvaluationScene(on: device)
    let model = try scene.run.autoencoder(on: device)
    let simple = Candidate(
      "simple",
      GeneratedImages(
        model, SpreadGenerator(try scene.run.statistics(of: model), theta: 1, draws: 1)))
    let names = try scene.run.classNames()
    let guided = try #require(
      simple.guided(
        by: try scene.run.classifier(at: scene.run.classifierPath, on: device),
        minimumConfidence: 1, classNames: names, note: ", sure"))
    let evaluator = try Evaluator(settings(), run: scene.run, on: device)
    #expect(try evaluator.evaluate(guided) == nil)
    #expect(try evaluator.evaluate(simple) != nil)
    let missing = try #require(evaluator.results.notReached?.first)
    #expect(missing.name == "simple, sure" && missing.reason.hasPrefix("class \(names[0]): only 0"))
    #expect(evaluator.results.rows.map(\.name) == ["simple"])
    #expect(evaluator.results.tables[0].last?[2] == "not reached")
  }

  @Test func noTwoUsesShareAStream() {
    let uses = [Use.score, .features, .classification, .picture]
    let streams = uses.flatMap { use in (0..<255).map { use.stream(seed: 1, label: $0) } }
    #expect(Set(streams.map { "\($0)" }).count == 4 * 255)
  }

  @Test func stoppingEndsAnEvaluation() throws {
    let device = TestDevice.all[0].device
    let scene = try EvaluationScene(on: device)
    let evaluator = try Evaluator(
      settings(), run: scene.run, on: device, shouldStop: { true })
    let first = try evaluator.references()[0]
    #expect(throws: EvaluationStopped.self) { try evaluator.evaluate(first) }
    #expect(evaluator.results.rows.isEmpty)
  }
}
