import Files
import Foundation
import Testing

@testable import Datasets

/// How numbers of arrays become images and labels.
@Suite struct PixelTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// The images of the only array, in the order in which they are there.
  func raw(_ contents: [UInt8], _ preparation: Preparation = Preparation()) throws -> RawDataset {
    let path = try folder.write(contents, "images.npy")
    var raw = try #require(try ArraySource(path: path).load(preparation))
    try raw.prepare(preparation, of: path) { _, _ in }
    return raw
  }

  func pixels(_ kind: String, _ shape: String, _ numbers: [UInt8]) throws -> [UInt8] {
    try raw(npy(kind, shape, numbers)).unsplit.images
  }

  func problem(_ kind: String, _ shape: String, _ numbers: [UInt8]) -> String {
    do {
      _ = try raw(npy(kind, shape, numbers))
      return "no error"
    } catch {
      return "\(error)"
    }
  }

  func floats(_ values: Float...) -> [UInt8] { values.withUnsafeBytes { Array($0) } }

  @Test func scales() throws {
    #expect(try pixels("<f4", "(1, 2, 2)", floats(0, 0.5, 1, 0.001)) == [0, 128, 255, 0])
    #expect(try pixels("<f4", "(1, 2, 2)", floats(-1, 0, 1, 0.5)) == [0, 128, 255, 191])
    #expect(try pixels("<f4", "(1, 2, 2)", floats(0, 254.6, 255, 3)) == [0, 255, 255, 3])
    #expect(try pixels("<f4", "(1, 2, 2)", floats(0, 16, 8, 4)) == [0, 255, 128, 64])
    #expect(try pixels("<f4", "(1, 2, 2)", floats(0, 15, 1, 5)) == [0, 255, 17, 85])
    #expect(try pixels("|u1", "(1, 2, 2)", [0, 1, 1, 0]) == [0, 255, 255, 0])
    #expect(try pixels("|b1", "(1, 2, 2)", [0, 1, 1, 0]) == [0, 255, 255, 0])
    #expect(try pixels("|u1", "(1, 2, 2)", [0, 1, 2, 200]) == [0, 1, 2, 200])
    #expect(
      try raw(npy("<f4", "(1, 1, 1)", floats(1))).notes
        == ["the numbers 0 to 1 became the intensities 0 to 255"])
    #expect(try raw(npy("|u1", "(1, 1, 1)", [77])).notes == [])
  }

  @Test func refusesOtherRanges() {
    #expect(problem("<f4", "(2, 1, 2)", floats(0, 1, 0, .nan)).contains("at [1, 0, 1] is nan"))
    #expect(problem("<f4", "(1, 1, 2)", floats(0, .infinity)).contains("at [0, 0, 1] is inf"))
    #expect(problem("<f4", "(1, 1, 2)", floats(0, 256)).contains("at [0, 0, 1] is 256.0, outside"))
    #expect(problem("<f4", "(1, 1, 2)", floats(0, 2.5)).contains("is 2.5, outside"))
    #expect(problem("<f4", "(1, 1, 2)", floats(-0.5, 255)).contains("is 255.0, outside"))
    #expect(problem("<f4", "(1, 1, 2)", floats(-3, 1)).contains("at [0, 0, 0] is -3.0, outside"))
    #expect(problem("|i1", "(1, 1, 2)", [0, 0xff]).contains("is -1.0, outside"))
    #expect(problem("<u2", "(1, 1, 1)", [0, 1]).contains("is 256.0, outside"))
  }

  @Test func readsLayouts() throws {
    let last = try raw(npy("|u1", "(1, 2, 2, 3)", Array(100..<112)))
    #expect(last.shape == ImageShape(rows: 2, columns: 2, channels: 3))
    #expect(last.unsplit.images == Array(100..<112))
    let first = try raw(npy("|u1", "(1, 3, 2, 2)", Array(100..<112)))
    #expect(first.shape == last.shape)
    #expect(first.unsplit.images == [100, 104, 108, 101, 105, 109, 102, 106, 110, 103, 107, 111])
    #expect(try raw(npy("|u1", "(2, 1, 3, 2)", Array(100..<112))).shape.description == "3 × 2")
    #expect(try raw(npy("|u1", "(2, 3, 2, 1)", Array(100..<112))).shape.description == "3 × 2")
    #expect(try raw(npy("|u1", "(3, 4)", Array(100..<112))).shape.description == "2 × 2")
    for shape in ["(2, 6)", "(12,)", "(1, 2, 3, 2)", "(1, 1, 1, 12, 1)", "()"] {
      let count = shape == "()" ? 1 : 12
      let text = problem("|u1", shape, [UInt8](repeating: 9, count: count))
      #expect(text.contains("has the shape"), "\(shape): \(text)")
    }
    #expect(problem("|u1", "(0, 2, 2)", []).contains("holds no pixels (0 × 2 × 2)"))
    #expect(problem("|u1", "(2, 0, 2)", []).contains("holds no pixels"))
  }

  @Test func preparesOnAllProcessors() throws {
    let count = 10_000
    let bytes = (0..<count * 6).map { UInt8(truncatingIfNeeded: $0 / 6 + 40 * ($0 % 6)) }
    let contents = NPYArray(bytes, dimensions: [count, 2, 3]).contents
    let transposed = try raw(contents, Preparation(channels: 3, isTransposed: true))
    #expect(transposed.shape == ImageShape(rows: 3, columns: 2, channels: 3))
    for image in [0, 4567, count - 1] {
      let old = bytes[image * 6..<image * 6 + 6]
      let new = transposed.unsplit.images[image * 18..<image * 18 + 18]
      let expected = [0, 3, 1, 4, 2, 5].flatMap {
        [UInt8](repeating: old[image * 6 + $0], count: 3)
      }
      #expect(Array(new) == expected)
    }
    let path = try folder.write(contents, "images.npy")
    var calls: [Int] = []
    _ = try Dataset.load(.path(path), Preparation(rows: 1, columns: 1)) { done, all in
      #expect(all == count)
      calls.append(done)
    }
    #expect(calls.first == 0 && calls.last == count && calls.sorted() == calls)
    #expect(throws: FileError.self) {
      _ = try Dataset.load(.path(path), Preparation(rows: 1 << 20, columns: 1 << 20))
    }
  }

  @Test func readsLabels() throws {
    func labels(_ kind: String, _ shape: String, _ numbers: [UInt8]) throws -> [Int] {
      try NPYArray(npy(kind, shape, numbers), of: "y.npy").array.labels()
    }
    func problem(_ kind: String, _ shape: String, _ numbers: [UInt8]) -> String {
      do { return "\(try labels(kind, shape, numbers))" } catch { return "\(error)" }
    }
    #expect(try labels("|u1", "(3,)", [2, 0, 254]) == [2, 0, 254])
    #expect(try labels("|u1", "(3, 1)", [2, 0, 1]) == [2, 0, 1])
    #expect(try labels("<f4", "(3,)", floats(2, 0, 1)) == [2, 0, 1])
    #expect(try labels("|u1", "(2, 3)", [0, 0, 1, 1, 0, 0]) == [2, 0])
    #expect(try labels("<f4", "(1, 3)", floats(0, 1, 0)) == [1])
    #expect(problem("|u1", "(2, 3)", [0, 0, 1, 1, 0, 1]).contains("has 3 numbers for each image"))
    #expect(problem("|u1", "(2, 3)", [0, 0, 1, 0, 0, 0]).contains("has 3 numbers for each image"))
    #expect(problem("|u1", "(1, 1, 2)", [0, 0]).contains("has the shape 1 × 1 × 2"))
    // Rows that a header claims, and that hold nothing, take no memory.
    #expect(problem("|u1", "(4000000000, 0)", []).contains("has 0 numbers for each image"))
    #expect(problem("|u1", "(1,)", [255]).contains("has label 255 at [0], above 254"))
    #expect(problem("|i1", "(2,)", [0, 0xff]).contains("has label -1 at [1], below 0"))
    #expect(problem("<f4", "(2,)", floats(0, 0.5)).contains("has label 0.5 at [1], not a whole"))
    #expect(problem("<f4", "(1,)", floats(.nan)).contains("has label nan at [0], not a whole"))
    #expect(problem("<f4", "(1,)", floats(1e30)).contains("above 254"))
  }
}
