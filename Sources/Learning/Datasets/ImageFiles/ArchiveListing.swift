import Files

extension FileListing {
  /// Lists the files of an archive; nil if the file is none.
  /// - Throws: `FileError` when it cannot be read or is damaged.
  init?(archive path: String) throws {
    let reader = try ArchiveReader(path)
    self.init()
    var sizes: [String: Int] = [:]
    var links: [(path: String, target: String)] = []
    var isArchive = false
    while let entry = try reader.next() {
      isArchive = true
      let path = normalized(entry.path).path
      guard !path.isEmpty, !path.split(separator: "/").contains(where: isIgnored) else { continue }
      if entry.path.hasPrefix("/") || entry.path.split(separator: "/").contains("..") {
        add(
          entry.path, "has a path that leads out of the archive",
          remedy: "pack it again under another path")
        continue
      }
      switch entry.kind {
      case .file:
        guard try holdsImage(entry, path, reader) else { continue }
        guard sizes.updateValue(entry.size ?? 0, forKey: path) == nil else {
          add(path, "is in the archive twice", remedy: "pack it again with one of them")
          continue
        }
        add(Image(path: path, size: entry.size ?? 0))
      case .link(let target, let isSymbolic):
        let folder = isSymbolic ? path.split(separator: "/").dropLast().joined(separator: "/") : ""
        let (place, isInside) = normalized(folder.isEmpty ? target : "\(folder)/\(target)")
        if !isInside || target.hasPrefix("/") {
          add(path, "is a link to \(target), outside the archive", remedy: "pack a copy instead")
        } else {
          links.append((path, place))
        }
      case .folder: continue
      case .other: if ImageKind.isNamed(path) { add(path, "is not a plain file") }
      }
    }
    guard isArchive else { return nil }
    follow(links, sizes)
    finish()
  }

  /// Looks at a file; lists it as other if it holds no image.
  private mutating func holdsImage(
    _ entry: ArchiveReader.Entry, _ path: String, _ reader: ArchiveReader
  ) throws -> Bool {
    if ImageKind.isNamed(path) { return true }
    do {
      if Self.isTable(path) {
        addOther(path, bytes: try reader.contents(of: entry, limit: tableLimit))
        return false
      }
      if ImageKind(try reader.contents(of: entry, first: ImageKind.startCount)) != nil {
        return true
      }
      addOther(path)
    } catch let problem as ImageProblem {
      if Self.isTable(path) {
        add(path, problem.text, remedy: problem.remedy)
      } else {
        addOther(path)
      }
    }
    return false
  }

  /// Adds links to images, also via other links.
  private mutating func follow(
    _ links: [(path: String, target: String)], _ sizes: [String: Int]
  ) {
    let targets = Dictionary(links.map { ($0.path, $0.target) }) { $1 }
    for (path, _) in links {
      var place = path
      for _ in 0..<40 {
        guard let next = targets[place] else { break }
        place = next
      }
      if let size = sizes[place] {
        add(Image(path: path, size: size, content: place))
      } else if ImageKind.isNamed(path) || fileEnding(of: path) == nil {
        add(path, "is a link to \(place), which is no image there", remedy: "pack a copy instead")
      }
    }
  }
}

/// The maximum size of a table of labels in bytes.
let tableLimit = 1 << 28

/// A path without `.` and empty parts, and whether it stays inside its root.
func normalized(_ path: String) -> (path: String, isInside: Bool) {
  var parts: [Substring] = []
  var isInside = !path.hasPrefix("/")
  for part in path.split(separator: "/") where part != "." {
    if part != ".." {
      parts.append(part)
    } else if parts.popLast() == nil {
      isInside = false
    }
  }
  return (parts.joined(separator: "/"), isInside)
}
