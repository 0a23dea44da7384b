import Foundation

/// The user's cache folder: `XDG_CACHE_HOME`, by default `~/.cache`.
package func cacheFolder(_ environment: [String: String]) -> String {
  if let folder = environment["XDG_CACHE_HOME"], !folder.isEmpty { return folder }
  return "\(environment["HOME"] ?? NSHomeDirectory())/.cache"
}

/// Removes the files of a cache that were used longest ago, until the others are within its limits, and the
/// half-written files of killed writers.
///
/// - Parameters:
///   - folder: The folder of the cache. A file's time of change is that of its last use.
///   - limit: How many files may stay, and their bytes in all.
///   - isOurs: Whether a name is that of a file of the cache; others are neither counted nor removed.
package func removeOldest(
  in folder: String, beyond limit: (files: Int, bytes: Int),
  where isOurs: (String) -> Bool = { _ in true }
) {
  removeLeftovers(in: folder)
  var files: [(path: String, size: Int, time: timespec)] = []
  for name in (try? contents(of: folder)) ?? [] where isOurs(name) {
    var status = stat()
    let path = "\(folder)/\(name)"
    guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { continue }
    files.append((path, Int(status.st_size), status.st_mtim))
  }
  files.sort { ($1.time.tv_sec, $1.time.tv_nsec) < ($0.time.tv_sec, $0.time.tv_nsec) }
  var bytes = 0
  for (index, file) in files.enumerated() {
    bytes += file.size
    if index >= limit.files || bytes > limit.bytes { unlink(file.path) }
  }
}
