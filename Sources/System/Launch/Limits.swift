import Foundation

/// A limit that keeps the program from working, in one line with a remedy.
public struct LimitError: Error, CustomStringConvertible, Equatable {
  public let description: String
}

/// The limits that the process was started with.
public enum Limits {
  /// The memory that a small training needs, and some more: a failed allocation during the work crashes the
  /// program.
  public static let leastMemory = 512 << 20

  /// Refuses to start with too little memory.
  public static func check() throws(LimitError) {
    try check(addressSpace: current(RLIMIT_AS), data: current(RLIMIT_DATA))
  }

  static func check(addressSpace: Int?, data: Int?) throws(LimitError) {
    for (name, option, limit) in [("address space", "-v", addressSpace), ("data", "-d", data)] {
      guard let limit, limit < leastMemory else { continue }
      throw LimitError(
        description: "the limit of the \(name) is \(limit >> 20) MiB, and digitalis needs "
          + "\(leastMemory >> 20) MiB; raise it: ulimit \(option) \(leastMemory >> 10)")
    }
  }

  /// The current limit; nil if there is none.
  static func current(_ resource: __rlimit_resource) -> Int? {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(resource.rawValue), &limit) == 0,
      limit.rlim_cur != rlim_t.max
    else { return nil }
    return Int(clamping: limit.rlim_cur)
  }
}
