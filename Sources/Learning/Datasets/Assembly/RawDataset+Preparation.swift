import Files
import Threads

extension RawDataset {
  /// The maximum size of the prepared images of a set in bytes.
  private static let limit = 1 << 36

  /// Prepares all images, on all processors.
  ///
  /// - Parameters:
  ///   - path: The path named in errors.
  ///   - progress: Gets the number of prepared images and the total, now and then.
  /// - Throws: `FileError` if they would become too large; what `progress` throws.
  mutating func prepare(
    _ preparation: Preparation, of path: String,
    progress: (_ done: Int, _ all: Int) throws -> Void
  ) throws {
    let plan = ImagePlan(preparation, shape)
    guard plan.target != plan.source || preparation.isTransposed else { return }
    let counts = [training, test, unsplit].map(\.labels.count)
    let all = counts.reduce(0, +)
    guard let size = product([all, plan.target.count]), size <= Self.limit else {
      throw FileError(
        path, "\(all) images of \(plan.target) would be too much for the memory",
        remedy: "ask for a smaller size")
    }
    var done = 0
    for part in [\RawDataset.training, \.test, \.unsplit] {
      let before = done
      try self[keyPath: part].prepare(plan) { try progress(before + $0, all) }
      done += self[keyPath: part].labels.count
    }
    shape = plan.target
  }
}

extension RawDataset.Part {
  /// Prepares the images.
  fileprivate mutating func prepare(
    _ plan: ImagePlan, progress: (_ done: Int) throws -> Void
  ) throws {
    let (count, chunk) = (labels.count, 64)
    guard count > 0 else { return }
    let (old, new) = (plan.source.count, plan.target.count)
    images = try [UInt8](unsafeUninitializedCapacity: count * new) { target, written in
      try images.withUnsafeBufferPointer { source in
        // Each image is read and written by one thread.
        nonisolated(unsafe) let (source, target) = (source, target)
        // The caller gets the progress between calls.
        for first in stride(from: 0, to: count, by: 128 * chunk) {
          try progress(first)
          let last = min(count, first + 128 * chunk)
          concurrently((last - first + chunk - 1) / chunk) { index in
            let start = first + index * chunk
            for image in start..<min(last, start + chunk) {
              plan.apply(
                UnsafeBufferPointer(rebasing: source[image * old..<(image + 1) * old]),
                into: UnsafeMutableBufferPointer(
                  rebasing: target[image * new..<(image + 1) * new]))
            }
          }
        }
      }
      try progress(count)
      written = count * new
    }
  }
}
