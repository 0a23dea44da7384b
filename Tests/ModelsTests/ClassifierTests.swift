import Autograd
import Compute
import ComputeCPU
import Datasets
import Files
import Models
import TestSupport
import Testing
import Training

@Suite struct ClassifierTests {
  private static func trainer(
    _ device: any Device, reconstructing: Bool = false, epochs: Int = 12
  ) throws -> ClassifierTraining {
    let autoencoder = try VariationalAutoencoder(
      AutoencoderShape(pixels: 144, hidden: 20, latentDimension: 3), seed: 1, on: device)
    return try ClassifierTraining(
      reconstructing: reconstructing ? autoencoder : nil, training: training, test: test,
      epochs: epochs, batchSize: 16, seed: 1, on: device)
  }

  @Test func learnsWhatIsEasy() throws {
    let trainer = try Self.trainer(CPUDevice())
    let last = try trainer.train(until: 0.95, of: .test)
    #expect(try #require(last?.testAccuracy) >= 0.95)
  }

  /// Images that are all alike cannot be told apart: four epochs without gain are enough.
  @Test func givesUpWhereNothingIsGained() throws {
    let count = 40
    let blank = ImageDataset(
      name: "blank", images: [UInt8](repeating: 9, count: 36 * count),
      labels: (0..<count).map { UInt8($0 % 10) }, rows: 6, columns: 6)
    let trainer = try ClassifierTraining(
      reconstructing: nil, training: blank, test: blank, epochs: 100, batchSize: 20, seed: 1,
      on: CPUDevice())
    let last = try #require(try trainer.train(until: 0.9, of: .train))
    #expect(last.epoch == 5 && last.trainingAccuracy == 0.1)
  }

  @Test(arguments: [false, true])
  func devicesAgree(_ reconstructing: Bool) throws {
    let results = try TestDevice.all.map {
      try #require(
        try Self.trainer($0.device, reconstructing: reconstructing).runEpoch())
    }
    for result in results {
      #expect(
        abs(result.crossEntropy / results[0].crossEntropy - 1) < 1e-3, "the masks are the same")
    }
  }

  /// Colour, three classes, and images so large that they are pooled twice: the classes differ in their
  /// colour alone.
  @Test(arguments: TestDevice.all, [8, 44])
  func coloursAreTold(_ device: TestDevice, side: Int) throws {
    let shape = ImageShape(rows: side, columns: side, channels: 3)
    let count = 60
    var images: [UInt8] = []
    for index in 0..<count {
      for value in 0..<shape.count {
        let own: UInt8 = value % 3 == index % 3 ? 120 : 0
        images.append(UInt8((value / 3 * 7 + index * 13) % 90) + own)
      }
    }
    let data = ImageDataset(
      name: "colours", images: images, labels: (0..<count).map { UInt8($0 % 3) }, shape: shape,
      classNames: ["red", "green", "blue"])
    let trainer = try ClassifierTraining(
      reconstructing: nil, training: data, test: data, epochs: 20, batchSize: 20, seed: 1,
      on: device.device)
    #expect(trainer.classifier.classCount == 3)
    let last = try #require(try trainer.train(until: 1, of: .train))
    #expect(last.trainingAccuracy == 1)
    let seen = try trainer.classifier.probabilities(
      Tensor(images.map { Float($0) / 255 }, Rows(count, shape.count), on: device.device)
    ).values()
    for row in 0..<count {
      let own = seen[row * 3..<row * 3 + 3]
      #expect(abs(own.reduce(0, +) - 1) < 1e-5 && own.max() == seen[row * 3 + row % 3])
    }
  }

  /// What has no label isn't learned from, and test images without labels are no reason to stop.
  @Test func imagesWithoutLabelsAreLeftOut() throws {
    let some = training.relabelled(
      training.labels.enumerated().map { $0 < 80 ? $1 : ImageDataset.unlabelled },
      classNames: training.classNames)
    let none = test.relabelled(
      [UInt8](repeating: ImageDataset.unlabelled, count: test.count), classNames: test.classNames)
    let trainer = try ClassifierTraining(
      reconstructing: nil, training: some, test: none, batchSize: 16, seed: 1, on: CPUDevice())
    #expect(trainer.data.count == 80)
    #expect(try #require(try trainer.runEpoch()).testAccuracy == nil)
    #expect(throws: FileError.self) {
      _ = try ClassifierTraining(
        reconstructing: nil, training: none, test: none, seed: 1, on: CPUDevice())
    }
  }

  @Test(arguments: TestDevice.all)
  func sameSeedSameBytes(_ device: TestDevice) throws {
    func weights() throws -> [[Float]] {
      let trainer = try Self.trainer(device.device, reconstructing: true)
      _ = try trainer.runEpoch()
      return try trainer.classifier.parameters.values()
    }
    #expect(try weights() == weights())
  }

  @Test(arguments: TestDevice.all)
  func hitsAreCounted(_ device: TestDevice) throws {
    let classifier = try Classifier(
      ImageShape(rows: 12, columns: 12), classes: 10, seed: 1, on: device.device)
    let data = try DeviceDataset(test, on: device.device)
    let images = try data.images(0..<40)
    let logits = try classifier.logits(images).values()
    let best = (0..<40).map { row in
      (0..<10).max { logits[row * 10 + $0] < logits[row * 10 + $1] } ?? 0
    }
    let expected = (0..<40).filter { best[$0] == Int(test.labels[$0]) }.count
    let hits = try device.device.makeBuffer([Float(100)])
    try classifier.countHits(images, labels: try data.labels(0..<40), into: hits)
    #expect(try device.device.download(hits) == [Float(100 + expected)])
  }

  @Test func stopsWhenAsked() throws {
    #expect(try Self.trainer(CPUDevice()).runEpoch(shouldStop: { true }) == nil)
  }
}
