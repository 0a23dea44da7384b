import Files
import Testing

@testable import Datasets

@Suite struct IDXFileTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Reads the bytes as a file of that name and checks the error: one line that names the file, the
  /// value and the remedy.
  func expect(
    _ problem: String, reading bytes: [UInt8], dimensionCount: Int = 1, name: String = "data",
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let path = try folder.write(bytes, name)
    let error = #expect(throws: FileError.self, sourceLocation: sourceLocation) {
      try IDXFile(path: path, dimensionCount: dimensionCount, remedy: "do something")
    }
    let text = try #require(error, sourceLocation: sourceLocation).description
    #expect(text.hasPrefix(path), sourceLocation: sourceLocation)
    #expect(text.contains(problem), sourceLocation: sourceLocation)
    #expect(text.hasSuffix("; do something"), sourceLocation: sourceLocation)
    #expect(!text.contains("\n"), sourceLocation: sourceLocation)
  }

  @Test(arguments: [false, true], ["data", "data.bin"])
  func reads(packed: Bool, name: String) throws {
    let contents = idx([3, 2, 5])
    let path = try folder.write(packed ? gzip(contents) : contents, name)
    let file = try IDXFile(path: path, dimensionCount: 3)
    #expect(file.dimensions == [3, 2, 5])
    #expect(file.bytes == Array(0..<30))
  }

  @Test func readsWhatPacksWellAndBadly() throws {
    let zeros = idx([3_000_000], [UInt8](repeating: 0, count: 3_000_000))
    var generator = SystemRandomNumberGenerator()
    let noise = idx(
      [70_000], (0..<70_000).map { _ in UInt8.random(in: 0...255, using: &generator) })
    for contents in [zeros, noise] {
      let path = try folder.write(gzip(contents), "data.gz")
      #expect(try IDXFile(path: path, dimensionCount: 1).bytes == Array(contents[8...]))
    }
  }

  @Test func readsSeveralGzipMembers() throws {
    let contents = idx([100])
    let members = gzip(Array(contents[..<50])) + gzip(Array(contents[50...]))
    let path = try folder.write(members, "data.gz")
    #expect(try IDXFile(path: path, dimensionCount: 1).bytes == Array(0..<100))
  }

  @Test func refusesMissingAndUnreadable() throws {
    for (path, problem) in [("\(folder.path)/none", "no such file"), (folder.path, "cannot read")] {
      let error = #expect(throws: FileError.self) { try IDXFile(path: path, dimensionCount: 1) }
      #expect(error?.problem.contains(problem) == true)
      #expect(error?.path == path)
    }
  }

  @Test func refusesTruncated() throws {
    let contents = idx([10])
    try expect("is empty", reading: [])
    try expect("truncated: 3 bytes", reading: Array(contents.prefix(3)))
    try expect("truncated: 7 bytes of a header of 8", reading: Array(contents.prefix(7)))
    try expect("ask for 10 bytes, it has 9", reading: contents.dropLast())
    try expect("ask for 10 bytes, it has 9", reading: gzip(contents.dropLast()), name: "data.gz")
  }

  @Test func refusesTruncatedGzipAtEveryLength() throws {
    let packed = gzip(idx([40]))
    for length in 2..<packed.count {
      try expect("truncated after \(length) bytes", reading: Array(packed.prefix(length)))
    }
    try expect("starts with 0x1f, not 0x1f8b", reading: [0x1f], name: "data.gz")
  }

  @Test func neverReadsOtherBytesFromDamagedGzip() throws {
    let contents = idx([40])
    let packed = gzip(contents)
    // The time, the flags of the compressor and the system in the header are not data.
    for index in packed.indices where !(4..<10).contains(index) {
      for bit in 0..<8 {
        var damaged = packed
        damaged[index] ^= 1 << bit
        let path = try folder.write(damaged, "data.gz")
        // A flip in the header's flags, or in what pads the last bits to a byte, may do no harm.
        let read = try? IDXFile(path: path, dimensionCount: 1)
        #expect(read == nil || read?.bytes == Array(contents[8...]), "byte \(index), bit \(bit)")
        if index >= packed.count - 8 { #expect(read == nil, "byte \(index), bit \(bit)") }
      }
    }
    var damaged = packed
    damaged[packed.count - 5] ^= 1
    try expect("incorrect data check", reading: damaged)
  }

  @Test func refusesOtherKinds() throws {
    let floats = idx([1], type: 13, [0, 0, 0, 0])
    try expect("is an IDX file of 32-bit floats, not of bytes", reading: floats)
    try expect("starts with 0x00000a01, not with 0x0000", reading: idx([4], type: 10))
    try expect("starts with 0x504b0304", reading: [0x50, 0x4b, 3, 4, 0, 0, 0, 0])
    try expect("has 3 dimensions instead of 1", reading: idx([2, 2, 2]))
    try expect("has 1 dimensions instead of 3", reading: idx([2]), dimensionCount: 3)
    try expect("named .gz but starts with 0x0000", reading: idx([4]), name: "data.gz")
  }

  @Test func refusesStrayBytes() throws {
    try expect("2 stray bytes follow its 4 elements", reading: idx([4]) + [0, 0])
    try expect("2 stray bytes follow its 4 elements", reading: gzip(idx([4]) + [0, 0]))
    try expect("3 stray bytes follow its gzip data", reading: gzip(idx([4])) + [0, 0, 0])
  }

  @Test func refusesAbsurdDimensions() throws {
    let most = UInt32.max
    try expect(
      "4294967295 × 4294967295 × 4294967295 are absurd", reading: header([most, most, most]),
      dimensionCount: 3)
    try expect("are absurd", reading: header([1 << 20, 1 << 20, 1 << 20]), dimensionCount: 3)
    try expect("truncated", reading: gzip(header([most])), dimensionCount: 1)
  }

  /// An IDX header with nothing after it.
  func header(_ dimensions: [UInt32]) -> [UInt8] {
    idx(dimensions.map { _ in 0 }).prefix(4)
      + dimensions.flatMap { dimension in
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: dimension >> $0) }
      }
  }

  @Test func limitsWhatGzipUnpacksTo() throws {
    let packed = gzip([UInt8](repeating: 7, count: 5000))
    #expect(try gunzip(packed, path: "f", remedy: "r", limit: 5000).count == 5000)
    let error = #expect(throws: FileError.self) {
      _ = try gunzip(packed, path: "f", remedy: "r", limit: 4999)
    }
    #expect(error?.description == "f: unpacks to more than 4999 bytes; r")
  }
}
