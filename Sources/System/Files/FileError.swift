/// A file that could not be read or written, or that holds the wrong thing.
///
/// One line: the file, what is wrong with it, and the remedy.
public struct FileError: Error, Sendable, CustomStringConvertible {
  /// The path of the file or folder.
  public var path: String
  /// What is wrong, with the offending value.
  public var problem: String
  /// What the user can do about it.
  public var remedy: String

  /// Describes a problem with the file at `path`.
  public init(_ path: String, _ problem: String, remedy: String) {
    self.path = path
    self.problem = problem
    self.remedy = remedy
  }

  /// The error in one line: names in a file may contain line breaks and terminal escapes.
  public var description: String {
    let text = "\(path): \(problem); \(remedy)"
    guard text.utf8.contains(where: { $0 < 0x20 || $0 >= 0x7F }) else { return text }
    return String(
      text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : Character($0) })
  }
}
