import Files
import Foundation
import Testing

@testable import Datasets

@Suite struct KnownDatasetTests {
  @Test func knowsItsSets() {
    #expect(KnownDataset.all.map(\.name) == ["mnist", "fashion-mnist"])
    #expect(KnownDataset(named: "mnist")?.source == .mnist)
    #expect(KnownDataset(named: "kmnist") == nil)
    #expect(
      KnownDataset.fashionMNIST.folder(["XDG_CACHE_HOME": "/c"]) == "/c/digitalis/fashion-mnist")
    for set in KnownDataset.all {
      #expect(set.files.allSatisfy { $0.sum.count == 64 })
      #expect(set.files.count == 4)
    }
  }

  @Test func takesWhatIsRightFromAMirror() throws {
    let mirror = try TemporaryFolder()
    let folder = try TemporaryFolder()
    let files = [idx([4, 2, 2]), idx([4], [0, 1, 2, 3])]
    let names = ["t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"]
    let set = KnownDataset(
      .fashionMNIST, title: "Four images",
      files: zip(names, files).map { KnownDataset.File(name: $0, sum: sha256($1)) },
      mirrors: [], package: nil, advice: "give up")
    for (name, contents) in zip(names, files) {
      try mirror.write(gzip(contents), "\(name).gz")
    }
    var lines: [String] = []
    func fetch() throws {
      lines = []
      try set.fetch(into: folder.path, mirrors: ["file:///nowhere", "file://\(mirror.path)"]) {
        lines.append($0)
      }
    }
    try fetch()
    #expect(lines.first == "passed over file:///nowhere")
    #expect(lines.last == "Four images is complete in \(folder.path)")
    #expect(lines.count { $0.hasSuffix(", SHA-256 right") } == 2)
    // A file that is wrong is fetched again, and those that are right are kept.
    try folder.write(gzip([1, 2, 3]), "t10k-labels-idx1-ubyte.gz")
    try fetch()
    #expect(lines.count { $0.hasSuffix("already there, SHA-256 right") } == 1)
    #expect(set.missing(in: folder.path).isEmpty)
    // A file that is wrong is not taken.
    try mirror.write(gzip([1, 2, 3]), "t10k-labels-idx1-ubyte.gz")
    unlink("\(folder.path)/t10k-labels-idx1-ubyte.gz")
    let error = #expect(throws: FileError.self) { try fetch() }
    #expect(
      error?.description.contains(
        "no source gave t10k-labels-idx1-ubyte; try again later, or give up") == true)
    #expect(lines.contains { $0.contains("has the wrong SHA-256, not taken") })
    #expect(set.missing(in: folder.path).map(\.name) == ["t10k-labels-idx1-ubyte"])
    #expect(try contents(of: folder.path).allSatisfy { $0.hasSuffix(".gz") })
  }
}
