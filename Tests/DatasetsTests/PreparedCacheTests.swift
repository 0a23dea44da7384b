import Files
import Foundation
import Testing

@testable import Datasets

@Suite struct PreparedCacheTests {
  let set: ImageFolder
  var folder: String { "\(set.folder.path)/cache/digitalis/prepared" }

  init() throws {
    set = try ImageFolder()
    try set.writeImages("a/1.png", "a/2.png", "b/3.png")
  }

  /// The prepared images, and whether anything had to be prepared.
  func read(_ preparation: Preparation = Preparation()) throws -> (images: [UInt8], works: Bool) {
    var works = false
    let data = try #require(try set.read(preparation) { _, _ in works = true })
    return (data.unsplit.images, works)
  }

  func files() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted().map { "\(folder)/\($0)" }
  }

  @Test func keepsWhatIsPrepared() throws {
    #expect(try read() == ([1, 0, 2, 0, 3, 0], true))
    #expect(try read() == ([1, 0, 2, 0, 3, 0], false))
    #expect(try read(Preparation(rows: 1, columns: 1)) == ([1, 1, 2], true))
    try set.write(png([9, 0]), "a/2.png")
    #expect(try read() == ([1, 0, 9, 0, 3, 0], true))
    try set.write(png([8, 0]), "b/4.png")
    #expect(try read() == ([1, 0, 9, 0, 3, 0, 8, 0], true))
    #expect(try files().count == 4)
  }

  @Test func keepsNoFewImages() throws {
    _ = try ImageFiles(path: set.path)?.read(Preparation(), environment: set.environment)
    #expect(!FileManager.default.fileExists(atPath: folder))
  }

  @Test func labelsAreReadAnew() throws {
    try FileManager.default.removeItem(atPath: "\(set.path)/a")
    try set.write("3.png,x\n", "t.csv")
    #expect(try #require(try set.read()).classNames == ["x"])
    try set.write("3.png,y\n", "t.csv")
    #expect(try #require(try set.read()).classNames == ["y"])
  }

  @Test func ignoresDamage() throws {
    _ = try read()
    let path = try #require(try files().first)
    let bytes = try readFile(path)
    for index in stride(from: 0, to: bytes.count, by: 5) {
      var damaged = bytes
      damaged[index] ^= 1
      try writeAtomically(damaged, to: path)
      #expect(try read() == ([1, 0, 2, 0, 3, 0], true))
    }
    for count in [0, 7, 20, bytes.count - 1] {
      try writeAtomically(Array(bytes.prefix(count)), to: path)
      #expect(try read() == ([1, 0, 2, 0, 3, 0], true))
    }
    try writeAtomically(bytes + [0], to: path)
    #expect(try read().works)
    #expect(try !read().works)
  }

  @Test func keepsTenSets() throws {
    for size in 1...12 { _ = try read(Preparation(rows: size, columns: size)) }
    #expect(try files().count == 10)
    #expect(try !read(Preparation(rows: 12, columns: 12)).works)
    #expect(try !read(Preparation(rows: 3, columns: 3)).works)
    #expect(try read(Preparation(rows: 1, columns: 1)).works)
  }

  @Test func goesOnWithoutACache() throws {
    try FileManager.default.createDirectory(
      atPath: set.folder.path, withIntermediateDirectories: true)
    try writeAtomically("no folder", to: "\(set.folder.path)/cache")
    #expect(try read() == ([1, 0, 2, 0, 3, 0], true))
    #expect(try read() == ([1, 0, 2, 0, 3, 0], true))
  }
}
