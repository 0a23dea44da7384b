import Foundation
import Testing

@testable import Threads

@Suite struct ProcessorsTests {
  /// A made-up `/proc/self/cgroup` and the files of control groups.
  private func quota(_ groups: String, _ files: [String: String]) throws -> Double? {
    try withRoot(files.merging(["proc/self/cgroup": groups]) { $1 }) { Processors.quota(root: $0) }
  }

  private func affinity(_ list: String) throws -> Int? {
    let text = "Name:\tdigitalis\nCpus_allowed:\tff\nCpus_allowed_list:\t\(list)\nMems_allowed:\t1"
    return try withRoot(["proc/self/status": text]) { Processors.affinity(root: $0) }
  }

  private func withRoot<Result>(
    _ files: [String: String], _ body: (String) throws -> Result
  ) throws -> Result {
    let root = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: root) }
    for (path, text) in files {
      let url = root.appending(path: path)
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data((text + "\n").utf8).write(to: url)
    }
    return try body(root.path + "/")
  }

  @Test func affinities() throws {
    #expect(try affinity("0") == 1)
    #expect(try affinity("0-3,8,10-11") == 7)
    #expect(try affinity("") == nil)
    #expect(try affinity("3-1") == nil)
    #expect(try affinity("nonsense") == nil)
    #expect(try withRoot([:]) { Processors.affinity(root: $0) } == nil)
    #expect(Processors.affinity() != nil)
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
    #expect((1...ProcessInfo.processInfo.activeProcessorCount).contains(Processors.threads.count))
  }

  @Test func theReasonIsNamed() {
    func text(_ allowed: Int, _ quota: Double?) -> String {
      Processors.threads(allowed: allowed, quota: quota).description
    }
    let all = "one for each processor that the process may use"
    #expect(text(4, nil) == "4 threads: \(all)")
    #expect(text(1, 3) == "1 thread: \(all)")
    #expect(text(4, 1.5) == "2 threads: a control group allows the time of 1.5 of 4 processors")
    #expect(text(4, 0.1).hasPrefix("1 thread: a control group allows the time of 0.1 of 4"))
    let wanted = Processors.threads(allowed: 4, quota: nil)
    #expect(wanted.made(4) == wanted)
    #expect(wanted.made(1).description.hasPrefix("1 thread: the system gives no more of the 4"))
  }
}
