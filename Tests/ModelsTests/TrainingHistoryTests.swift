import ComputeCPU
import Files
import Models
import TestSupport
import Testing
import Training

@Suite struct TrainingHistoryTests {
  private func history(empty: Bool = false) throws -> TrainingHistory {
    func loss(_ total: Double) -> [Double] { [total - 0.25, 0.25, total] }
    var history = try trainer(configuration(), on: CPUDevice(threads: 1)).history
    guard !empty else { return history }
    for epoch in 1...3 {
      history.epochs.append(
        EpochResult(
          epoch: epoch, losses: loss(100 - Double(epoch)), measures: loss(101 - Double(epoch)),
          seconds: 1.5, imagesPerSecond: 4000))
    }
    for step in stride(from: 25, through: 100, by: 25) {
      history.steps.append(.init(step: step, losses: loss(200 - Double(step))))
    }
    return history
  }

  @Test func tables() throws {
    #expect(
      try history().metricsTable.split(separator: "\n").prefix(2) == [
        "epoch,training reconstruction,training regularizer,training total,"
          + "test reconstruction,test regularizer,test total,seconds,images per second",
        "1,98.750000,0.25000000,99.000000,99.750000,0.25000000,100.000000,1.500,4000",
      ])
    #expect(
      try history().stepsTable.split(separator: "\n").prefix(2) == [
        "step,reconstruction,regularizer,total", "25,174.750000,0.25000000,175.000000",
      ])
    #expect(
      try history(empty: true).stepsTable == "step,reconstruction,regularizer,total\n")
  }

  @Test func comeBackUpToAnEpochAndAStep() throws {
    let folder = try TemporaryFolder()
    let run = Run(folder.path)
    try writeAtomically(try history().metricsTable, to: run.metricsPath)
    try writeAtomically(try history().stepsTable, to: run.stepsPath)
    #expect(try run.history(upToEpoch: 3, step: 100) == history())
    let part = try run.history(upToEpoch: 2, step: 60)
    #expect(part.epochs.map(\.epoch) == [1, 2])
    #expect(part.steps.map(\.step) == [25, 50])
  }

  @Test(arguments: ["1,2", "a,b,c,d", "-1,2,3,4", "1e99,2,3,4", "1,2,3,4,5"])
  func brokenRows(_ row: String) throws {
    let folder = try TemporaryFolder()
    let run = Run(folder.path)
    try writeAtomically(try history().metricsTable, to: run.metricsPath)
    try writeAtomically("header\n\(row)\n", to: run.stepsPath)
    let error = #expect(throws: FileError.self) {
      _ = try run.history(upToEpoch: 3, step: 100)
    }
    #expect(error?.path == run.stepsPath)
    #expect(error?.description.contains("line 2") == true)
  }
}
