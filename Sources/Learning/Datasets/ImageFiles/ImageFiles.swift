import Files
import Foundation

/// The PNG and JPEG files of a folder, or of a `.zip` or `.tar`, as a data set.
///
/// Classes are folders, or given by a table beside the images; see ``ImageLayout``.
struct ImageFiles {
  /// The folder or the archive.
  let path: String
  private let listing: FileListing
  private let isArchive: Bool

  /// Looks for image files.
  ///
  /// - Returns: nil if the path is neither a folder nor an archive, or holds no images.
  /// - Throws: `FileError` when it cannot be read, or is a damaged archive.
  init?(path: String) throws {
    guard let (listing, isArchive) = try Self.list(path), !listing.isEmpty else { return nil }
    (self.path, self.listing, self.isArchive) = (path, listing, isArchive)
  }

  /// The error for a path without images; it says what there is.
  static func noImages(_ path: String) throws -> FileError {
    guard let (listing, _) = try list(path) else {
      return FileError(
        path, "is neither a folder nor an archive (.zip, .tar, .tar.gz, .tar.xz)",
        remedy: "name one with PNG or JPEG files")
    }
    return FileError(
      path, "holds no images: \(listing.description)",
      remedy: "name a folder or an archive with PNG or JPEG files")
  }

  private static func list(_ path: String) throws -> (FileListing, isArchive: Bool)? {
    var status = stat()
    if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
      return (try FileListing(folder: path), false)
    }
    return try FileListing(archive: path).map { ($0, true) }
  }

  /// Reads and prepares the images, or finds them in the cache.
  ///
  /// - Parameters:
  ///   - environment: Locates the cache.
  ///   - cachesFrom: The minimum number of images to cache; fewer are quickly prepared again.
  ///   - progress: Gets the number of images done and the total.
  /// - Throws: `FileError` for an unreadable image, unless those are skipped; for images of several sizes
  ///   if none is asked for; and as ``ImageLayout`` does.
  func read(
    _ preparation: Preparation,
    environment: [String: String] = ProcessInfo.processInfo.environment,
    cachesFrom least: Int = 1000,
    progress: (_ done: Int, _ all: Int) throws -> Void = { _, _ in }
  ) throws -> RawDataset {
    if let (path, problem) = listing.problems.first, !preparation.skipsUnreadable {
      throw error(path, problem)
    }
    guard !listing.images.isEmpty else {
      let (path, problem) = listing.problems[0]
      throw nothingReadable(path, problem)
    }
    let layout = try ImageLayout(root: path, paths: listing.images.map(\.path)) {
      try listing.tables.map { table in
        (table.path, try table.bytes ?? readFile("\(path)/\(table.path)", limit: tableLimit))
      }
    }
    let targets = layout.parts.map(Self.target)
    var prepared = PreparedImages(targets, partCount: 3, preparation)
    guard listing.images.count >= least else {
      try prepare(&prepared, preparation, progress)
      return assemble(&prepared, layout)
    }
    let cache = PreparedCache(environment: environment)
    let key = try PreparedCache.key(
      path: path, isArchive: isArchive, listing.images, preparation)
    if !cache.load(key, into: &prepared) {
      try prepare(&prepared, preparation, progress)
      cache.store(prepared, key)
    }
    return assemble(&prepared, layout)
  }

  /// The index of a part in a ``RawDataset``.
  private static func target(_ part: ImageLayout.Part) -> Int {
    switch part {
    case .training, .validation: 0
    case .test: 1
    case .unsplit: 2
    }
  }

  private func prepare(
    _ prepared: inout PreparedImages, _ preparation: Preparation,
    _ progress: (_ done: Int, _ all: Int) throws -> Void
  ) throws {
    let all = listing.images.count
    var done = 0
    try (isArchive ? addFromArchive : addFromFolder)(&prepared) { prepared, numbers in
      if !preparation.skipsUnreadable,
        let number = numbers.first(where: { prepared.problems[$0] != nil }),
        let problem = prepared.problems[number]
      {
        throw error(listing.images[number].path, problem)
      }
      done += numbers.count
      try progress(done, all)
    }
    guard prepared.sizes.isEmpty else {
      throw FileError(
        path, "holds images of several sizes: \(prepared.sizesText)",
        remedy: "give --size, such as --size 32")
    }
    if prepared.shape == nil, let number = prepared.problems.keys.min(),
      let problem = prepared.problems[number]
    {
      throw nothingReadable(listing.images[number].path, problem)
    }
  }

  /// What is done with the images of a chunk after preparation.
  private typealias Check = (_ prepared: PreparedImages, _ numbers: [Int]) throws -> Void

  /// The images and bytes prepared between two progress reports.
  private static let chunk = (images: 2048, bytes: 32 << 20)

  private func addFromFolder(_ prepared: inout PreparedImages, _ check: Check) throws {
    let images = listing.images
    var start = 0
    while start < images.count {
      var (end, bytes) = (start, 0)
      while end < images.count, end - start < Self.chunk.images, bytes < Self.chunk.bytes {
        bytes += images[end].size
        end += 1
      }
      let numbers = Array(start..<end)
      try add(numbers, to: &prepared) { position in file(of: images[numbers[position]]) }
      try check(prepared, numbers)
      start = end
    }
  }

  /// Reads the archive a second time, while the previous chunk is prepared.
  private func addFromArchive(_ prepared: inout PreparedImages, _ check: Check) throws {
    // One thread at a time reads it.
    nonisolated(unsafe) let entries = try ArchiveImages(path, listing.images)
    var chunk = try entries.next(Self.chunk)
    while !chunk.isEmpty {
      nonisolated(unsafe) var next = Result<[ArchiveImages.Member], any Error>.success([])
      try add(chunk.map(\.number), to: &prepared) {
        next = Result { try entries.next(Self.chunk) }
      } file: { [chunk] in
        chunk[$0].file
      }
      try check(prepared, chunk.map(\.number))
      chunk = try next.get()
    }
  }

  private func add(
    _ numbers: [Int], to prepared: inout PreparedImages, meanwhile other: @Sendable () -> Void = {},
    file: @Sendable (Int) -> PreparedImages.File
  ) throws {
    do throws(ImageProblem) {
      try prepared.add(numbers, meanwhile: other, file: file)
    } catch {
      throw FileError(path, error.text, remedy: error.remedy ?? "name another folder")
    }
  }

  private func file(of image: FileListing.Image) -> PreparedImages.File {
    do throws(FileError) {
      let (bytes, status) = try readFileWithStatus(
        "\(path)/\(image.path)", limit: imageFileLimit)
      guard FileListing.times(status) == image.times && bytes.count == image.size else {
        let sizes =
          bytes.count == image.size ? "" : ": \(bytes.count) bytes instead of \(image.size)"
        return .failure(
          ImageProblem(
            text: "has changed since it was found" + sizes, remedy: "wait until it is complete"))
      }
      return .success(bytes)
    } catch {
      return .failure(ImageProblem(text: error.problem, remedy: error.remedy))
    }
  }

  private func error(_ path: String, _ problem: ImageProblem) -> FileError {
    FileError(
      "\(self.path)/\(path)", problem.text,
      remedy: "\(problem.remedy ?? "repair or remove it"), or leave such files out with "
        + "--skip-unreadable")
  }

  private func nothingReadable(_ path: String, _ problem: ImageProblem) -> FileError {
    FileError(
      self.path, "holds no image that can be read: \(path) \(problem.text)",
      remedy: problem.remedy ?? "name another folder")
  }

  private func assemble(_ prepared: inout PreparedImages, _ layout: ImageLayout) -> RawDataset {
    guard let shape = prepared.shape else { preconditionFailure("images without a shape") }
    var result = RawDataset(shape: shape)
    result.classNames = layout.classNames
    if let note = layout.validationNote { result.notes.append(note) }
    if let first = listing.emptyFolders.first {
      let others = listing.emptyFolders.count - 1
      result.notes.append(
        "the folder \(first)\(others > 0 ? " (and \(others) more)" : "") holds no images")
    }
    func part(_ index: Int) -> RawDataset.Part {
      let (images, numbers) = prepared.takePart(index)
      return RawDataset.Part(
        images: images, labels: numbers.map { layout.labels[$0] },
        names: numbers.map { listing.images[$0].path })
    }
    (result.training, result.test, result.unsplit) = (part(0), part(1), part(2))
    let problems =
      listing.problems.map { ($0.path, $0.problem) }
      + prepared.problems.sorted { $0.key < $1.key }.map { (listing.images[$0].path, $1) }
    result.leftOut = problems.map { "\($0): \($1.text)" }
    return result
  }
}
