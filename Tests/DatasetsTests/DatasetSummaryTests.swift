import Testing

@testable import Datasets

@Suite struct DatasetSummaryTests {
  @Test func counts() {
    func part(_ images: [UInt8], _ labels: [UInt8]) -> ImageDataset {
      ImageDataset(
        name: "n", images: images, labels: labels, shape: ImageShape(rows: 1, columns: 1),
        classNames: ["a", "b"])
    }
    let summary = DatasetSummary(
      Dataset(
        training: part([1, 2, 2, 2, 3], [0, 1, 1, 1, 255]),
        test: part([2, 4, 1, 4], [1, 0, 1, 0]),
        notes: ["x"], leftOut: ["y"]))
    #expect(summary.classes.map(\.name) == ["a", "b"])
    #expect(summary.classes.map(\.training) == [1, 3])
    #expect(summary.classes.map(\.test) == [2, 2])
    #expect(summary.unlabelledCount == 1)
    #expect((summary.trainingDuplicates, summary.testDuplicates) == (2, 1))
    #expect((summary.leaked, summary.contradictions) == (2, 1))
    #expect(
      summary.lines == [
        "n: 5 images to learn from and 4 to judge by, 1 rows × 1 columns, gray", "2 classes",
        "1 image without a label", "there more than once: 2 to learn from, 1 to judge by",
        "2 images to judge by are among those to learn from, too", "1 image with several labels",
        "note: x", "left out: y",
      ])
  }
}
