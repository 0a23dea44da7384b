import Autograd
import Compute
import Datasets
import Files
import Models
import NeuralNetwork
import TestSupport
import Testing
import Training

@testable import Baselines

@Suite struct BaselineTests {
  private static let training = Blobs.dataset(600, side: 8)

  private func configuration(
    _ kind: BaselineConfiguration.Kind, seed: UInt64 = 5, learningRate: Float = 0.001,
    epochs: Int = 300
  ) -> BaselineConfiguration {
    BaselineConfiguration(
      kind, shape: AutoencoderShape(pixels: 64, hidden: 33, latentDimension: 3), imageRows: 8,
      imageColumns: 8, dataset: "blobs", epochs: epochs, batchSize: 20, learningRate: learningRate,
      seed: seed)
  }

  private func draw(_ model: any ConditionalModel, _ label: Int, _ count: Int = 5) throws
    -> [Float]
  {
    try model.images(label: label, count: count, stream: RandomStream(seed: 9, purpose: 6))
      .values()
  }

  /// A layer that sees the label is one of the two rows side by side, and so are its gradients.
  @Test(arguments: TestDevice.all)
  func aLayerWithLabelsIsOneOfBothRows(_ device: TestDevice) throws {
    let device = device.device
    let (all, layer) = try Parameters.declare(seed: 1, on: device) {
      try Layer(4, 5, classes: 3, .softplus, $0["a"])
    }
    func parameter(_ name: String) throws -> Tensor { try #require(all["a"].tensor(name)) }
    let x = (0..<8).map { Float($0) / 4 - 1 }
    let y: [Float] = [0, 1, 0, 1, 0, 0]
    let input = try Tensor(x, Rows(2, 4), on: device, requiresGradient: true)
    let output = try Tape.differentiate {
      try layer(input, try Tensor(y, Rows(2, 3), on: device))
    }

    let weight = try Tensor(
      try parameter("weight").values() + parameter("labels").values(), Rows(7, 5),
      on: device, requiresGradient: true)
    let bias = try Tensor(
      try parameter("bias").values(), Rows(1, 5), on: device, requiresGradient: true)
    let both = try Tensor(
      Array(x[..<4] + y[..<3] + x[4...] + y[3...]), Rows(2, 7), on: device, requiresGradient: true)
    let expected = try Tape.differentiate {
      try both.dense(weight, bias, activation: .softplus)
    }

    func expectEqual(_ a: [Float], _ b: [Float]) {
      #expect(a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) < 1e-6 })
    }
    func gradient(_ tensor: Tensor) throws -> [Float] {
      #expect(tensor.hasGradient)
      return try device.download(try #require(tensor.gradient))
    }
    expectEqual(try output.values(), try expected.values())
    expectEqual(
      try gradient(parameter("weight")) + gradient(parameter("labels")),
      try gradient(weight))
    expectEqual(try gradient(parameter("bias")), try gradient(bias))
    let rows = try gradient(both)
    expectEqual(try gradient(input), Array(rows[..<4] + rows[7..<11]))
  }

  @Test(arguments: TestDevice.all)
  func gradientsFlowThroughAFrozenNetworkButNotIntoIt(_ device: TestDevice) throws {
    let device = device.device
    let (parameters, network) = try Parameters.declare(seed: 1, on: device) {
      try ConditionalNetwork(4, hidden: 5, 1, classes: 3, .relu, $0)
    }
    let x = try Tensor([1, 2, 3, 4], Rows(1, 4), on: device, requiresGradient: true)
    let y = try Tensor([0, 1, 0], Rows(1, 3), on: device)
    func gradient() throws -> [Float] {
      x.clearGradient()
      try Tape.differentiate { try network(x, y) }
      return try device.download(try #require(x.gradient))
    }
    parameters.isFrozen = true
    let throughFrozen = try gradient()
    parameters.isFrozen = false
    let tensors = parameters.names.compactMap(parameters.tensor)
    #expect(tensors.count == 7 && tensors.allSatisfy { !$0.hasGradient })
    #expect(try gradient() == throughFrozen)
    #expect(tensors.allSatisfy { $0.hasGradient })
    #expect(throughFrozen.contains { $0 != 0 })
  }

  @Test(arguments: TestDevice.all)
  func oneHotRows(_ device: TestDevice) throws {
    let oneHot = try OneHot(classes: 4, on: device.device)
    let labels = try device.device.makeBuffer([2, 0, 3] as [Int32])
    #expect(try oneHot(labels).values() == [0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 1])
    #expect(try oneHot(1, count: 2).values() == [0, 1, 0, 0, 0, 1, 0, 0])
  }

  @Test(arguments: TestDevice.all, BaselineConfiguration.Kind.allCases)
  func theSameSeedGivesTheSameImages(_ device: TestDevice, _ kind: BaselineConfiguration.Kind)
    throws
  {
    let trainers = try [5, 5, 6].map {
      try BaselineTraining(
        configuration(kind, seed: $0), training: Self.training, on: device.device)
    }
    for trainer in trainers { _ = try trainer.runEpoch() }
    let images = try trainers.map { try draw($0.model, 3) }
    #expect(images[0] == images[1])
    #expect(trainers[0].history.epochs[0].losses == trainers[1].history.epochs[0].losses)
    #expect(images[0] != images[2])
  }

  /// After training, a drawn spot is where its label says.
  @Test(arguments: BaselineConfiguration.Kind.allCases)
  func classesAreLearned(_ kind: BaselineConfiguration.Kind) throws {
    let trainer = try BaselineTraining(
      configuration(kind, learningRate: 0.003), training: Self.training,
      on: TestDevice.all[0].device)
    var hits = 0
    while hits < 190 && trainer.epochsDone < 300 {
      for _ in 0..<10 { _ = try trainer.runEpoch() }
      hits = try self.hits(of: trainer.model)
    }
    #expect(hits >= 190, "\(hits) of 200 after \(trainer.epochsDone) epochs")
    if kind == .cvae {
      let losses = trainer.history.epochs.map { $0.losses[0] + $0.losses[1] }
      #expect((losses.last ?? .infinity) < 0.8 * losses[0])
    }
  }

  /// How many of 20 drawn images of each class are nearest to the mean of their class.
  private func hits(of model: any ConditionalModel) throws -> Int {
    let centers = (0..<10).map { label in
      let images = Self.training.selecting(Self.training.indices(label: label))
      return (0..<64).map { pixel in
        stride(from: pixel, to: images.images.count, by: 64)
          .reduce(Float(0)) { $0 + Float(images.images[$1]) / 255 } / Float(images.count)
      }
    }
    var hits = 0
    for label in 0..<10 {
      let images = try draw(model, label, 20)
      for image in 0..<20 {
        let distances = centers.map { center in
          zip(images[image * 64..<(image + 1) * 64], center).reduce(Float(0)) {
            $0 + ($1.0 - $1.1) * ($1.0 - $1.1)
          }
        }
        if distances.firstIndex(of: distances.min() ?? 0) == label { hits += 1 }
      }
    }
    return hits
  }

  @Test(arguments: BaselineConfiguration.Kind.allCases)
  func aSavedModelDrawsTheSame(_ kind: BaselineConfiguration.Kind) throws {
    let device = TestDevice.all[0].device
    let folder = try TemporaryFolder()
    let run = Run(folder.path)
    #expect(!run.holdsBaseline)
    let trainer = try BaselineTraining(configuration(kind), training: Self.training, on: device)
    _ = try trainer.runEpoch()
    try trainer.save(to: run)
    #expect(run.holdsBaseline)
    #expect(try run.baselineConfiguration() == trainer.configuration)
    #expect(try draw(run.baseline(on: device), 4) == draw(trainer.model, 4))
    let lines = String(decoding: try readFile(run.metricsPath), as: UTF8.self).split(
      separator: "\n")
    #expect(lines.count == 2 && lines[0].hasPrefix("epoch,\(trainer.task.lossNames[0]),"))
  }

  /// A training that was stopped in the middle of its second epoch ends as one that was not.
  @Test(arguments: TestDevice.all, BaselineConfiguration.Kind.allCases)
  func aStoppedTrainingGoesOn(_ device: TestDevice, _ kind: BaselineConfiguration.Kind) throws {
    func trainer(batch: Int = 20) throws -> BaselineTraining {
      var configuration = configuration(kind)
      configuration.batchSize = batch
      return try BaselineTraining(configuration, training: Self.training, on: device.device)
    }
    let whole = try trainer()
    for _ in 0..<3 { _ = try whole.runEpoch() }

    let folder = try TemporaryFolder()
    let run = Run(folder.path)
    let first = try trainer()
    _ = try first.runEpoch()
    try first.save(to: run)
    var steps = 0
    let stopped = try first.runEpoch(shouldStop: {
      steps += 1
      return steps > 7
    })
    #expect(stopped == nil && steps == 8)
    let second = try trainer()
    try second.resume(run)
    #expect(second.epochsDone == 1 && !second.isWithinEpoch)
    for _ in 0..<2 { _ = try second.runEpoch() }
    #expect(second.history.steps == whole.history.steps)
    for (resumed, never) in zip(second.task.optimizers, whole.task.optimizers) {
      #expect(resumed.steps == never.steps)
      #expect(try resumed.allValues() == never.allValues())
    }
    #expect(throws: FileError.self) { try trainer(batch: 21).resume(run) }
  }
}
