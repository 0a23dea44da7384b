import Files
import Foundation

/// A folder of built programs, so that the next start needn't compile them.
///
/// An entry is used only where everything that could change it is the same: source, options, environment,
/// processor, device, driver and its libraries. Damaged entries, those of another user, and those that the driver
/// refuses are replaced. Where the folder can't be used, programs are built as without it.
public struct ProgramCache: Sendable, Hashable {
  /// The path of the folder, which only its owner may write to: what is in it is run.
  public var folder: String
  /// The maximum size of all entries in bytes; those used longest ago are removed.
  public var capacity: Int
  /// Also for drivers that are better off without; for tests.
  var servesAll = false

  /// A cache in a folder, which is made when first needed.
  public init(folder: String, capacity: Int = 256 << 20) {
    self.folder = folder
    self.capacity = capacity
  }

  /// The user's own: `digitalis/programs` in `XDG_CACHE_HOME`, by default in `~/.cache`.
  public static var standard: ProgramCache {
    ProgramCache(
      folder: "\(cacheFolder(ProcessInfo.processInfo.environment))/digitalis/programs")
  }
}
