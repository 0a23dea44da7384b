import Files
import Foundation
import Testing

@testable import Datasets

@Suite struct ImageDatasetTests {
  let folder: TemporaryFolder
  let images = idx([4, 2, 3])
  let labels = idx([4], [7, 0, 9, 7])

  init() throws { folder = try TemporaryFolder() }

  /// Loads the training split and returns the error's line.
  func problem(_ source: DatasetSource, environment: [String: String] = [:]) throws -> String {
    let error = #expect(throws: FileError.self) {
      try Dataset.load(source, environment: environment)
    }
    let text = try #require(error).description
    #expect(!text.contains("\n"))
    return text
  }

  @Test(arguments: ImageDataset.Split.allCases, [false, true])
  func loadsFolder(split: ImageDataset.Split, packed: Bool) throws {
    let source = try folder.dataset(images: images, labels: labels, packed: packed)
    let data = try ImageDataset.load(source, split: split)
    #expect(data.name == folder.path)
    #expect((data.count, data.rows, data.columns, data.pixels) == (4, 2, 3, 6))
    #expect(data.images == Array(0..<24))
    #expect(data.labels == [7, 0, 9, 7])
  }

  @Test func selectsByLabel() throws {
    let source = try folder.dataset(images: images, labels: labels)
    let data = try ImageDataset.load(source, split: .train)
    #expect(data.indices(label: 7) == [0, 3])
    #expect(data.indices(label: 1) == [])
    #expect(data.indicesByLabel() == (0..<10).map { data.indices(label: $0) })
    let sevens = data.selecting(data.indices(label: 7))
    #expect(sevens.images == Array(0..<6) + Array(18..<24))
    #expect(sevens.labels == [7, 7])
  }

  @Test func namesSources() {
    #expect(DatasetSource("mnist") == .mnist)
    #expect(DatasetSource("fashion-mnist") == .fashionMNIST)
    #expect(DatasetSource("./mnist") == .path("./mnist"))
    for source in [DatasetSource.mnist, .fashionMNIST, .path("a b")] {
      #expect(DatasetSource(source.description) == source)
    }
  }

  @Test func looksWhereTheEnvironmentSays() throws {
    let cached = ["XDG_CACHE_HOME": "/c", "HOME": "/h"]
    #expect(DatasetSource.mnist.folders(environment: cached) == ["/c/digitalis/mnist"])
    let home = ["XDG_CACHE_HOME": "", "HOME": "/h"]
    #expect(DatasetSource.mnist.folders(environment: home) == ["/h/.cache/digitalis/mnist"])
    let fashion = DatasetSource.fashionMNIST.folders(environment: home)
    #expect(fashion.first == "/h/.cache/digitalis/fashion-mnist")

    let cache = "\(folder.path)/digitalis/mnist"
    try makeFolder(cache)
    for prefix in ["train", "t10k"] {
      try writeAtomically(images, to: "\(cache)/\(prefix)-images-idx3-ubyte")
      try writeAtomically(gzip(labels), to: "\(cache)/\(prefix)-labels-idx1-ubyte.gz")
    }
    let data = try Dataset.load("mnist", environment: ["XDG_CACHE_HOME": folder.path])
    #expect(data.test.name == "mnist")
    #expect(data.test.count == 4)
    #expect(data.test.classNames == (0..<10).map(String.init))
  }

  @Test func saysWhatIsMissing() throws {
    let nowhere = ["XDG_CACHE_HOME": "/nowhere"]
    #expect(
      try problem(.mnist, environment: nowhere)
        == "/nowhere/digitalis/mnist: no such folder; run digitalis data fetch mnist")
    #expect(try problem("/nowhere").hasPrefix("/nowhere: no such file or folder; give IDX files"))
    #expect(
      try problem(.path(folder.path)).hasPrefix(
        "\(folder.path): holds no images: no files; give IDX"))
    try folder.write([1, 2, 3], "notes.txt")
    try makeFolder("\(folder.path)/one")
    #expect(
      try problem(.path(folder.path)).contains(": holds no images: 1 .txt file; give IDX files"))
    let images = try folder.write(images, "train-images-idx3-ubyte")
    #expect(
      try problem(.path(folder.path)).hasPrefix(
        "\(images): train-labels-idx1-ubyte[.gz] is not beside it; "))
  }

  @Test func refusesLabelsThatAreNotDigitsInMNIST() throws {
    let cache = "\(folder.path)/digitalis/mnist"
    try makeFolder(cache)
    for prefix in ["train", "t10k"] {
      try writeAtomically(images, to: "\(cache)/\(prefix)-images-idx3-ubyte")
      try writeAtomically(
        idx([4], [7, 0, 10, 255]), to: "\(cache)/\(prefix)-labels-idx1-ubyte")
    }
    #expect(
      try problem(.mnist, environment: ["XDG_CACHE_HOME": folder.path])
        == "\(cache)/train-labels-idx1-ubyte: label 2 is 10, above 9; run digitalis data fetch mnist"
    )
  }

  @Test func refusesTheLabelThatMeansNone() throws {
    let source = try folder.dataset(images: images, labels: idx([4], [7, 0, 10, 255]))
    #expect(
      try problem(source)
        == "\(folder.path)/train-labels-idx1-ubyte: has label 255 at [3], above 254; "
        + "number the classes from 0 to 254")
  }

  @Test func refusesCountsThatDiffer() throws {
    let source = try folder.dataset(images: images, labels: idx([3], [1, 2, 3]))
    #expect(try problem(source).contains("train-labels-idx1-ubyte: holds 3 labels for 4 images; "))
  }

  @Test(arguments: [[0, 2, 3], [4, 0, 3], [4, 2, 0]] as [[UInt32]])
  func refusesNoPixels(dimensions: [UInt32]) throws {
    let source = try folder.dataset(images: idx(dimensions), labels: idx([dimensions[0]]))
    #expect(try problem(source).contains("train-images-idx3-ubyte: holds no pixels ("))
  }

  @Test func tellsSwappedFilesApart() throws {
    let source = try folder.dataset(images: labels, labels: images)
    let data = try Dataset.load(source)
    #expect(data.training.images == Array(0..<24))
    #expect(data.training.labels == [1, 0, 2, 1])
    #expect(data.training.classNames == ["0", "7", "9"])
  }

  @Test func sendsBrokenMNISTBackToItsTool() throws {
    let cache = "\(folder.path)/digitalis/mnist"
    try makeFolder(cache)
    try writeAtomically(Array(gzip(images).dropLast(9)), to: "\(cache)/train-images-idx3-ubyte.gz")
    try writeAtomically(labels, to: "\(cache)/train-labels-idx1-ubyte")
    let text = try problem(.mnist, environment: ["XDG_CACHE_HOME": folder.path])
    #expect(text.contains("gzip data is truncated"))
    #expect(text.hasSuffix("; run digitalis data fetch mnist"))
  }

  @Test(.enabled(if: hasMNIST, "run digitalis data fetch mnist"))
  func loadsMNIST() throws {
    let train = try ImageDataset.load("mnist", split: .train)
    #expect((train.count, train.rows, train.columns) == (60_000, 28, 28))
    #expect(train.labels.prefix(10) == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4])
    #expect(train.indicesByLabel().map(\.count)[0...1] == [5923, 6742])
    let test = try ImageDataset.load("mnist", split: .test)
    #expect((test.count, test.rows, test.columns) == (10_000, 28, 28))
    #expect(test.labels.prefix(5) == [7, 2, 1, 0, 4])
  }

  @Test(.enabled(if: hasFashionMNIST, "install the package dataset-fashion-mnist"))
  func loadsFashionMNIST() throws {
    let test = try ImageDataset.load("fashion-mnist", split: .test)
    #expect((test.count, test.rows, test.columns) == (10_000, 28, 28))
    #expect(test.indicesByLabel().allSatisfy { $0.count == 1000 })
  }
}
