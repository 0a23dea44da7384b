import Files
import Foundation
import NeuralNetwork
import Testing
import TestSupport

private let arrays = [
  NamedArray("b.weight", [2, 3], [1, -2, 3.5, 0, 1e-30, -3e38]),
  NamedArray("a \"quoted\" / é", [2], [.pi, -0.0]),
  NamedArray("scalar", [], [7]),
  NamedArray("empty", [0, 4], []),
]

@Suite struct SafeTensorsTests {
  private let folder: TemporaryFolder
  private var path: String { folder["file.safetensors"] }

  init() throws { folder = try TemporaryFolder() }

  @Test(arguments: [[:], ["epochs": "3", "note": "line\nbreak \"é\""]])
  func roundTrip(_ metadata: [String: String]) throws {
    try SafeTensors.write(arrays, metadata: metadata, to: path)
    let read = try SafeTensors.read(path)
    #expect(read.metadata == metadata)
    #expect(read.arrays.count == arrays.count)
    for array in arrays { #expect(read.arrays[array.name] == array) }
  }

  @Test func noArraysAtAll() throws {
    try SafeTensors.write([], metadata: ["a": "b"], to: path)
    #expect(try SafeTensors.read(path).metadata == ["a": "b"])
    try SafeTensors.write([], to: path)
    #expect(try SafeTensors.read(path).arrays.isEmpty)
  }

  /// The layout by the letter of the format, read without this library.
  @Test func layoutIsThatOfTheFormat() throws {
    try SafeTensors.write(arrays, metadata: ["k": "v"], to: path)
    let bytes = try readFile(path)
    let length = (0..<8).reduce(0) { $0 | Int(bytes[$1]) << (8 * $1) }
    #expect(length % 8 == 0, "the data is aligned")
    #expect(bytes[8] == UInt8(ascii: "{"))
    let header = try #require(
      JSONSerialization.jsonObject(with: Data(bytes[8..<8 + length])) as? [String: [String: Any]])
    #expect(header["__metadata__"] as? [String: String] == ["k": "v"])
    let entry = try #require(header["b.weight"])
    #expect(entry["dtype"] as? String == "F32")
    #expect(entry["shape"] as? [Int] == [2, 3])
    let range = try #require(entry["data_offsets"] as? [Int])
    let third = 8 + length + range[0] + 8
    let word = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[third + $1]) << (8 * $1) }
    #expect(Float(bitPattern: word) == 3.5, "little-endian, row-major")
    // The arrays cover the data without holes.
    let ranges = header.filter { $0.key != "__metadata__" }
      .compactMap { $0.value["data_offsets"] as? [Int] }.sorted { ($0[0], $0[1]) < ($1[0], $1[1]) }
    var end = 0
    for range in ranges {
      #expect(range[0] == end)
      end = range[1]
    }
    #expect(8 + length + end == bytes.count)
  }

  /// Python's own library reads the file, where it is installed.
  @Test(.enabled(if: python("import safetensors.numpy"), "Python has no safetensors here"))
  func pythonReadsIt() throws {
    try SafeTensors.write(arrays, metadata: ["k": "v"], to: path)
    #expect(
      python(
        """
        from safetensors import safe_open
        with safe_open('\(path)', 'np') as f:
            assert f.metadata() == {'k': 'v'}
            assert f.get_tensor('b.weight').tolist()[0] == [1, -2, 3.5]
            assert f.get_tensor('b.weight').shape == (2, 3)
            assert f.get_tensor('empty').shape == (0, 4)
            assert len(f.keys()) == 4
        """))
  }

  // MARK: Malformed files

  private func write(header: String, data: Int = 8) throws {
    let text = Array(header.utf8)
    try write(text, length: UInt64(text.count), data: data)
  }

  private func write(_ header: [UInt8], length: UInt64, data: Int) throws {
    let prefix = withUnsafeBytes(of: length.littleEndian) { Array($0) }
    try writeAtomically(prefix + header + [UInt8](repeating: 0, count: data), to: path)
  }

  private func expectMalformed(
    _ text: String, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    expectFileError(naming: path, text, sourceLocation: sourceLocation) {
      _ = try SafeTensors.read(path)
    }
  }

  @Test func noFile() { expectMalformed("no such file") }

  @Test func truncatedAnywhere() throws {
    try SafeTensors.write(arrays, metadata: ["k": "v"], to: path)
    let bytes = try readFile(path)
    for count in 0..<bytes.count {
      try writeAtomically(Array(bytes.prefix(count)), to: path)
      expectMalformed(count < 8 ? "too short" : "truncated")
    }
  }

  @Test(arguments: [UInt64.max, UInt64(Int.max), 1 << 40, 200])
  func headerLongerThanTheFile(_ length: UInt64) throws {
    try write(Array("{}".utf8), length: length, data: 100)
    expectMalformed("\(length)")
  }

  @Test(arguments: ["", "{", "[]", "7", "null", "{\"a\":1}", "{\"a\":[1]}", "\u{0}\u{1}", "{}x"])
  func headerThatIsNot(_ header: String) throws {
    try write(header: header)
    expectMalformed("not JSON")
  }

  @Test func headerShorterThanItsText() throws {
    let text = Array("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}".utf8)
    try write(text, length: UInt64(text.count - 3), data: 8)
    expectMalformed("not JSON")
  }

  @Test(arguments: ["BF16", "F64", "I64", "BOOL", ""])
  func otherTypes(_ type: String) throws {
    try write(header: "{\"a\":{\"dtype\":\"\(type)\",\"shape\":[2],\"data_offsets\":[0,8]}}")
    expectMalformed("describes a in a way")
  }

  @Test(
    arguments: [
      #""shape":[2]"#, #""data_offsets":[0,8]"#, #""shape":[2],"data_offsets":[0]"#,
      #""shape":[2],"data_offsets":[8,0]"#, #""shape":[2],"data_offsets":[-8,0]"#,
      #""shape":[-2],"data_offsets":[0,8]"#, #""shape":"2","data_offsets":[0,8]"#,
      #""shape":[2],"data_offsets":["0","8"]"#, #""shape":[2.5],"data_offsets":[0,10]"#,
      #""shape":[2147483647,2147483647,2147483647,2147483647],"data_offsets":[0,8]"#,
    ])
  func brokenEntries(_ fields: String) throws {
    try write(header: "{\"a\":{\"dtype\":\"F32\",\(fields)}}")
    expectMalformed("describes a in a way")
  }

  @Test(
    arguments: [
      #""shape":[3],"data_offsets":[0,8]"#, #""shape":[1,1],"data_offsets":[0,8]"#,
      #""shape":[],"data_offsets":[0,8]"#, #""shape":[2],"data_offsets":[1,8]"#,
      #""shape":[99999999999],"data_offsets":[0,8]"#,
    ])
  func shapesThatDoNotFitTheirBytes(_ fields: String) throws {
    try write(header: "{\"a\":{\"dtype\":\"F32\",\(fields)}}")
    expectMalformed("the shape")
  }

  /// Sizes whose product overflows before the last one makes it 0.
  @Test func emptyButHuge() throws {
    try write(
      header: """
        {"a":{"dtype":"F32","shape":[2147483647,2147483647,2147483647,0],"data_offsets":[0,0]}}
        """)
    expectMalformed("describes a in a way")
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity, .signalingNaN])
  func numbersThatAreNone(_ bad: Float) throws {
    try SafeTensors.write(
      [NamedArray("good", [1], [1]), NamedArray("bad", [3], [1, bad, 2])], to: path)
    expectMalformed("in bad")
  }

  @Test func anUnwritablePlaceIsNamed() {
    let path = "/dev/null/x.safetensors"
    expectFileError(naming: path, "cannot create the file") {
      try SafeTensors.write(arrays, to: path)
    }
  }

  @Test func aFailedWriteLeavesTheOldFile() throws {
    // A folder in place of the file makes the last step, the rename, fail for any user.
    try makeFolder("\(path)/inside")
    expectFileError(naming: path, "cannot rename") { try SafeTensors.write(arrays, to: path) }
    #expect(FileManager.default.fileExists(atPath: "\(path)/inside"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 1)
  }
}

/// Whether Python runs a program to its end.
private func python(_ program: String) -> Bool {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  process.arguments = ["python3", "-c", program]
  process.standardError = FileHandle.nullDevice
  do { try process.run() } catch { return false }
  process.waitUntilExit()
  return process.terminationStatus == 0
}
