import Foundation
import TestSupport
import Testing

@testable import Files

@Suite struct AtomicWriteTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func text(_ name: String) throws -> String {
    String(decoding: try readFile(folder[name]), as: UTF8.self)
  }

  @Test func replacesWhole() throws {
    for contents in ["first", "", "third"] {
      try writeAtomically(contents, to: folder["file"])
      #expect(try text("file") == contents)
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["file"])
  }

  /// The longest name of a file that Linux allows, of letters of one and of two bytes.
  @Test(arguments: ["a", "é"]) func longNames(_ letter: String) throws {
    let name = String(repeating: letter, count: 254 / letter.utf8.count)
    try writeAtomically("long", to: folder[name])
    #expect(try text(name) == "long")
    expectError("File name too long", "shorter") {
      try writeAtomically("", to: folder[String(repeating: letter, count: 256)])
    }
  }

  @Test func aLinkStays() throws {
    try makeFolder(folder["there"])
    for (link, target) in [("absolute", folder["there/a"]), ("relative", "there/b")] {
      symlink(target, folder[link])
      for contents in ["new", "replaced"] {  // First the link leads nowhere.
        try writeAtomically(contents, to: folder[link])
        #expect(try text("there/" + (link == "absolute" ? "a" : "b")) == contents)
        let found = try FileManager.default.destinationOfSymbolicLink(atPath: folder[link])
        #expect(found == target)
      }
    }
    #expect(try contents(of: folder["there"]) == ["a", "b"])
    symlink("loop", folder["loop"])
    expectError("its links lead back") { try writeAtomically("", to: folder["loop"]) }
  }

  @Test func reasonsAndRemedies() throws {
    try writeAtomically("", to: folder["file"])
    expectError("there is no folder", "make it first") {
      try writeAtomically("", to: folder["nowhere/file"])
    }
    expectError("file is not a folder") { try writeAtomically("", to: folder["file/below"]) }
    expectError("it is a folder") { try writeAtomically("", to: folder.path) }
    expectError("is not a folder") { try makeFolder(folder["file"]) }
    expectError("/dev/null is not a folder") { try makeFolder("/dev/null/below") }
    symlink("nowhere", folder["dangling"])
    expectError("is a link to", "nowhere, which is not there") {
      try makeFolder(folder["dangling"])
    }
    try makeFolder(folder["a/b/c"])
    try makeFolder(folder["a/b/c"])
  }

  /// Only half-written files whose process is gone are removed: neither another's, nor one at work.
  @Test func leftovers() throws {
    let gone = Process()
    gone.executableURL = URL(fileURLWithPath: "/bin/true")
    try gone.run()
    gone.waitUntilExit()
    let left = ".digitalis-\(gone.processIdentifier)-1.tmp"
    let kept = [
      ".digitalis-\(getppid())-1.tmp", ".digitalis-\(getpid())-9999.tmp", ".digitalis-.tmp",
      "draft.999999.tmp", "weights.safetensors.\(gone.processIdentifier).tmp",
    ]
    for name in kept + [left] { try writeAtomically("mine", to: folder[name]) }
    _ = try FolderLock(folder.path)
    let found = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(Set(found) == Set(kept))
  }

  /// A process that has ended, and whose parent has not asked for it, is gone too.
  @Test func zombiesAreGone() throws {
    var child: pid_t = 0
    let name = strdup("true")
    defer { free(name) }
    try #require(posix_spawn(&child, "/bin/true", nil, nil, [name, nil], environ) == 0)
    defer { waitpid(child, nil, 0) }
    let left = folder[".digitalis-\(child)-1.tmp"]
    try writeAtomically("half", to: left)
    for _ in 0..<500 {
      let state = try String(contentsOfFile: "/proc/\(child)/stat", encoding: .utf8)
      if state.contains(") Z") { break }
      usleep(10_000)
    }
    #expect(kill(child, 0) == 0)
    _ = try FolderLock(folder.path)
    #expect(!exists(left))
  }

  @Test func checksums() {
    // The check value of CRC-32/ISO-HDLC.
    #expect(checksum(Array("123456789".utf8)) == "cbf43926")
    #expect(checksum(Array("1234".utf8), Array("56789".utf8)) == "cbf43926")
    #expect(checksum([]) == "00000000")
  }
}
