import Foundation
import Testing

@testable import ComputeCPU

@Suite struct ProcessorsTests {
  /// A made-up `/proc/self/cgroup` and the files of control groups.
  private func quota(_ groups: String, _ files: [String: String]) throws -> Double? {
    let root = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: root) }
    for (path, text) in files.merging(["proc/self/cgroup": groups], uniquingKeysWith: { $1 }) {
      let url = root.appending(path: path)
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data((text + "\n").utf8).write(to: url)
    }
    return Processors.quota(root: root.path + "/")
  }

  @Test func version2() throws {
    #expect(try quota("0::/", [:]) == nil)
    #expect(try quota("0::/a/b", ["sys/fs/cgroup/a/b/cpu.max": "max 100000"]) == nil)
    #expect(try quota("0::/a/b", ["sys/fs/cgroup/a/b/cpu.max": "150000 100000"]) == 1.5)
    // A group above may allow less.
    #expect(
      try quota(
        "0::/a/b",
        ["sys/fs/cgroup/a/b/cpu.max": "400000 100000", "sys/fs/cgroup/a/cpu.max": "200000 100000"])
        == 2)
    // In a container, the group is the first folder.
    #expect(try quota("0::/../x", ["sys/fs/cgroup/cpu.max": "50000 100000"]) == 0.5)
  }

  @Test func version1() throws {
    let folder = "sys/fs/cgroup/cpu,cpuacct/docker/x/"
    let groups = "5:memory:/docker/x\n4:cpu,cpuacct:/docker/x\n1:name=systemd:/docker/x"
    func files(_ quota: String) -> [String: String] {
      [folder + "cpu.cfs_quota_us": quota, folder + "cpu.cfs_period_us": "100000"]
    }
    #expect(try quota(groups, files("-1")) == nil)
    #expect(try quota(groups, files("300000")) == 3)
    #expect(try quota(groups, files("nonsense")) == nil)
  }

  @Test func atLeastOneAndAtMostAll() {
    #expect((1...ProcessInfo.processInfo.activeProcessorCount).contains(Processors.available))
  }
}
