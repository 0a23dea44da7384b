import Files

/// Finds images by their names in tables: their path, their name, or their name without extension.
struct ImageNames {
  private var paths: [String: Int] = [:]
  /// Negative if several images have the name.
  private var names: [String: Int] = [:]
  private var stems: [String: Int] = [:]

  init(_ paths: [String]) {
    for (index, path) in paths.enumerated() {
      let name = lastPart(of: path)
      self.paths[path] = index
      names[name] = names[name] == nil ? index : -1
      let stem = stem(of: name)
      stems[stem] = stems[stem] == nil ? index : -1
    }
  }

  /// The image that a table in a folder names; nil if there is none, negative if there are several.
  func index(of text: String, from folder: String) -> Int? {
    guard !text.isEmpty else { return nil }
    let path = normalized(text.contains("\\") ? text.replacing("\\", with: "/") : text).path
    if !folder.isEmpty, let index = paths["\(folder)/\(path)"] { return index }
    if let index = paths[path] { return index }
    let name = lastPart(of: path)
    return names[name] ?? stems[name]
  }
}

private func lastPart(of path: String) -> String {
  guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return path }
  return String(path[path.index(after: slash)...])
}

private func stem(of name: String) -> String {
  guard let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")), dot != name.startIndex else {
    return name
  }
  return String(name[..<dot])
}

/// A table with a column of files and one of labels.
struct LabelTable {
  /// The label of each image that the table names; empty if it has none.
  private(set) var labels: [Int: String] = [:]

  /// Finds the columns by their contents, and reads them.
  ///
  /// The column of files is the one whose values name the most images; the other one has the labels, or if
  /// there are several, the one so named in the header.
  ///
  /// - Parameters:
  ///   - path, name: The table's name in errors, and its path below the folder.
  /// - Returns: nil if no column names an image.
  /// - Throws: `FileError` if it isn't such a table, or names missing files.
  init?(_ bytes: [UInt8], path: String, name: String, images: ImageNames) throws(FileError) {
    func problem(_ text: String, _ remedy: String = "correct the table") -> FileError {
      FileError(path, text, remedy: remedy)
    }
    let records: [SeparatedValues.Record]
    do {
      let separator = fileEnding(of: name) == "tsv" ? UInt8(ascii: "\t") : nil
      records = try SeparatedValues(bytes, separator: separator).records
    } catch {
      throw problem(error.text)
    }
    let folder = name.split(separator: "/").dropLast().joined(separator: "/")
    guard let width = records.first?.values.count,
      let column = Self.fileColumn(records, width, images, folder)
    else { return nil }
    let hasHeader = Self.isHeader(records[0].values[column], images, folder)
    let labelColumn = try Self.labelColumn(
      hasHeader ? records[0].values : nil, width, besides: column, path)

    for record in records.dropFirst(hasHeader ? 1 : 0) {
      guard record.values.count == width else {
        throw problem("line \(record.line): has \(record.values.count) values instead of \(width)")
      }
      let file = record.values[column]
      guard let index = images.index(of: file, from: folder) else {
        throw problem(
          "line \(record.line): names \(file.isEmpty ? "no file" : file), which is not there",
          "remove the line, or add the file")
      }
      guard index >= 0 else {
        throw problem(
          "line \(record.line): names \(file), of which there are several",
          "write its path, such as folder/\(file)")
      }
      let label = record.values[labelColumn]
      if let other = labels.updateValue(label, forKey: index), other != label {
        throw problem(
          "line \(record.line): calls \(file) \"\(label)\", and another line \"\(other)\"")
      }
    }
  }

  private static func fileColumn(
    _ records: [SeparatedValues.Record], _ width: Int, _ images: ImageNames, _ folder: String
  ) -> Int? {
    var matches = [Int](repeating: 0, count: width)
    // Enough to tell.
    for record in records.prefix(1000) {
      for (column, value) in record.values.prefix(width).enumerated()
      where images.index(of: value, from: folder) != nil { matches[column] += 1 }
    }
    let most = matches.max() ?? 0
    return most == 0 ? nil : matches.firstIndex(of: most)
  }

  /// Whether the first value of the column of files is a title: no image has that name, nor could one.
  private static func isHeader(_ value: String, _ images: ImageNames, _ folder: String) -> Bool {
    images.index(of: value, from: folder) == nil && !ImageKind.isNamed(value)
  }

  private static func labelColumn(
    _ header: [String]?, _ width: Int, besides files: Int, _ path: String
  ) throws(FileError) -> Int {
    let others = (0..<width).filter { $0 != files }
    if others.count == 1 { return others[0] }
    let titles = header?.map { $0.lowercased() } ?? []
    for words in [["label"], ["class"], ["label", "class", "category", "target"]] {
      let exact = others.filter { !titles.isEmpty && words.contains(titles[$0]) }
      if exact.count == 1 { return exact[0] }
    }
    throw FileError(
      path,
      others.isEmpty
        ? "has files but no labels" : "has \(width) columns, and none of them is called label",
      remedy: others.isEmpty ? "add a column of labels" : "call one of them label")
  }
}
