import Foundation
import TestSupport
import Testing

@testable import Files

@Suite struct OwnershipTests {
  private let folder: TemporaryFolder
  private let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0]

  init() throws { folder = try TemporaryFolder() }

  // MARK: FileList

  @Test func onlyWhatIsFreeOrListedIsClaimed() throws {
    let files = FileList(of: folder.path)
    #expect(try files.names() == nil)
    try writeAtomically("mine", to: folder["weights"])
    symlink("nowhere", folder["tables"])
    expectError("holds tables and weights, which digitalis did not write", "move it away") {
      try files.claim(["weights", "config", "tables"])
    }
    #expect(try contents(of: folder.path) == ["tables", "weights"])
    try files.claim(["config"])
    #expect(try files.names() == ["config"])
    // Its file, which is written later, is its own.
    try writeAtomically("own", to: folder["config"])
    try files.claim(["config", "steps"])
    #expect(try files.names() == ["config", "steps"])
    expectError("weights") { try files.claim(["weights"]) }
    expectError("weights") { try files.check(["weights"]) }
  }

  @Test func aFolderOfAnOlderVersion() throws {
    try writeAtomically("own", to: folder["weights"])
    try FileList(of: folder.path).claim(["steps"], known: { ["weights"] })
    #expect(try FileList(of: folder.path).names() == ["steps", "weights"])
  }

  @Test(arguments: ["", "{}", "[]", "{\"program\": \"other\", \"files\": []}", "\u{0}"])
  func aListOfSomebodyElse(_ text: String) throws {
    try writeAtomically(text, to: folder[FileList.name])
    expectError(FileList.name, "is not a list of files that digitalis made") {
      try FileList(of: folder.path).claim(["weights"])
    }
    #expect(try readFile(folder[FileList.name]) == Array(text.utf8))
  }

  @Test func whatStandsInAFolderIsSaid() throws {
    let files = FileList(of: folder.path)
    try files.checkEmpty()
    try FileList(of: folder["nowhere"]).checkEmpty()
    for (name, text) in [
      ("b", "holds b, and"), ("a", "holds a and b, and"), ("c", "holds a, b and c, and"),
      (".d", "holds .d, a, b and 1 more, and"), ("e", "b and 2 more"),
    ] {
      try writeAtomically("", to: folder[name])
      expectError(text, "empty folder") { try files.checkEmpty() }
    }
  }

  // MARK: Outputs

  private func check(
    _ name: String, _ kind: FileKind = .png, inputs: [String] = [], overwrite: Bool = false
  ) throws -> Bool {
    try checkOutput(folder[name], kind, inputs: inputs.map { folder[$0] }, overwrite: overwrite)
  }

  @Test func theSameKindIsReplaced() throws {
    #expect(try !check("new.png"))
    try writeAtomically("", to: folder["empty"])
    #expect(try !check("empty"))
    try writeAtomically(png, to: folder["picture"])
    #expect(try check("picture"))
    expectError("is a PNG picture, not a safetensors file", "--overwrite") {
      _ = try check("picture", .safetensors)
    }
    #expect(try check("picture", .safetensors, overwrite: true))
    try writeAtomically([2, 0, 0, 0, 0, 0, 0, 0] + Array("{}".utf8), to: folder["arrays"])
    #expect(try check("arrays", .safetensors))
    expectError("is a safetensors file, not a PNG picture") { _ = try check("arrays") }
    for text in ["{}", "\u{89}PNG", "12345678["] {
      try writeAtomically(text, to: folder["other"])
      expectError("is something else, not a PNG picture") { _ = try check("other") }
    }
  }

  @Test func anInputIsNeverReplaced() throws {
    try writeAtomically(png, to: folder["input"])
    link(folder["input"], folder["hard"])
    symlink("input", folder["soft"])
    try writeAtomically(png, to: folder["other"])
    for name in ["input", "hard", "soft", "./input"] {
      expectError("which is read here") {
        _ = try check(name, inputs: ["missing", "input"], overwrite: true)
      }
    }
    #expect(try check("other", inputs: ["missing", "input"]))
  }

  @Test func whatARunOwnsIsNeverReplaced() throws {
    try makeFolder(folder["run"])
    try FileList(of: folder["run"]).claim(["picture"])
    #expect(try !check("run/other"))
    try writeAtomically(png, to: folder["run/picture"])
    symlink("run/picture", folder["soft"])
    for name in ["run/picture", "soft", "run/\(FileList.name)"] {
      expectError("belongs to the run") { _ = try check(name, overwrite: true) }
    }
  }

  @Test func placesThatCannotBe() throws {
    try writeAtomically("", to: folder["file"])
    symlink("loop", folder["loop"])
    for (name, text) in [
      ("nowhere/a.png", "there is no folder"), ("file/a.png", "is not a folder"),
      ("", "it is a folder"), ("new/", "there is no folder"), ("loop", "lead back"),
      (String(repeating: "a", count: 256), "File name too long"),
    ] {
      expectError(text) { _ = try check(name) }
    }
    #expect(try !checkOutput("/dev/null", .png, inputs: [], overwrite: false))
  }
}
