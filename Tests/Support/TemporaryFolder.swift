import Files
import Foundation

/// A folder that goes away with the test.
public final class TemporaryFolder: Sendable {
  /// Where it is.
  public let path = "\(NSTemporaryDirectory())/digitalis-tests-\(UUID().uuidString)"

  /// Makes the folder.
  public init() throws { try makeFolder(path) }
  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The path of a file in it.
  public subscript(name: String) -> String { "\(path)/\(name)" }

  /// The contents of every file in a folder, by path.
  public static func contents(of folder: String) throws -> [String: Data] {
    var contents: [String: Data] = [:]
    for name in try FileManager.default.subpathsOfDirectory(atPath: folder) {
      contents[name] = FileManager.default.contents(atPath: "\(folder)/\(name)")
    }
    return contents
  }
}
