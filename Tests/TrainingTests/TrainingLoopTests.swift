import Autograd
import Compute
import ComputeCPU
import Datasets
import Files
import NeuralNetwork
import TestSupport
import Testing
import Training

/// A model of one's own: what the loop does for the models of this package, it does for any.
private struct Perceptron: Module {
  let hidden, output: Dense

  init(_ p: Parameters) throws {
    hidden = try Dense(64, 20, .relu, p["hidden"])
    output = try Dense(20, 10, p["output"])
  }

  func callAsFunction(_ x: Tensor) throws -> Tensor {
    try output(Dropout(0.2)(hidden(x)))
  }
}

private typealias Loop = TrainingLoop<ClassificationTask<Perceptron>>

/// Ten steps to an epoch.
private func makeLoop(
  _ device: any Device, epochs: Int = 2, batch: Int = 20, seed: UInt64 = 1, origin: String? = nil,
  rate: Float = 0.01
) throws -> Loop {
  let model = try Model(Perceptron.init, seed: seed, on: device)
  let test = try DeviceDataset(Blobs.dataset(50, side: 8, seed: 2), on: device)
  return try Loop(
    ClassificationTask(
      model.network, try Adam(model.parameters, learningRate: Schedule.constant(rate)),
      measuring: ["test accuracy": test]),
    data: try DeviceDataset(Blobs.dataset(200, side: 8), on: device),
    TrainingSettings(
      epochs: epochs, batchSize: batch, seed: seed, reportInterval: 3, origin: origin))
}

/// Asks to stop after so many steps.
private func stop(after steps: Int) -> () -> Bool {
  var asked = 0
  return {
    asked += 1
    return asked > steps
  }
}

@Suite struct TrainingLoopTests {
  private let folder: TemporaryFolder
  private var path: String { folder["checkpoint.safetensors"] }

  init() throws { folder = try TemporaryFolder() }

  @Test(arguments: TestDevice.all)
  func aModelOfOnesOwnLearns(_ device: TestDevice) throws {
    let loop = try makeLoop(device.device, epochs: 20)
    var results: [EpochResult] = []
    #expect(try loop.train(checkpoint: path, result: { results.append($0) }))
    #expect(results == loop.history.epochs && results.count == 20)
    #expect(results[19].measures[0] > 0.9, "\(results[19])")
    #expect(results[19].losses[0] < results[0].losses[0] / 2)
    let table = loop.history.metricsTable.split(separator: "\n")
    #expect(table[0] == "epoch,training cross-entropy,test accuracy,seconds,images per second")
    #expect(table.count == 21)
    // Trained already.
    let again = try makeLoop(device.device, epochs: 20)
    #expect(try again.train(checkpoint: path, result: { _ in Issue.record("nothing is left") }))
    #expect(again.epochsDone == 20)
  }

  /// Stopped after any step and gone on, it ends with the same bytes.
  @Test(arguments: TestDevice.all)
  func afterAnyStep(_ device: TestDevice) throws {
    let whole = try makeLoop(device.device)
    #expect(try whole.train(save: { _ in }))
    for steps in 1...20 {
      let path = folder["\(steps)"]
      let stopped = try makeLoop(device.device)
      #expect(try stopped.train(checkpoint: path, shouldStop: stop(after: steps)) == (steps == 20))
      #expect(stopped.checkpoint?.step == steps)
      let resumed = try makeLoop(device.device)
      #expect(try resumed.train(checkpoint: path))
      #expect(
        try resumed.task.optimizers[0].allValues() == whole.task.optimizers[0].allValues(),
        "after \(steps) steps")
      #expect(resumed.history.steps == whole.history.steps)
      #expect(resumed.history.epochs.map(\.measures) == whole.history.epochs.map(\.measures))
    }
  }

  /// A device that fails at any launch: another one goes on from the last checkpoint, to the same bytes.
  @Test func atEveryFailure() throws {
    let whole = try makeLoop(CPUDevice(threads: 1))
    #expect(try whole.train(save: { _ in }))
    let expected = try whole.task.optimizers[0].allValues()
    let counted = FaultyDevice(CPUDevice(threads: 1))
    _ = try makeLoop(counted).train(save: { _ in })
    for launch in stride(from: 1, through: counted.calls(.launch), by: 7) {
      let path = folder["\(launch)"]
      var said = 0
      let failover = Failover(
        FaultyDevice(CPUDevice(threads: 1), .launch(launch)), standby: CPUDevice(threads: 1)
      ) { _ in said += 1 }
      let values = try failover.train(
        resuming: false, make: { try makeLoop($0) }, resume: { try $0.resume(from: path) },
        body: { loop in
          _ = try loop.train(
            save: { _ in try loop.saveCheckpoint(to: path) }, checkpointEvery: 0)
          return try loop.task.optimizers[0].allValues()
        })
      #expect(values == expected && said == 1, "launch \(launch)")
    }
  }

  @Test func checkpointsOfOtherTrainings() throws {
    let device = CPUDevice(threads: 1)
    let first = try makeLoop(device, origin: "a")
    _ = try first.runEpoch()
    try first.saveCheckpoint(to: path)
    for (other, word) in [
      (try makeLoop(device, batch: 25, origin: "a"), "--batch 20"),
      (try makeLoop(device, seed: 3, origin: "a"), "--seed 1"),
      (try makeLoop(device, origin: "b"), "learned from other"),
    ] {
      let before = try other.task.optimizers[0].allValues()
      let error = #expect(throws: FileError.self) { try other.resume(from: path) }
      #expect(error?.path == path && error?.description.contains(word) == true, "\(word)")
      #expect(try other.task.optimizers[0].allValues() == before)
    }
    _ = try first.runEpoch()
    try first.saveCheckpoint(to: path)
    let error = #expect(throws: FileError.self) {
      try makeLoop(device, epochs: 1, origin: "a").resume(from: path)
    }
    #expect(error?.description.contains("2 epochs already") == true)
  }

  @Test func aLossThatIsNotANumber() throws {
    let device = FaultyDevice(CPUDevice(threads: 1), .notANumber("softmaxCrossEntropy", 17))
    let loop = try makeLoop(device)
    let error = #expect(throws: DivergenceError.self) { try loop.train(checkpoint: path) }
    #expect(error?.step == 17 && error?.epoch == 2 && error?.batch == 7)
    #expect(
      error?.description.contains("the last good checkpoint is \(path), after step 10") == true)
    let resumed = try makeLoop(CPUDevice(threads: 1))
    try resumed.resume(from: path)
    #expect(resumed.steps == 10)
  }

  @Test func settingsThatCannotBe() throws {
    let device = CPUDevice(threads: 1)
    for (epochs, batch, word) in [(0, 20, "0 epochs"), (2, 0, "0 images"), (2, 201, "201 images")] {
      let error = #expect(throws: ParameterError.self) {
        _ = try makeLoop(device, epochs: epochs, batch: batch)
      }
      #expect(error?.description.contains(word) == true)
    }
    let data = try DeviceDataset(Blobs.dataset(200, side: 8), on: device)
    let error = #expect(throws: ParameterError.self) { _ = try data.batches(of: 201) }
    #expect(
      error?.description.contains("201") == true && error?.description.contains("200") == true)
  }

  @Test func labelsThatCannotBe() throws {
    let device = CPUDevice(threads: 1)
    let model = try Model({ try Dense(64, 9, $0) }, on: device)
    let data = try DeviceDataset(Blobs.dataset(200, side: 8), on: device)
    let batch = try data.batches(of: 20)[0]
    for body in [
      { _ = try crossEntropy(model(try batch.images), try batch.labels) },
      { _ = try model.accuracy(on: data) },
    ] {
      let error = #expect(throws: ParameterError.self) { try body() }
      #expect(error?.description.contains("up to 9") == true)
      #expect(error?.description.contains("9 outputs") == true)
    }
    #expect(throws: ParameterError.self) { _ = try Labels([3, 10], classCount: 10, on: device) }
    let images = Blobs.dataset(20, side: 8)
    let unlabelled = images.relabelled(
      images.labels.dropLast() + [ImageDataset.unlabelled], classNames: images.classNames)
    let error = #expect(throws: ParameterError.self) {
      _ = try DeviceDataset(unlabelled, on: device).batches(of: 20)[0].labels
    }
    #expect(error?.description.contains("without a label") == true)
  }

  // MARK: Sources

  /// Images that are made when they are asked for.
  private struct Squares: SampleSource {
    let name = "squares"
    let count = 100
    let shape = ImageShape(rows: 4, columns: 4)
    let classNames = ["even", "odd"]

    func image(_ index: Int, into pixels: UnsafeMutableBufferPointer<UInt8>) {
      for pixel in pixels.indices { pixels[pixel] = UInt8((index * index + pixel) % 256) }
    }
    func label(_ index: Int) -> UInt8 { UInt8(index % 2) }
  }

  /// A set that is read batch by batch gives the batches that it gives from the device.
  @Test(arguments: TestDevice.all)
  func streamedOrResident(_ device: TestDevice) throws {
    let resident = try DeviceDataset(Squares(), on: device.device)
    let streamed = try DeviceDataset(Squares(), on: device.device, mostBytes: 100)
    #expect(resident.isResident && !streamed.isResident)
    for epoch in 0...2 {
      func batches(_ data: DeviceDataset) throws -> [Batch] {
        epoch == 0
          ? try data.batches(of: 33) : try data.batches(of: 33, seed: 7, epoch: epoch)
      }
      for (a, b) in zip(try batches(resident), try batches(streamed)) {
        #expect(try a.images.values() == b.images.values())
        let labels: [[Int32]] = try [a, b].map {
          try device.device.download(try $0.labels.buffer, as: Int32.self)
        }
        #expect(labels[0] == labels[1] && a.count == b.count)
        if epoch == 0 {
          #expect(
            try a.images.values()[0] == Float(a.range.lowerBound * a.range.lowerBound % 256) / 255)
        }
      }
    }
  }

  /// What a source throws comes out.
  @Test func aSourceThatFails() throws {
    struct Broken: SampleSource {
      let name = "broken"
      let count = 3
      let shape = ImageShape(rows: 2, columns: 2)
      let classNames: [String] = []
      func image(_ index: Int, into pixels: UnsafeMutableBufferPointer<UInt8>) throws {
        throw FileError("broken", "has no image \(index)", remedy: "none")
      }
      func label(_ index: Int) -> UInt8 { ImageDataset.unlabelled }
    }
    let device = CPUDevice(threads: 1)
    #expect(throws: FileError.self) { _ = try DeviceDataset(Broken(), on: device) }
    let data = try DeviceDataset(Broken(), on: device, mostBytes: 1)
    #expect(throws: FileError.self) { _ = try data.batches(of: 2)[1].images }
  }
}
