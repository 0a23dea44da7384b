import Foundation

/// The processors that this process may use.
public enum Processors {
  /// One thread for each processor of its affinity, or as its container's quota allows if that is fewer;
  /// determined on first use.
  public static let threads = threads(
    allowed: affinity() ?? ProcessInfo.processInfo.activeProcessorCount, quota: quota())

  /// The number of processors in the process's affinity (`taskset`, `cpuset`), which Foundation ignores;
  /// nil if the system does not tell.
  ///
  /// - Parameter root: The folder that holds `proc`.
  static func affinity(root: String = "/") -> Int? {
    let prefix = "Cpus_allowed_list:"
    guard
      let line = systemText(root + "proc/self/status")?.split(separator: "\n")
        .first(where: { $0.hasPrefix(prefix) })
    else { return nil }
    // Such as 0-3,8.
    let counts = line.dropFirst(prefix.count).split(separator: ",").map { range -> Int? in
      let ends = range.split(separator: "-").map { Int($0.filter(\.isNumber)) }
      guard let first = ends.first ?? nil, let last = ends.last ?? nil, last >= first else {
        return nil
      }
      return last - first + 1
    }
    return counts.contains(nil) || counts.isEmpty ? nil : counts.compactMap(\.self).reduce(0, +)
  }

  static func threads(allowed: Int, quota: Double?) -> ThreadCount {
    // A quota of 1.5 takes two threads to use up.
    guard let quota, Int(quota.rounded(.up)) < allowed else {
      return ThreadCount(
        count: max(1, allowed), reason: "one for each processor that the process may use")
    }
    return ThreadCount(
      count: max(1, Int(quota.rounded(.up))),
      reason: "a control group allows the time of \(String(format: "%g", quota)) of "
        + "\(allowed) processors")
  }

  /// The processor time per second that the control groups of this process allow, the minimum over a group
  /// and its ancestors; nil if unlimited.
  ///
  /// - Parameter root: The folder that holds `proc` and `sys`.
  static func quota(root: String = "/") -> Double? {
    guard let list = systemText(root + "proc/self/cgroup") else { return nil }
    var quotas: [Double] = []
    for line in list.split(separator: "\n") {
      // number:controllers:path, in version 2 without controllers
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3 else { continue }
      let path = fields[2].split(separator: "/")
      if fields[1].isEmpty {
        for folder in ["sys/fs/cgroup", "sys/fs/cgroup/unified"] {
          quotas += groups(root + folder, path).compactMap(quotaOfVersion2)
        }
      } else if fields[1].split(separator: ",").contains("cpu") {
        for folder in ["sys/fs/cgroup/cpu", "sys/fs/cgroup/cpu,cpuacct"] {
          quotas += groups(root + folder, path).compactMap(quotaOfVersion1)
        }
      }
    }
    return quotas.min()
  }

  /// The folders of a group and its ancestors. In a container the path may be that of its host, and the
  /// group the first folder.
  private static func groups(_ folder: String, _ path: [Substring]) -> [String] {
    (0...path.count).map { ([folder] + path.prefix($0).map(String.init)).joined(separator: "/") }
  }

  private static func quotaOfVersion2(_ group: String) -> Double? {
    let fields = systemText(group + "/cpu.max")?.split(separator: " ") ?? []
    guard fields.count == 2 else { return nil }
    return ratio(Double(fields[0]), Double(fields[1]))
  }

  private static func quotaOfVersion1(_ group: String) -> Double? {
    ratio(
      systemText(group + "/cpu.cfs_quota_us").flatMap(Double.init),
      systemText(group + "/cpu.cfs_period_us").flatMap(Double.init))
  }

  private static func ratio(_ quota: Double?, _ period: Double?) -> Double? {
    guard let quota, let period, quota > 0, period > 0 else { return nil }
    return quota / period
  }
}

/// The trimmed text of a system file; nil if it cannot be read.
public func systemText(_ path: String) -> String? {
  try? String(contentsOfFile: path, encoding: .utf8)
    .trimmingCharacters(in: .whitespacesAndNewlines)
}
