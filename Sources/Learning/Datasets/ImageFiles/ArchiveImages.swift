import Files

/// The images of an archive, in its order.
final class ArchiveImages {
  /// The number of an image, and its file.
  struct Member {
    let number: Int
    let file: PreparedImages.File
  }

  private let path: String
  private let reader: ArchiveReader
  /// The numbers of the images that an entry holds: several if there are links to it.
  private var numbers: [String: [Int]] = [:]

  /// - Parameter images: As listed.
  init(_ path: String, _ images: [FileListing.Image]) throws(FileError) {
    self.path = path
    reader = try ArchiveReader(path)
    for (number, image) in images.enumerated() {
      numbers[image.content ?? image.path, default: []].append(number)
    }
  }

  /// The next images, up to a limit of images or bytes; none at the end.
  /// - Throws: `FileError` when the archive is damaged, or has changed.
  func next(_ limit: (images: Int, bytes: Int)) throws -> [Member] {
    var members: [Member] = []
    var bytes = 0
    while !numbers.isEmpty, members.count < limit.images, bytes < limit.bytes {
      guard let entry = try reader.next() else {
        throw FileError(
          path, "has changed while it was read: \(numbers.keys.min() ?? "") is missing",
          remedy: "wait until it is complete")
      }
      // Of duplicate entries the first has been taken.
      guard case .file = entry.kind, !entry.path.split(separator: "/").contains(".."),
        !entry.path.hasPrefix("/"),
        let places = numbers.removeValue(forKey: normalized(entry.path).path)
      else { continue }
      let file: PreparedImages.File
      do {
        file = .success(try reader.contents(of: entry))
      } catch let problem as ImageProblem {
        file = .failure(problem)
      }
      bytes += (try? file.get().count) ?? 0
      members += places.map { Member(number: $0, file: file) }
    }
    return members
  }
}
