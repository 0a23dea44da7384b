import Files
import Foundation
import Testing

@testable import Datasets

@Suite struct NPZTests {
  let arrays: [(name: String, array: NPYArray)] = [
    ("images", NPYArray([UInt8](repeating: 5, count: 1000), dimensions: [10, 10, 10])),
    ("labels", NPYArray((0..<10).map(Int32.init), dimensions: [10])),
  ]

  func problem(_ contents: [UInt8], _ name: String = "images") -> String? {
    do {
      _ = try NPZFile(contents, of: "a.npz").array(name)
      return nil
    } catch {
      return error.description
    }
  }

  /// What numpy.savez_compressed has written.
  @Test func readsWhatNumPyWrites() throws {
    let text =
      "UEsDBC0AAAAIAAAAIQBhYP21//////////8LABQAeF90cmFpbi5ucHkBABAAiAAAAAAAAABPAAAAAAAAAJvs"
      + "F+obEMnIUMZQrZ6SWpxcpG6loF5Taqiuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GkY6CiCkqaNQ"
      + "q0Ae4GJgZGJmYWVjBwBQSwMELQAAAAgAAAAhAHH7Oav//////////wsAFAB5X3RyYWluLm5weQEAEACQAAAA"
      + "AAAAAEgAAAAAAAAAm+wX6hsQychQxlCtnpJanFykbqWgbpNpoa6joJ6WX1RSlJgXn1+UkgoSd0vMKU4Fihdn"
      + "JBakAvkaRjqaOgq1ChQALkYGVAAAUEsDBC0AAAAIAAAAIQCv9Ewa//////////8KABQAeF90ZXN0Lm5weQEA"
      + "EACEAAAAAAAAAEoAAAAAAAAAm+wX6hsQychQxlCtnpJanFykbqWgXlNqqK6joJ6WX1RSlJgXn1+UkgoSd0vM"
      + "KU4FihdnJBakAvkahjoKRkCkqaNQq0Ae4OIEAgBQSwMELQAAAAgAAAAhAD6aFF7//////////woAFAB5X3Rl"
      + "c3QubnB5AQAQAIgAAAAAAAAASAAAAAAAAACb7BfqGxDJyFDGUK2eklqcXKRupaBuk2mhrqOgnpZfVFKUmBef"
      + "X5SSChJ3S8wpTgWKF2ckFqQC+RqGOpo6CrUKFAAuRgYIAABQSwECLQMtAAAACAAAACEAYWD9tU8AAACIAAAA"
      + "CwAAAAAAAAAAAAAAgAEAAAAAeF90cmFpbi5ucHlQSwECLQMtAAAACAAAACEAcfs5q0gAAACQAAAACwAAAAAA"
      + "AAAAAAAAgAGMAAAAeV90cmFpbi5ucHlQSwECLQMtAAAACAAAACEAr/RMGkoAAACEAAAACgAAAAAAAAAAAAAA"
      + "gAERAQAAeF90ZXN0Lm5weVBLAQItAy0AAAAIAAAAIQA+mhReSAAAAIgAAAAKAAAAAAAAAAAAAACAAZcBAAB5"
      + "X3Rlc3QubnB5UEsFBgAAAAAEAAQA4gAAABsCAAAAAA=="
    let file = try NPZFile([UInt8](try #require(Data(base64Encoded: text))), of: "a.npz")
    #expect(file.names == ["x_train", "y_train", "x_test", "y_test"])
    #expect(try file.array("x_train").uint8 == Array(0..<8))
    #expect(try file.array("y_train").integers() == [1, 0])
    #expect(try file.array("x_test").dimensions == [1, 2, 2])
  }

  @Test(arguments: [false, true])
  func writesWhatItReads(isDeflated: Bool) throws {
    let contents = NPZFile.contents(arrays, isDeflated: isDeflated)
    #expect(contents == NPZFile.contents(arrays, isDeflated: isDeflated))
    #expect(isDeflated ? contents.count < 800 : contents.count > 1200)
    let file = try NPZFile(contents, of: "a.npz")
    #expect(file.names == ["images", "labels"])
    #expect(try file.array("images").uint8 == arrays[0].array.uint8)
    #expect(try file.array("labels").integers() == Array(0..<10))
    let error = #expect(throws: FileError.self) { try file.array("x") }
    #expect(error?.description.contains("holds no array x (but images, labels)") == true)
  }

  @Test func readsNoArrays() throws {
    #expect(try NPZFile(NPZFile.contents([]), of: "a.npz").names == [])
  }

  @Test(arguments: [false, true])
  func refusesTruncated(isDeflated: Bool) {
    let contents = NPZFile.contents(arrays, isDeflated: isDeflated)
    for count in stride(from: 0, to: contents.count, by: 7) {
      #expect(problem(Array(contents[..<count]))?.contains("truncated") == true)
    }
  }

  @Test(arguments: [false, true])
  func neverReadsOtherNumbersFromDamage(isDeflated: Bool) throws {
    let contents = NPZFile.contents(arrays, isDeflated: isDeflated)
    let right = arrays[0].array
    for index in contents.indices {
      var damaged = contents
      damaged[index] ^= 0x10
      guard let file = try? NPZFile(damaged, of: "a.npz"),
        let array = try? file.array("images")
      else { continue }
      #expect(array.dimensions == right.dimensions, "byte \(index)")
      #expect(array.uint8 == right.uint8, "byte \(index)")
    }
  }

  @Test func refusesBombs() {
    var contents = NPZFile.contents(arrays)
    // The size in the directory, of the first array.
    let entry = contents.indices.first { contents[$0...].starts(with: [0x50, 0x4b, 1, 2]) } ?? 0
    contents.replaceSubrange(entry + 24..<entry + 28, with: [0, 0, 0, 0x70])
    #expect(problem(contents)?.contains("cannot unpack to 1879048192 bytes") == true)
    contents.replaceSubrange(entry + 24..<entry + 28, with: [0xff, 0xff, 0xff, 0xff])
    #expect(problem(contents)?.contains("has 4 GiB or more") == true)
    contents = NPZFile.contents(arrays)
    contents[entry + 8] |= 1
    #expect(problem(contents)?.contains("is encrypted") == true)
    contents = NPZFile.contents(arrays)
    contents[entry + 10] = 14
    #expect(problem(contents)?.contains("is packed by method 14") == true)
  }
}
