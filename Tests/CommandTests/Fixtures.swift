import Datasets
import Files
import Foundation
import TestSupport
import Testing

/// A data set and a run of one epoch on it, made once and never changed.
struct Fixture {
  let folder: TemporaryFolder
  var data: String { folder["data"] }
  var run: String { folder["run"] }

  static func shared() throws -> Fixture { try result.get() }

  private static let result = Result {
    let folder = try TemporaryFolder()
    let fixture = Fixture(folder: folder)
    try Blobs.write(
      training: Blobs.dataset(300, side: 28), test: Blobs.dataset(60, side: 28, seed: 2),
      to: fixture.data)
    let outcome = try digitalis(
      "train", "vae", "--dataset", fixture.data, "--out", fixture.run, "--latent", "2",
      "--epochs", "1", "--batch", "100", "--device", "cpu")
    try #require(outcome.status == 0, "\(outcome.errors)")
    return fixture
  }
}

/// A copy of the data set and of the run, for one test to break.
struct Scene {
  let folder: TemporaryFolder
  var data: String { folder["data"] }
  var run: String { folder["run"] }
  var picture: String { folder["picture.png"] }

  init() throws {
    folder = try TemporaryFolder()
    let fixture = try Fixture.shared()
    for name in ["data", "run"] {
      try makeFolder(folder[name])
      for file in try FileManager.default.contentsOfDirectory(atPath: fixture.folder[name]) {
        // Links do: the tool and the tests replace files, they never write into them.
        let path = "\(name)/\(file)"
        try FileManager.default.linkItem(atPath: fixture.folder[path], toPath: folder[path])
      }
    }
  }

  /// Every file that is there, by path.
  func contents() throws -> [String: Data] { try TemporaryFolder.contents(of: folder.path) }

  /// Runs `body`, after which every file must be as it was before.
  func expectUnchanged(
    sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void
  ) throws {
    let before = try contents()
    try body()
    #expect(try contents() == before, sourceLocation: sourceLocation)
  }

  /// Changes a file.
  func edit(_ name: String, _ change: (inout [UInt8]) -> Void) throws {
    var bytes = try readFile(folder[name])
    change(&bytes)
    try writeAtomically(bytes, to: folder[name])
  }

  /// Makes the run name the copy of its data set.
  func useOwnData() throws {
    let data = try Fixture.shared().data
    let text = String(decoding: try readFile("\(run)/config.json"), as: UTF8.self)
    try writeAtomically(
      text.replacingOccurrences(of: data, with: self.data), to: "\(run)/config.json")
  }

  func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: folder[name]) }
}

/// Runs the tool on the processor, which must succeed; what it prints.
func succeed(_ arguments: String...) throws -> String {
  let outcome = try digitalis(arguments + ["--device", "cpu"])
  #expect(outcome.status == 0, "\(arguments): \(outcome.errors)")
  return outcome.output
}

/// Runs the tool on the processor, which must fail in one line that says all of some texts.
func fail(_ arguments: String..., with texts: String...) throws {
  expectOneLine(try digitalis(arguments + ["--device", "cpu"]), texts)
}
