import Files
import Foundation
import Testing

@testable import Datasets

@Suite struct CIFARTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// A record whose red, green and blue are a number, the next and the one after.
  func record(_ labels: [UInt8], _ red: UInt8) -> [UInt8] {
    labels + (0..<3).flatMap { [UInt8](repeating: red + $0, count: 1024) }
  }

  func problem() -> String {
    do {
      _ = try Dataset.load(.path(folder.path))
      return "no error"
    } catch {
      return "\(error)"
    }
  }

  @Test func readsTenClasses() throws {
    try folder.write(record([3], 10) + record([0], 20), "data_batch_1.bin")
    try folder.write(record([9], 30), "data_batch_2.bin")
    try folder.write(record([9], 40), "test_batch.bin")
    let names = (0..<10).map { "class \($0)" }
    try folder.write(Array((names.joined(separator: "\n") + "\n\n").utf8), "batches.meta.txt")
    let data = try Dataset.load(.path(folder.path))
    #expect(data.training.shape == ImageShape(rows: 32, columns: 32, channels: 3))
    #expect(data.training.labels == [3, 0, 9])
    #expect(data.training.images[3072..<3078] == [20, 21, 22, 20, 21, 22])
    #expect(data.test.labels == [9])
    #expect(data.test.classNames == names)
    // Not what lies beside a path that leads nowhere.
    #expect(throws: FileError.self) { try Dataset.load(.path("\(folder.path)/none")) }
    let gray = try Dataset.load(.path(folder.path), Preparation(channels: 1))
    #expect(gray.test.images == [UInt8](repeating: 41, count: 1024))

    try folder.write(Array("one\ntwo\n".utf8), "batches.meta.txt")
    #expect(problem().contains("batches.meta.txt: names 2 classes instead of 10"))
  }

  @Test func readsAHundredClasses() throws {
    try folder.write(record([3, 77], 10) + record([19, 99], 20), "train.bin")
    try folder.write(record([0, 77], 30), "test.bin")
    let data = try Dataset.load(.path(folder.path))
    #expect(data.training.classNames == ["77", "99"])
    #expect(data.training.labels == [0, 1])
    #expect(data.test.images[..<3] == [30, 31, 32])
  }

  @Test func refusesOtherFiles() throws {
    try folder.write(record([3], 10), "data_batch_1.bin")
    try folder.write(record([10], 10), "test_batch.bin")
    #expect(problem().contains("test_batch.bin: has 3073 bytes that are no records of CIFAR"))
    try folder.write(Array(record([1], 10).dropLast()), "test_batch.bin")
    #expect(problem().contains("test_batch.bin: has 3072 bytes"))
    try folder.write(record([1, 2], 10), "test_batch.bin")
    #expect(problem().contains("no records of CIFAR-10"))
    try folder.write([], "test_batch.bin")
    #expect(problem().contains("has 0 bytes"))
  }
}
