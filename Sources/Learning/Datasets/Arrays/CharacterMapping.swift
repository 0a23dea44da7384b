import Files
import Foundation

/// The contents of EMNIST's mapping file: a line for each class with its label and the code points of its
/// characters, such as `1 65 97`.
struct CharacterMapping: Equatable {
  /// The labels, ascending.
  var labels: [Int]
  /// The names of the classes, in that order: the characters, separated by slashes.
  var names: [String]

  /// Reads a file.
  /// - Throws: `FileError` naming the first malformed line.
  init(path: String) throws(FileError) {
    try self.init(try readFile(path, limit: 1 << 20), of: path)
  }

  /// Reads the bytes of a file.
  init(_ contents: [UInt8], of path: String) throws(FileError) {
    let lines = String(decoding: contents, as: UTF8.self)
      .split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    var classes: [Int: String] = [:]
    for (index, line) in lines.enumerated() {
      let words = line.split(whereSeparator: \.isWhitespace)
      if words.isEmpty { continue }
      let numbers = words.compactMap { Int($0) }
      let characters = numbers.dropFirst().compactMap {
        UInt32(exactly: $0).flatMap(Unicode.Scalar.init).map(String.init)
      }
      guard numbers.count == words.count, let label = numbers.first, !characters.isEmpty,
        characters.count == numbers.count - 1, (0..<ImageDataset.classLimit).contains(label),
        classes.updateValue(characters.joined(separator: "/"), forKey: label) == nil
      else {
        throw FileError(
          path, "has line \(index + 1), \"\(line.prefix(40))\", which is no label with code points",
          remedy: "fetch the file again, or remove it")
      }
    }
    guard !classes.isEmpty else {
      throw FileError(path, "names no classes", remedy: "fetch the file again, or remove it")
    }
    labels = classes.keys.sorted()
    names = labels.map { classes[$0] ?? "" }
  }
}

extension RawDataset {
  /// Gives the classes their names.
  /// - Throws: `FileError` for a label that the mapping doesn't have.
  mutating func name(_ mapping: CharacterMapping, of path: String) throws(FileError) {
    let places = Dictionary(uniqueKeysWithValues: mapping.labels.enumerated().map { ($1, $0) })
    func rename(_ part: inout Part) throws(FileError) {
      for index in part.labels.indices {
        guard let label = part.labels[index] else { continue }
        guard let place = places[label] else {
          throw FileError(
            path, "doesn't name label \(label), which image \(index) has",
            remedy: "fetch the mapping of this set, or remove it")
        }
        part.labels[index] = place
      }
    }
    try rename(&training)
    try rename(&test)
    try rename(&unsplit)
    classNames = mapping.names
  }
}
