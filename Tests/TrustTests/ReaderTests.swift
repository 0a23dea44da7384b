import Foundation
import TestSupport
import Testing

/// What fuzzing has found worth keeping, read once more: `tools/fuzz` makes the files of `Tests/Corpus`.
@Suite struct ReaderTests {
  private static let corpus = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Corpus").path

  @Test(arguments: Reader.allCases)
  func theCorpusIsRead(_ reader: Reader) throws {
    let folder = try TemporaryFolder()
    let files = "\(Self.corpus)/\(reader)"
    let names = try FileManager.default.contentsOfDirectory(atPath: files)
    var taken = 0
    for name in names {
      let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(files)/\(name)")))
      if try reader.read(bytes, in: folder.path) { taken += 1 }
    }
    #expect(taken < names.count || reader == .history, "\(taken) of \(names.count)")
    #expect(taken > 0 || reader == .tables)
  }
}
