import Compute
import ComputeCPU
import Conformance
import Files
import Foundation
import Models
import TestSupport
import Testing
import Training

/// A device that fails at any call of a short training.
@Suite struct FailoverTests {
  private static let training = Blobs.dataset(30, side: 8)
  private static let test = Blobs.dataset(10, side: 8, seed: 2)
  private static let configuration = RunConfiguration(
    shape: AutoencoderShape(pixels: 64, hidden: 9, latentDimension: 2), imageRows: 8,
    imageColumns: 8, objective: .mmd, dataset: "blobs", epochs: 2, batchSize: 10, seed: 3)

  /// Where files cost least: each run writes dozens.
  private static func folder() -> String {
    let parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : NSTemporaryDirectory()
    return "\(parent)/digitalis-tests-\(UUID().uuidString)"
  }

  /// Trains as the command does, with a checkpoint after each step.
  private static func train(_ failover: Failover, in run: Run, resuming: Bool = false) throws
    -> [[Float]]
  {
    try failover.train(
      resuming: resuming,
      make: {
        try AutoencoderTraining(
          configuration, training: training, test: test, on: $0, reportInterval: 2)
      }, resume: { try $0.resume(run) },
      body: {
        _ = try $0.train(in: run, checkpointEvery: 0)
        return try $0.model.parameters.values()
      })
  }

  /// What a run makes when nothing fails, and how many calls of each kind it takes.
  private static func undisturbed() throws -> (weights: [[Float]], device: FaultyDevice) {
    let run = Run(folder())
    try makeFolder(run.folder)
    defer { try? FileManager.default.removeItem(atPath: run.folder) }
    let device = FaultyDevice(CPUDevice(threads: 1))
    return (try train(Failover(device), in: run), device)
  }

  static let kinds = ["allocation", "build", "launch", "loss"]

  @Test(arguments: kinds)
  func atEveryCall(_ kind: String) throws {
    let (expected, counted) = try Self.undisturbed()
    let faults: [FaultyDevice.Fault] =
      switch kind {
      case "allocation": (1...counted.calls(.allocate)).map { .allocation($0) }
      case "build": (1...counted.operations.count).map { .build($0) }
      case "launch": (1...counted.calls(.launch)).map { .launch($0) }
      default: (1...counted.calls(.wait)).map { .loss($0) }
      }
    #expect(faults.count >= 12)
    let run = Run(Self.folder())
    for fault in faults {
      try makeFolder(run.folder)
      defer { try? FileManager.default.removeItem(atPath: run.folder) }

      // With --device auto the processor goes on, and says so once.
      var said: [String] = []
      let failover = Failover(
        FaultyDevice(CPUDevice(threads: 1), fault), standby: CPUDevice(threads: 1)
      ) { said.append($0) }
      #expect(try Self.train(failover, in: run) == expected, "\(fault)")
      #expect(said.count == 1 && said[0].contains("Faulty") && said[0].contains("CL_"), "\(fault)")

      // With an explicit device the error comes out, and what is there goes on elsewhere.
      try FileManager.default.removeItem(atPath: run.folder)
      try makeFolder(run.folder)
      let error = #expect(throws: (any Error).self, "\(fault)") {
        _ = try Self.train(Failover(FaultyDevice(CPUDevice(threads: 1), fault)), in: run)
      }
      let text = error.map { "\($0)" } ?? ""
      #expect(text.contains("CL_") && !text.contains("\n"), "\(text)")
      #expect(try text.contains(run.checkpointPath) == run.exists(), "\(text)")
      let resumed = try Self.train(
        Failover(CPUDevice(threads: 1)), in: run, resuming: try run.exists())
      #expect(resumed == expected, "\(fault)")
    }
  }

  /// The device that takes over does what is left, not all of it once more.
  @Test func itGoesOnFromTheLastCheckpoint() throws {
    let total = try Self.undisturbed().device.calls(.launch)
    let run = Run(Self.folder())
    try makeFolder(run.folder)
    defer { try? FileManager.default.removeItem(atPath: run.folder) }
    let standby = FaultyDevice(CPUDevice(threads: 1))
    let failover = Failover(
      FaultyDevice(CPUDevice(threads: 1), .launch(total - 5)), standby: standby)
    _ = try Self.train(failover, in: run)
    // It evaluates and saves too, so this is more than half of an epoch of two.
    #expect(standby.calls(.launch) < total * 2 / 3, "\(standby.calls(.launch)) of \(total)")
  }

  @Test func twoDevicesThatFail() throws {
    let run = Run(Self.folder())
    try makeFolder(run.folder)
    defer { try? FileManager.default.removeItem(atPath: run.folder) }
    let failover = Failover(
      FaultyDevice(CPUDevice(threads: 1), .launch(120)),
      standby: FaultyDevice(CPUDevice(threads: 1), .launch(130)))
    let error = #expect(throws: InterruptedTraining.self) { try Self.train(failover, in: run) }
    #expect(error?.description.contains("--resume") == true)
  }

  // MARK: Silently wrong

  /// The self-check that `--device auto` relies on finds each operation when it is wrong, and names it
  /// alone.
  @Test(arguments: OperationGroup.allCases.filter { $0 != .memory })
  func theSelfCheckNames(_ operation: OperationGroup) throws {
    let device = FaultyDevice(CPUDevice(threads: 1), .silent(operation.rawValue))
    let report = ConformanceReport(Conformance.cases(.selfCheck), on: device)
    #expect(report.rows.filter { !$0.passed }.map(\.operation) == [operation])
    #expect(report.table.contains("FAILED"))
  }

  @Test(arguments: ["write", "fill", "copy"])
  func theSelfCheckFindsWrongMemory(_ operation: String) throws {
    let device = FaultyDevice(CPUDevice(threads: 1), .silent(operation))
    let report = ConformanceReport(Conformance.cases(.selfCheck), on: device)
    #expect(report.rows.contains { $0.operation == .memory && !$0.passed })
  }
}
