import Files
import Foundation
import Synchronization
import Threads

/// Decodes and prepares images on all processors; the result is independent of their number and speed.
struct PreparedImages {
  /// The bytes of an image file, or the reason why there are none.
  typealias File = Result<[UInt8], ImageProblem>

  /// The prepared images of each part, consecutive; those with a problem are zeros.
  private(set) var parts: [[UInt8]]
  /// The shape of a prepared image; nil until one has been read.
  private(set) var shape: ImageShape?
  /// Why images can't be read, by their number.
  private(set) var problems: [Int: ImageProblem] = [:]
  /// The number of images of each size, once they differ; from then on none is prepared.
  private(set) var sizes: [ImageShape: Int] = [:]

  private let preparation: Preparation
  /// The place of each image: its part, and its index there.
  private let places: [(part: Int, index: Int)]
  private let counts: [Int]
  private let workers = Workers()
  /// The size of all images so far, and their number.
  private var size: (shape: ImageShape, count: Int)?

  /// Makes room for images.
  /// - Parameter parts: The part of each image, below `partCount`.
  init(_ parts: [Int], partCount: Int, _ preparation: Preparation) {
    var counts = [Int](repeating: 0, count: partCount)
    places = parts.map { part in
      counts[part] += 1
      return (part, counts[part] - 1)
    }
    self.counts = counts
    self.parts = counts.map { _ in [] }
    self.preparation = preparation
  }

  /// Prepares some images.
  ///
  /// - Parameters:
  ///   - numbers: Which ones.
  ///   - other: Work to do meanwhile.
  ///   - file: Returns the file of one, by its position in `numbers`, on any thread.
  /// - Throws: ``ImageProblem`` when the images are too many for the memory.
  mutating func add(
    _ numbers: [Int], meanwhile other: @Sendable () -> Void = {},
    file: @Sendable (Int) -> File
  ) throws(ImageProblem) {
    var isOtherDone = false
    defer { if !isOtherDone { other() } }
    if shape == nil, try !findShape(numbers, file) { return }
    while let shape {
      let outcomes = run(
        numbers, shape, meanwhile: { [isOtherDone] in if !isOtherDone { other() } }, file)
      isOtherDone = true
      // The first colour image makes all images colour.
      guard outcomes.contains(where: { if case .coloured = $0 { true } else { false } }) else {
        note(outcomes, numbers)
        return
      }
      try widen()
    }
  }

  /// The outcome of preparing an image.
  private enum Outcome {
    case prepared(ImageShape)
    case coloured
    case otherSize(ImageShape)
    case problem(ImageProblem)
  }

  /// Looks for the first readable image: it determines the shape.
  private mutating func findShape(
    _ numbers: [Int], _ file: (Int) -> File
  ) throws(ImageProblem) -> Bool {
    let worker = try workers.take()
    defer { workers.giveBack(worker) }
    for (position, number) in numbers.enumerated() {
      do {
        let source = try worker.decoder.shape(of: file(position).get())
        shape = preparation.shape(of: source)
        size = (Self.size(source), 0)
        try makePlace()
        return true
      } catch let problem {
        if shape != nil { throw problem }
        problems[number] = problem
      }
    }
    return false
  }

  private mutating func makePlace() throws(ImageProblem) {
    guard let shape else { return }
    try Self.checkMemory(counts.reduce(0, +), shape)
    parts = counts.map { Self.bytes($0 * shape.count) }
    for number in problems.keys {
      let (part, index) = places[number]
      parts[part].replaceSubrange(
        index * shape.count..<(index + 1) * shape.count,
        with: repeatElement(0, count: shape.count))
    }
  }

  /// Uninitialised bytes: zeros would be written twice.
  private static func bytes(_ count: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { $1 = count }
  }

  private static func checkMemory(_ count: Int, _ shape: ImageShape) throws(ImageProblem) {
    let memory = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
    let (row, overflow) = shape.columns.multipliedReportingOverflow(by: shape.channels * count)
    let (bytes, overflow2) = row.multipliedReportingOverflow(by: shape.rows)
    guard !overflow, !overflow2, bytes < memory else {
      throw ImageProblem(
        text:
          "its \(count) images of \(shape) need more memory than there is (\(memory >> 20) MiB)",
        remedy: "give a smaller --size, or keep fewer images")
    }
  }

  /// Converts the gray images so far to colour.
  private mutating func widen() throws(ImageProblem) {
    guard var shape else { return }
    shape.channels = 3
    try Self.checkMemory(counts.reduce(0, +), shape)
    self.shape = shape
    for part in parts.indices {
      let gray = parts[part]
      parts[part] = []
      parts[part] = Self.bytes(3 * gray.count)
      parts[part].withUnsafeMutableBufferPointer { colours in
        for index in gray.indices {
          for channel in 0..<3 { colours[3 * index + channel] = gray[index] }
        }
      }
    }
  }

  private mutating func note(_ outcomes: [Outcome], _ numbers: [Int]) {
    for (outcome, number) in zip(outcomes, numbers) {
      switch outcome {
      case .prepared(let source):
        if sizes.isEmpty { size?.count += 1 } else { sizes[Self.size(source), default: 0] += 1 }
      case .otherSize(let source):
        if sizes.isEmpty, let size { sizes[size.shape] = size.count }
        sizes[Self.size(source), default: 0] += 1
      case .problem(let problem): problems[number] = problem
      case .coloured: preconditionFailure("colours have been made place for")
      }
    }
  }

  private static func size(_ shape: ImageShape) -> ImageShape {
    ImageShape(rows: shape.rows, columns: shape.columns)
  }

  // Images are processed in groups, since some take only a few microseconds.
  private static let groupSize = 16

  private mutating func run(
    _ numbers: [Int], _ shape: ImageShape, meanwhile other: @Sendable () -> Void,
    _ file: @Sendable (Int) -> File
  ) -> [Outcome] {
    let groups = (numbers.count + Self.groupSize - 1) / Self.groupSize
    let isMixed = !sizes.isEmpty
    let (workers, places, preparation) = (workers, places, preparation)
    var parts: [[UInt8]] = []
    swap(&parts, &self.parts)
    defer { swap(&parts, &self.parts) }
    let targets = parts.indices.map { part in
      parts[part].withUnsafeMutableBufferPointer { Target(bytes: $0) }
    }
    return [Outcome](unsafeUninitializedCapacity: numbers.count) { outcomes, count in
      // Each call has its own elements.
      nonisolated(unsafe) let outcomes = outcomes
      concurrently(groups + 1) { group in
        if group == 0 {
          other()
          return
        }
        let start = (group - 1) * Self.groupSize
        let positions = start..<min(start + Self.groupSize, numbers.count)
        let worker = Result { () throws(ImageProblem) in try workers.take() }
        for position in positions {
          let place = places[numbers[position]]
          let start = place.index * shape.count
          let target = UnsafeMutableBufferPointer(
            rebasing: targets[place.part].bytes[start..<start + shape.count])
          let outcome: Outcome
          do throws(ImageProblem) {
            let bytes = try file(position).get()
            let worker = try worker.get()
            if isMixed {
              outcome = .otherSize(try worker.decoder.shape(of: bytes))
            } else {
              outcome = try worker.prepare(bytes, preparation, shape, into: target)
            }
          } catch {
            target.initialize(repeating: 0)
            outcome = .problem(error)
          }
          outcomes.initializeElement(at: position, to: outcome)
        }
        if let worker = try? worker.get() { workers.giveBack(worker) }
      }
      count = numbers.count
    }
  }

  /// A part to which several threads write, each to its own images.
  private struct Target: @unchecked Sendable {
    let bytes: UnsafeMutableBufferPointer<UInt8>
  }

  /// The state for preparing images, used by one thread at a time.
  private final class Worker {
    let decoder: ImageDecoder
    private var plan: ImagePlan?

    init() throws(ImageProblem) { decoder = try ImageDecoder() }

    func prepare(
      _ file: [UInt8], _ preparation: Preparation, _ shape: ImageShape,
      into target: UnsafeMutableBufferPointer<UInt8>
    ) throws(ImageProblem) -> Outcome {
      try decoder.read(file) { source, pixels in
        if plan?.source != source || plan?.target != shape {
          var preparation = preparation
          if preparation.channels == nil {
            if source.channels > shape.channels { return .coloured }
            preparation.channels = shape.channels
          }
          guard preparation.shape(of: source) == shape else { return .otherSize(source) }
          plan = ImagePlan(preparation, source)
        }
        plan?.apply(pixels, into: target)
        return .prepared(source)
      }
    }
  }

  private final class Workers: Sendable {
    private let idle = Mutex<[Sent]>([])

    private struct Sent: @unchecked Sendable {
      let worker: Worker
    }

    func take() throws(ImageProblem) -> Worker {
      if let sent = idle.withLock({ $0.popLast() }) { return sent.worker }
      return try Worker()
    }

    func giveBack(_ worker: Worker) {
      let sent = Sent(worker: worker)
      idle.withLock { $0.append(sent) }
    }
  }
}

extension PreparedImages {
  /// Restores images that were prepared before.
  /// - Returns: Whether their number is right.
  mutating func restore(
    _ parts: [[UInt8]], _ shape: ImageShape, _ problems: [Int: ImageProblem]
  ) -> Bool {
    guard shape.rows > 0, shape.columns > 0, [1, 3].contains(shape.channels),
      zip(parts, counts).allSatisfy({ part, count in
        count == 0 ? part.isEmpty : part.count / count == shape.count && part.count % count == 0
      })
    else { return false }
    (self.parts, self.shape, self.problems) = (parts, shape, problems)
    return true
  }

  /// The images of a part without those with a problem, and the numbers of the remaining ones.
  mutating func takePart(_ part: Int) -> (images: [UInt8], numbers: [Int]) {
    var images: [UInt8] = []
    swap(&images, &parts[part])
    let size = shape?.count ?? 0
    var numbers: [Int] = []
    for (number, place) in places.enumerated() where place.part == part {
      if problems[number] != nil { continue }
      if numbers.count < place.index {
        images.withUnsafeMutableBytes {
          let target = UnsafeMutableRawBufferPointer(rebasing: $0[(numbers.count * size)...])
          target.copyMemory(
            from: UnsafeRawBufferPointer(
              rebasing: $0[place.index * size..<(place.index + 1) * size]))
        }
      }
      numbers.append(number)
    }
    images.removeLast(images.count - numbers.count * size)
    return (images, numbers)
  }
}
