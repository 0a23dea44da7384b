import Files
import Foundation
import Testing

@testable import Datasets

@Suite struct ArchiveTests {
  let set: ImageFolder
  /// Its name says nothing.
  var path: String { "\(set.path)/archive" }

  init() throws { set = try ImageFolder() }

  func write(_ members: [ArchiveMember], _ format: String = "zip", filter: String? = nil) {
    writeArchive(members, to: path, format, filter: filter)
  }

  func read(_ preparation: Preparation = Preparation()) throws -> RawDataset? {
    try ImageFiles(path: path)?.read(preparation, environment: set.environment, cachesFrom: 1)
  }

  func problem(_ preparation: Preparation = Preparation()) -> String {
    ImageFolder.problem(path) { try read(preparation) }
  }

  static let members: [ArchiveMember] = [
    .file("./set/train/zwölf/1.png", png([3, 0])), .file("set/train/a/2.png", png([2, 0])),
    .file("set/train/a/1.png", png([1, 0])), .file("set/test/a/1.png", png([4, 0])),
    .file("set/read me.txt", [1]), .file("__MACOSX/set/train/a/._1.png", [0]),
    .file("set/.DS_Store", [0]),
  ]

  @Test(
    arguments: [
      ("zip", nil), ("pax", nil), ("gnutar", "gzip"), ("ustar", "xz"), ("pax", "bzip2"),
      ("pax", "zstd"),
    ] as [(String, String?)])
  func readsAnyKind(format: String, filter: String?) throws {
    write(Self.members, format, filter: filter)
    let data = try #require(try read())
    #expect(data.classNames == ["a", "zwölf"])
    #expect(data.training.images == [1, 0, 2, 0, 3, 0] && data.training.labels == [0, 0, 1])
    #expect(data.test.images == [4, 0] && data.test.labels == [0])
    #expect(data.training.names.first == "set/train/a/1.png")
  }

  @Test func tablesMayBeInside() throws {
    write([
      .file("d/labels.csv", Array("a,1\nb,2\n".utf8)), .file("d/i/b.png", png([2])),
      .file("d/i/a.jpg", png([1])),
    ])
    let data = try #require(try read())
    #expect(data.classNames == ["1", "2"] && data.unsplit.images == [1, 2])
  }

  @Test(arguments: ["../1.png", "a/../../1.png", "/a/1.png", "a/../b/1.png"])
  func refusesPathsThatLeadOut(name: String) throws {
    write([.file("a/0.png", png([7])), .file(name, png([8]))])
    #expect(
      problem()
        == "set/\(name): has a path that leads out of the archive; pack it again under another path, "
        + "or leave such files out with --skip-unreadable")
    let data = try #require(try read(Preparation(skipsUnreadable: true)))
    #expect(data.unsplit.images == [7] && data.leftOut.count == 1)
  }

  @Test func linksStayInside() throws {
    let members: [ArchiveMember] = [
      .link("b/2.png", "../a/1.png"), .file("a/1.png", png([7])), .link("b/3.png", "2.png"),
    ]
    write(members, "pax")
    let data = try #require(try read())
    #expect(data.unsplit.images == [7, 7, 7] && data.unsplit.labels == [0, 1, 1])
    for target in ["../../1.png", "/etc/passwd"] {
      write(members + [.link("b/4.png", target)], "pax")
      #expect(problem().hasPrefix("set/b/4.png: is a link to \(target), outside the archive; "))
    }
    write(members + [.link("b/4.png", "5.png"), .link("b/5.png", "4.png")], "pax")
    #expect(problem().contains("which is no image there"))
  }

  @Test func refusesWhatIsThereTwice() throws {
    write([.file("a/1.png", png([7])), .file("a/1.png", png([8]))], "pax")
    #expect(problem().hasPrefix("set/a/1.png: is in the archive twice; "))
    let data = try #require(try read(Preparation(skipsUnreadable: true)))
    #expect(data.unsplit.images == [7])
  }

  @Test(
    arguments: [("zip", nil), ("pax", "gzip"), ("pax", "xz"), ("pax", nil)] as [(String, String?)])
  func refusesWhatIsCutOff(format: String, filter: String?) throws {
    write((0..<20).map { .file("a/\($0).png", png([UInt8($0)])) }, format, filter: filter)
    let bytes = try readFile(path)
    for part in 1..<10 {
      try writeAtomically(Array(bytes.prefix(bytes.count * part / 20)), to: path)
      let text = problem()
      #expect(text.contains("damaged") || text.hasPrefix("no error, nil"), "\(part): \(text)")
    }
  }

  @Test func damageToOneFileIsItsOwn() throws {
    write([.file("a/1.png", png([7])), .file("a/2.png", png([8, 9])), .file("a/3.png", png([5]))])
    var bytes = try readFile(path)
    let start = try #require(
      bytes.indices.first { bytes[$0...].starts(with: Array("a/2.png".utf8)) })
    bytes[start + 40] ^= 1
    try writeAtomically(bytes, to: path)
    #expect(problem().hasPrefix("set/a/2.png: "))
    let data = try #require(try read(Preparation(skipsUnreadable: true)))
    #expect(data.unsplit.images == [7, 5] && data.leftOut.count == 1)
  }

  @Test func otherFilesAreNoArchives() throws {
    for bytes in [[], [UInt8](repeating: 0, count: 2048), idx([1, 2, 3]), gzip(idx([1, 2, 3]))] {
      try writeAtomically(bytes, to: path)
      #expect(try ImageFiles(path: path) == nil)
    }
    #expect(try ImageFiles.noImages(path).problem.contains("neither a folder nor an archive"))
    write([.file("x/1.npy", [1, 2, 3])])
    #expect(try ImageFiles(path: path) == nil)
    #expect(try ImageFiles.noImages(path).problem == "holds no images: 1 .npy file")
  }

  @Test func manyImagesInAnyOrder() throws {
    write(
      (0..<5000).map {
        .file("\($0 % 3)/\($0 * 7919 % 5000).png", png([UInt8($0 * 7919 % 5000 % 251)]))
      },
      "pax", filter: "gzip")
    let data = try #require(try read())
    for (image, name) in zip(data.unsplit.images, data.unsplit.names) {
      let number = try #require(Int(name.dropFirst(2).dropLast(4)))
      #expect(image == UInt8(number % 251))
    }
    #expect(data.unsplit.names == data.unsplit.names.sorted())
  }
}
