import Testing

@testable import Training

@Suite struct StopwatchTests {
  @Test func aClockThatGoesBack() {
    #expect(Stopwatch.seconds(from: 5, to: 4) == 0)
    #expect(Stopwatch.seconds(from: 0, to: .max) > 1e10)
  }

  @Test func ratesAreFinite() {
    #expect(rate(10, per: 2) == 5)
    #expect(rate(10, per: 0) == 0)
    #expect(rate(10, per: -1) == 0)
    #expect(rate(.max, per: .leastNonzeroMagnitude).isFinite)
  }

  /// A clock that stands still leaves a history that can be read.
  @Test func aTableWithoutTime() {
    var history = TrainingHistory(losses: [Column("loss")], measures: [Column("test")])
    history.epochs = [
      EpochResult(
        epoch: 1, losses: [1], measures: [2], seconds: 0, imagesPerSecond: rate(100, per: 0))
    ]
    #expect(history.metricsTable.hasSuffix("1,1.000000,2.000000,0.000,0\n"))
  }
}
