import Files
import TestSupport
import Testing

@testable import Models
import Training

@Suite struct TrainingHistoryTests {
  private func history() -> TrainingHistory {
    func loss(_ total: Double) -> LossParts {
      LossParts(reconstruction: total - 0.25, regularizer: 0.25, total: total)
    }
    var history = TrainingHistory()
    for epoch in 1...3 {
      history.epochs.append(
        EpochResult(
          epoch: epoch, training: loss(100 - Double(epoch)), test: loss(101 - Double(epoch)),
          seconds: 1.5, imagesPerSecond: 4000))
    }
    for step in stride(from: 25, through: 100, by: 25) {
      history.steps.append(.init(step: step, loss: loss(200 - Double(step))))
    }
    return history
  }

  @Test func tables() {
    #expect(
      history().metricsTable.split(separator: "\n").prefix(2) == [
        "epoch,training reconstruction,training regularizer,training total,"
          + "test reconstruction,test regularizer,test total,seconds,images per second",
        "1,98.750000,0.25000000,99.000000,99.750000,0.25000000,100.000000,1.500,4000",
      ])
    #expect(
      history().stepsTable.split(separator: "\n").prefix(2) == [
        "step,reconstruction,regularizer,total", "25,174.750000,0.25000000,175.000000",
      ])
    #expect(TrainingHistory().stepsTable == "step,reconstruction,regularizer,total\n")
  }

  @Test func comeBackUpToAnEpochAndAStep() throws {
    let folder = try TemporaryFolder()
    let run = Run(folder.path)
    try writeAtomically(history().metricsTable, to: run.metricsPath)
    try writeAtomically(history().stepsTable, to: run.stepsPath)
    #expect(try TrainingHistory(of: run, epochs: 3, steps: 100) == history())
    let part = try TrainingHistory(of: run, epochs: 2, steps: 60)
    #expect(part.epochs.map(\.epoch) == [1, 2])
    #expect(part.steps.map(\.step) == [25, 50])
  }

  @Test(arguments: ["1,2", "a,b,c,d", "-1,2,3,4", "1e99,2,3,4", "1,2,3,4,5"])
  func brokenRows(_ row: String) throws {
    let folder = try TemporaryFolder()
    let run = Run(folder.path)
    try writeAtomically(history().metricsTable, to: run.metricsPath)
    try writeAtomically("header\n\(row)\n", to: run.stepsPath)
    let error = #expect(throws: FileError.self) {
      _ = try TrainingHistory(of: run, epochs: 3, steps: 100)
    }
    #expect(error?.path == run.stepsPath)
    #expect(error?.description.contains("line 2") == true)
  }
}
