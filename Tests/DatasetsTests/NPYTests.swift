import Files
import Foundation
import Testing

@testable import Datasets

@Suite struct NPYTests {
  /// Reads bytes that must be refused, and returns the error's line.
  func problem(_ contents: [UInt8]) -> String {
    do {
      _ = try NPYArray(contents, of: "a.npy")
      return "no error"
    } catch {
      return error.description
    }
  }

  /// What numpy.save has written of `arange(6, dtype=">i2").reshape(2, 3)` in Fortran's order.
  @Test func readsWhatNumPyWrites() throws {
    let text =
      "k05VTVBZAQB2AHsnZGVzY3InOiAnPmkyJywgJ2ZvcnRyYW5fb3JkZXInOiBUcnVlLCAnc2hhcGUnOiAoMiwg"
      + "MyksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg"
      + "IAoAAAADAAEABAACAAU="
    let bytes = try #require(Data(base64Encoded: text))
    let array = try NPYArray([UInt8](bytes), of: "a.npy")
    #expect(array.dimensions == [2, 3])
    #expect(array.type == .int16)
    #expect(try array.integers() == [0, 1, 2, 3, 4, 5])
  }

  @Test func readsEveryKind() throws {
    func values(_ kind: String, _ bytes: [UInt8]) throws -> [Float] {
      try NPYArray(npy(kind, "(3,)", bytes), of: "a.npy").floats()
    }
    #expect(try values("|b1", [0, 1, 1]) == [0, 1, 1])
    #expect(try values("|u1", [0, 1, 255]) == [0, 1, 255])
    #expect(try values("|i1", raw([-128, 0, 127] as [Int8])) == [-128, 0, 127])
    #expect(try values("<u2", raw([1, 2, 65535] as [UInt16])) == [1, 2, 65535])
    #expect(try values(">i4", raw(([1, -2, 3] as [Int32]).map(\.bigEndian))) == [1, -2, 3])
    #expect(try values("<i8", raw([1, -2, 3])) == [1, -2, 3])
    #expect(try values("=u8", raw([1, 2, 3] as [UInt64])) == [1, 2, 3])
    #expect(try values("<f2", raw([0.5, -1, 2] as [Float16])) == [0.5, -1, 2])
    #expect(try values("<f4", raw([0.5, -1, 2] as [Float])) == [0.5, -1, 2])
    let big = ([0.5, -1, 2] as [Double]).map(\.bitPattern.bigEndian)
    #expect(try values(">f8", raw(big)) == [0.5, -1, 2])
  }

  @Test func readsColumnsFirst() throws {
    // 2 × 3 × 2 numbers whose place is their value.
    let bytes: [UInt8] = (0..<12).map { place in
      let (first, second, third) = (place % 2, place / 2 % 3, place / 6)
      return UInt8(first * 6 + second * 2 + third)
    }
    let array = try NPYArray(npy("|u1", "(2, 3, 2)", isFortran: true, bytes), of: "a.npy")
    #expect(array.uint8 == Array(0..<12))
  }

  @Test func readsAllVersionsAndSpellings() throws {
    for version: UInt8 in [1, 2, 3] {
      let array = try NPYArray(npy("|u1", "( 2 , 1, )", version: version, [7, 8]), of: "a.npy")
      #expect(array.dimensions == [2, 1])
      #expect(array.uint8 == [7, 8])
    }
    #expect(try NPYArray(npy("|u1", "(2L, 1L)", [7, 8]), of: "a.npy").dimensions == [2, 1])
    #expect(try NPYArray(npy("|u1", "()", [7]), of: "a.npy").dimensions == [])
    #expect(try NPYArray(npy("|u1", "(0, 5)", []), of: "a.npy").count == 0)
  }

  @Test func writesWhatItReads() throws {
    let floats = NPYArray([0.25, -1, 3] as [Float], dimensions: [3])
    let integers = NPYArray([1, -2, 3, 4] as [Int32], dimensions: [2, 2])
    for array in [floats, integers, images(3)] {
      let contents = array.contents
      #expect((contents.count - array.count * array.type.size) % 64 == 0)
      let again = try NPYArray(contents, of: "a.npy")
      #expect(again.dimensions == array.dimensions)
      #expect(again.type == array.type)
      #expect(again.floats() == array.floats())
    }
    let header = String(decoding: floats.contents[10..<70], as: UTF8.self)
    #expect(header.hasPrefix("{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }"))
  }

  @Test func refusesOtherThings() {
    #expect(problem([]).hasPrefix("a.npy: is empty; "))
    #expect(problem([1, 2, 3]).contains("starts with 0x010203, not as an .npy file does"))
    #expect(problem(npy("|O", "(3,)", [])).contains("holds Python objects (a pickle)"))
    #expect(problem(npy("<U5", "(3,)", [])).contains("holds texts (<U5) and not numbers"))
    #expect(problem(npy("<c8", "(3,)", [])).contains("complex"))
    #expect(problem(npy("<f3", "(3,)", [])).contains("the kind <f3"))
    #expect(problem(npy("[('a', '<f4')]", "(3,)", [])).contains("records"))
    #expect(problem(npy("|u1", "(-3,)", [])).contains("header that is none"))
    #expect(problem(npy("|u1", "3", [])).contains("header that is none"))
    #expect(problem(npy("|u1", "(3,)", version: 9, [])).contains("version 9"))
  }

  @Test func refusesWrongSizes() {
    let whole = npy("<f4", "(2, 3)", [UInt8](repeating: 0, count: 24))
    #expect(problem(whole) == "no error")
    for count in 1..<whole.count {
      let text = problem(Array(whole[..<count]))
      #expect(text.contains("truncated") || count < 6 && text.contains("starts with"), "\(text)")
    }
    #expect(problem(whole + [0]).contains("1 stray bytes"))
    let most = Int.max
    for shape in ["(\(most), \(most))", "(0, \(most), \(most))", "(\(1 << 47),)"] {
      #expect(problem(npy("<f8", shape, [])).contains("absurd"), "\(shape)")
    }
    #expect(problem(npy("<f4", "(1000000000,)", [])).contains("asks for 4000000000 bytes"))
  }

  @Test func namesWhatIsNoInteger() throws {
    let array = try NPYArray(npy("<f4", "(2, 2)", raw([1, 2, 3.5, 4] as [Float])), of: "a.npy")
    let error = #expect(throws: FileError.self) { try array.integers() }
    #expect(error?.description.contains("at [1, 0] is 3.5") == true)
  }
}
