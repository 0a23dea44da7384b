import Compute
import ComputeCPU
import Files
import Foundation
import Models
import Testing
import TestSupport
import Training

/// Training that stops after any step goes on to the same bytes.
@Suite struct ResumeTests {
  /// Two epochs of ten steps whose losses are read every third.
  private func trainer(_ device: any Device, _ objective: RunConfiguration.ObjectiveName = .mmd)
    throws -> AutoencoderTraining
  {
    try AutoencoderTraining(
      configuration(objective), training: training, test: test, on: device, reportInterval: 3)
  }

  /// The files that must agree; metrics.csv also tells times.
  private func files(_ run: Run) throws -> [[UInt8]] {
    let metrics = String(decoding: try readFile(run.metricsPath), as: UTF8.self)
    let losses = metrics.split(separator: "\n").map {
      $0.split(separator: ",").prefix(7).joined(separator: ",")
    }
    return [
      try readFile(run.weightsPath), try readFile(run.configurationPath),
      try readFile(run.stepsPath), Array(losses.joined(separator: "\n").utf8),
    ]
  }

  /// Asks to stop after so many steps.
  private func stop(after steps: Int) -> () -> Bool {
    var asked = 0
    return {
      asked += 1
      return asked > steps
    }
  }

  @Test(arguments: TestDevice.all)
  func anAutoencoderAfterAnyStep(_ device: TestDevice) throws {
    let folder = try TemporaryFolder()
    let whole = try trainer(device.device)
    try makeFolder(folder["whole"])
    #expect(try whole.train(in: Run(folder["whole"])))
    let expected = try files(Run(folder["whole"]))
    for steps in 1..<20 {
      let run = Run(folder["\(steps)"])
      try makeFolder(run.folder)
      let stopped = try trainer(device.device)
      #expect(try !stopped.train(in: run, shouldStop: stop(after: steps)))
      #expect(stopped.checkpoint?.step == steps)
      #expect(try run.exists())
      let resumed = try trainer(device.device)
      try resumed.resume(run)
      #expect(try state(resumed) == state(stopped))
      #expect(try resumed.train(in: run))
      #expect(try state(resumed) == state(whole))
      #expect(try files(run) == expected, "after \(steps) steps")
    }
  }

  /// Checkpoints in the middle of epochs change nothing, and any of them will do.
  @Test func checkpointsByTheClock() throws {
    let folder = try TemporaryFolder()
    let (often, never) = (Run(folder["often"]), Run(folder["never"]))
    for (run, seconds) in [(often, 0.0), (never, .infinity)] {
      try makeFolder(run.folder)
      #expect(try trainer(CPUDevice()).train(in: run, checkpointEvery: seconds))
    }
    #expect(try files(often) == files(never))
  }

  @Test(arguments: TestDevice.all)
  func aClassifierAfterAnyStep(_ device: TestDevice) throws {
    func make(seed: UInt64 = 1) throws -> ClassifierTraining {
      try ClassifierTraining(
        reconstructing: nil, training: training, test: test, epochs: 3, batchSize: 40, seed: seed,
        on: device.device)
    }
    func train(_ trainer: ClassifierTraining, _ path: String?, steps: Int = .max) throws
      -> EpochResult?
    {
      try trainer.train(
        until: 1, of: .test, checkpoint: path, shouldStop: stop(after: steps))
    }
    let folder = try TemporaryFolder()
    let whole = try make()
    let expected = try #require(try train(whole, nil))
    for steps in 1...12 {
      let path = folder["\(steps)"]
      let stopped = try make()
      let early = try train(stopped, path, steps: steps)
      let resumed = try make()
      try resumed.resume(path)
      let result = try #require(try train(resumed, path))
      #expect((early == nil) == (steps < 12))
      #expect(result.losses == expected.losses && result.epoch == 3)
      #expect(result.testAccuracy == expected.testAccuracy)
      #expect(
        try resumed.classifier.parameters.values() == whole.classifier.parameters.values(),
        "after \(steps) steps")
    }
    let error = #expect(throws: FileError.self) { try make(seed: 2).resume(folder["1"]) }
    #expect(error?.description.contains("--seed") == true)
  }

  // MARK: Losses that are not numbers

  /// The step is known though the losses are read only every third step.
  @Test(arguments: [RunConfiguration.ObjectiveName.elbo, .mmd])
  func theStepOfABadLossIsNamed(_ objective: RunConfiguration.ObjectiveName) throws {
    let folder = try TemporaryFolder()
    // With a checkpoint before each step, and with none.
    let cases = (1...10).flatMap { step in [(step, 0.0), (step, Double.infinity)] }
    for (step, seconds) in cases {
      let run = Run(folder["\(step) \(seconds)"])
      try makeFolder(run.folder)
      let device = FaultyDevice(CPUDevice(threads: 1), .notANumber("binaryCrossEntropy", step))
      let trainer = try trainer(device, objective)
      let error = #expect(throws: DivergenceError.self) {
        _ = try trainer.train(in: run, checkpointEvery: seconds)
      }
      #expect(error?.step == step && error?.epoch == 1 && error?.batch == step)
      #expect(error?.batches == 10)
      // The steps before have their checkpoints; the bad one must not have become one.
      #expect(error?.checkpoint?.step == (step > 1 && seconds == 0 ? step - 1 : nil))
      #expect(error?.description.contains("step \(step) (epoch 1, batch \(step) of 10)") == true)
      if let checkpoint = error?.checkpoint {
        #expect(error?.description.contains(checkpoint.path) == true)
        let resumed = try self.trainer(CPUDevice(threads: 1), objective)
        try resumed.resume(run)
        #expect(resumed.steps == step - 1)
      }
    }
  }

  @Test func aBadLossOfAClassifier() throws {
    let device = FaultyDevice(CPUDevice(threads: 1), .notANumber("softmaxCrossEntropy", 7))
    let trainer = try ClassifierTraining(
      reconstructing: nil, training: training, test: test, epochs: 3, batchSize: 40, seed: 1,
      on: device)
    let error = #expect(throws: DivergenceError.self) {
      _ = try trainer.train(until: 1, of: .test)
    }
    #expect(error?.step == 7 && error?.epoch == 2 && error?.batch == 3)
  }

  /// A step whose loss is fine may leave weights that are not.
  @Test func badWeightsAreNoCheckpoint() throws {
    let folder = try TemporaryFolder()
    let run = Run(folder.path)
    let device = FaultyDevice(CPUDevice(threads: 1), .notANumber("adamStep", 4))
    let trainer = try trainer(device)
    #expect(throws: (any Error).self) { _ = try trainer.train(in: run, checkpointEvery: 0) }
    let resumed = try self.trainer(CPUDevice(threads: 1))
    try resumed.resume(run)
    #expect(resumed.steps == 3)
  }
}
