import Testing

@testable import Evaluation

@Suite struct CopyingTests {
  private let heldOut = (0..<1000).map { Float($0) / 100 + 1 }

  @Test func likeHeldOutImages() {
    let test = CopyingTest(samples: heldOut, heldOut: heldOut)
    #expect(test.closeShare == 0.01)
    #expect(test.rank == 0.5)
    #expect(test.nearerToTraining == nil)
  }

  @Test func copies() {
    let test = CopyingTest(
      samples: [0, 0, 0.1], heldOut: heldOut, toTraining: [0, 0, 0.1], toHeldOut: [2, 3, 4])
    #expect(test.closeShare == 1 && test.rank == 0 && test.nearerToTraining == 1)
  }

  @Test func ranksCountTiesHalf() {
    // Of nine pairs: 5 beats three, 2 beats one and ties with one, 1 ties with one.
    let test = CopyingTest(
      samples: [5, 2, 1], heldOut: [1, 2, 3], toTraining: [1, 2, 3], toHeldOut: [2, 2, 1])
    #expect(test.rank == 5.0 / 9)
    #expect(test.nearerToTraining == 0.5)
  }

  @Test func percentilesAreInterpolated() {
    #expect(percentile([1, 3, 5], 0.25) == 2)
    #expect(percentile([1, 3, 5], 1) == 5)
    #expect(percentile([4], 0.01) == 4)
  }
}
