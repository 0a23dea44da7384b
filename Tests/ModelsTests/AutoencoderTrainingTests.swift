import Compute
import ComputeCPU
import Files
import Foundation
import Models
import Testing
import TestSupport
import Training

@Suite struct TrainingTests {
  /// The losses of the first ten steps agree on every pair of devices.
  @Test(arguments: RunConfiguration.ObjectiveName.allCases)
  func trajectoriesAgree(_ objective: RunConfiguration.ObjectiveName) throws {
    let trajectories = try TestDevice.allVariants.map { device in
      let trainer = try trainer(configuration(objective), on: device.device)
      _ = try trainer.runEpoch()
      return (device, trainer.history.steps)
    }
    #expect(trajectories[0].1.map(\.step) == Array(1...10))
    for (first, firstSteps) in trajectories {
      for (second, secondSteps) in trajectories {
        for (a, b) in zip(firstSteps, secondSteps) {
          for part in [\LossParts.reconstruction, \.regularizer, \.total] {
            let (a, b) = (a.loss[keyPath: part], b.loss[keyPath: part])
            // The discrepancy is a difference of sums near 1 each.
            let allowed = 1e-4 * max(abs(a), 0.01)
            #expect(abs(a - b) <= allowed, "\(first) and \(second): \(a) and \(b)")
          }
        }
      }
    }
  }

  @Test(arguments: TestDevice.all)
  func theSameSeedGivesTheSameBytes(_ device: TestDevice) throws {
    for objective in RunConfiguration.ObjectiveName.allCases {
      let trainers = try [5, 5, 6].map {
        try trainer(configuration(objective, seed: $0), on: device.device)
      }
      for trainer in trainers { _ = try trainer.runEpoch() }
      #expect(try state(trainers[0]) == state(trainers[1]))
      #expect(trainers[0].history.steps == trainers[1].history.steps)
      #expect(trainers[0].history.epochs[0].test == trainers[1].history.epochs[0].test)
      #expect(try state(trainers[0]) != state(trainers[2]), "another seed, another run")
    }
  }

  @Test func theNumberOfThreadsChangesNothing() throws {
    for set in InstructionSet.available {
      let states = try [1, 3].map { threads in
        let trainer = try trainer(
          configuration(.mmd), on: CPUDevice(threads: threads, instructionSet: set))
        _ = try trainer.runEpoch()
        return try state(trainer)
      }
      #expect(states[0] == states[1], "\(set)")
    }
  }

  @Test(arguments: TestDevice.all)
  func resumingIsExact(_ device: TestDevice) throws {
    let folder = try TemporaryFolder()
    let run = Run(folder.path)
    let whole = try trainer(configuration(.mmd), on: device.device)
    let stopped = try trainer(configuration(.mmd), on: device.device)
    for _ in 0..<2 { _ = try whole.runEpoch() }
    _ = try stopped.runEpoch()
    try stopped.save(to: run)

    let resumed = try trainer(try run.configuration(), on: device.device)
    try resumed.resume(run)
    #expect(resumed.epochsDone == 1)
    #expect(try state(resumed) == state(stopped))
    _ = try resumed.runEpoch()
    #expect(resumed.epochsDone == 2)
    #expect(try state(resumed) == state(whole))
    #expect(resumed.history.stepsTable == whole.history.stepsTable)
    #expect(resumed.history.epochs.map(\.epoch) == [1, 2])
    #expect(resumed.history.epochs[1].test == whole.history.epochs[1].test)
  }

  @Test func whatHappenedAfterTheLastWholeEpochIsForgotten() throws {
    let folder = try TemporaryFolder()
    let run = Run(folder.path)
    let device = CPUDevice(threads: 1)
    let whole = try trainer(configuration(), on: device)
    for _ in 0..<2 { _ = try whole.runEpoch() }

    let stopped = try trainer(configuration(), on: device)
    _ = try stopped.runEpoch()
    try stopped.save(to: run)
    var steps = 0
    let result = try stopped.runEpoch(shouldStop: {
      steps += 1
      return steps > 4
    })
    #expect(result == nil)
    #expect(stopped.epochsDone == 1)
    let resumed = try trainer(configuration(), on: device)
    try resumed.resume(run)
    _ = try resumed.runEpoch()
    #expect(try state(resumed) == state(whole))
  }

  @Test(arguments: TestDevice.all)
  func lossesFall(_ device: TestDevice) throws {
    for objective in RunConfiguration.ObjectiveName.allCases {
      let trainer = try trainer(
        configuration(objective, epochs: 6, learningRate: 0.005), on: device.device)
      let before = try trainer.task.evaluate()
      for _ in 0..<6 { _ = try trainer.runEpoch() }
      let after = trainer.history.epochs[5]
      #expect(after.test.total < 0.6 * before[2])
      #expect(after.training.reconstruction < trainer.history.epochs[0].training.reconstruction)
    }
  }

  @Test func theTotalIsTheSumOfItsParts() throws {
    let device = CPUDevice(threads: 1)
    for (objective, weight) in [(RunConfiguration.ObjectiveName.elbo, 1.0), (.mmd, 500)] {
      let loss = try trainer(configuration(objective), on: device).task.evaluate()
      #expect(abs(loss[2] - loss[0] - weight * loss[1]) < 1e-9)
      #expect(loss[1] > 0)
    }
  }

  @Test func progressIsReported() throws {
    let trainer = try trainer(configuration(), on: CPUDevice(threads: 1))
    var progress: [TrainingProgress] = []
    let result = try #require(try trainer.runEpoch(progress: { progress.append($0) }))
    #expect(progress.map(\.images) == Array(stride(from: 16, through: 160, by: 16)))
    #expect(progress.allSatisfy { $0.epoch == 1 && $0.epochs == 2 && $0.imagesPerEpoch == 160 })
    #expect(progress.allSatisfy { $0.secondsLeft > 0 && $0.secondsLeft.isFinite })
    #expect(progress.last?.loss == result.training)
  }

  @Test func imagesOfAnotherSizeAreRefused() {
    let other = Blobs.dataset(40, side: 11)
    for (training, test) in [(other, test), (training, other)] {
      let error = #expect(throws: FileError.self) {
        _ = try AutoencoderTraining(
          configuration(), training: training, test: test, on: CPUDevice(threads: 1))
      }
      #expect(error?.description.contains("11 × 11") == true)
    }
  }

  @Test func anAbsurdRateDiverges() throws {
    let trainer = try trainer(configuration(learningRate: 1e10), on: CPUDevice(threads: 1))
    let error = #expect(throws: DivergenceError.self) { _ = try trainer.runEpoch() }
    #expect(error?.description.contains("--learning-rate") == true)
    #expect(error?.description.contains("\n") == false)
    #expect((2...10).contains(error?.step ?? 0))
    #expect(trainer.epochsDone == 0)
  }
}
