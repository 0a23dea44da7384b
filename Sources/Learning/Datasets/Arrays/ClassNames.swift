import Files

/// The file `classes.txt` beside arrays: one class name per line, in the order of the labels.
package enum ClassNames {
  package static let fileName = "classes.txt"

  /// The bytes of a file of names.
  package static func contents(_ names: [String]) -> [UInt8] {
    // A line break in a name would make it two.
    let lines = names.map { name in
      String(name.map { $0.isNewline ? " " : $0 }) + "\n"
    }
    return Array(lines.joined().utf8)
  }

  /// Reads the bytes of a file.
  /// - Throws: `FileError` if two classes have one name, or there are no names or too many.
  static func read(_ contents: [UInt8], of path: String) throws(FileError) -> [String] {
    let remedy = "give each class a line with its name, or remove the file"
    var lines = String(decoding: contents, as: UTF8.self)
      .split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      .map { line in
        let inner = line.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace)
        return String(inner.reversed())
      }
    while lines.last?.isEmpty == true { lines.removeLast() }
    guard (1...ImageDataset.classLimit).contains(lines.count) else {
      throw FileError(
        path, "names \(lines.count) classes, not 1 to \(ImageDataset.classLimit)", remedy: remedy)
    }
    var first: [String: Int] = [:]
    for (index, name) in lines.enumerated() {
      guard !name.isEmpty else {
        throw FileError(path, "has no name in line \(index + 1)", remedy: remedy)
      }
      if let other = first.updateValue(index, forKey: name) {
        throw FileError(
          path, "has the name \(name) in line \(other + 1) and line \(index + 1)", remedy: remedy)
      }
    }
    return lines
  }
}
