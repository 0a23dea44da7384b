import Files
import Foundation
import Testing

@testable import Datasets

/// Data sets that are written as arrays, and read again.
@Suite struct WritingTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  func data(channels: Int, labels: [UInt8] = [0, 1, 1], names: [String] = ["a cat", "ö"]) -> Dataset
  {
    func part(_ first: UInt8) -> ImageDataset {
      let size = 6 * channels
      return ImageDataset(
        name: "n", images: (0..<3 * size).map { first + UInt8($0) }, labels: labels,
        shape: ImageShape(rows: 2, columns: 3, channels: channels), classNames: names)
    }
    return Dataset(training: part(0), test: part(60))
  }

  func expectSame(_ one: Dataset, _ other: Dataset) {
    for split in ImageDataset.Split.allCases {
      #expect(one[split].images == other[split].images)
      #expect(one[split].labels == other[split].labels)
      #expect(one[split].shape == other[split].shape)
      #expect(one[split].classNames == other[split].classNames)
    }
  }

  @Test(arguments: [1, 3])
  func readsWhatItWrites(channels: Int) throws {
    let data = data(channels: channels)
    try data.writeNPZ(to: "\(folder.path)/set.npz")
    expectSame(try Dataset.load(.path("\(folder.path)/set.npz")), data)
    let archive = try NPZFile(path: "\(folder.path)/set.npz")
    #expect(archive.names == ["train_images", "train_labels", "test_images", "test_labels"])
    #expect(try archive.array("train_labels").dimensions == [3, 1])
    #expect(try archive.classNames() == ["a cat", "ö"])

    let folder = "\(folder.path)/idx"
    try data.writeIDX(to: folder)
    expectSame(try Dataset.load(.path(folder)), data)
    let kind = channels == 1 ? "idx3" : "idx4"
    #expect(
      try readFile("\(folder)/train-images-\(kind)-ubyte").prefix(4) == [
        0, 0, 8, channels == 1 ? 3 : 4,
      ])
    // What the tool has written it may write again, and nothing else.
    try data.writeIDX(to: folder)
    unlink("\(folder)/files.json")
    #expect(throws: FileError.self) { try data.writeIDX(to: folder) }
  }

  @Test func writesImagesWithoutLabels() throws {
    let bare = data(channels: 1, labels: [255, 255, 255], names: [])
    try bare.writeNPZ(to: "\(folder.path)/set.npz")
    expectSame(try Dataset.load(.path("\(folder.path)/set.npz")), bare)
    #expect(throws: FileError.self) { try bare.writeIDX(to: "\(folder.path)/idx") }
    let half = data(channels: 1, labels: [0, 255, 1])
    #expect(throws: FileError.self) { try half.writeIDX(to: "\(folder.path)/idx") }
    #expect(throws: FileError.self) { try half.writeNPZ(to: "\(folder.path)/set.npz") }
  }

  @Test func readsNamesOfClasses() throws {
    func names(_ text: String) -> String {
      do {
        return "\(try ClassNames.read(Array(text.utf8), of: "classes.txt"))"
      } catch {
        return error.problem
      }
    }
    #expect(names("a\n b c \r\n\n") == "[\"a\", \"b c\"]")
    #expect(names("") == "names 0 classes, not 1 to 255")
    #expect(names(String(repeating: "x\n", count: 256)) == "names 256 classes, not 1 to 255")
    #expect(names("a\n\nb") == "has no name in line 2")
    #expect(names("a\nb\na") == "has the name a in line 1 and line 3")
    #expect(ClassNames.contents(["a\nb", "c"]) == Array("a b\nc\n".utf8))
  }

  func problem(_ path: String) -> String {
    do {
      _ = try Dataset.load(.path(path))
      return "no error"
    } catch {
      return "\(error)"
    }
  }

  @Test func tellsArraysFromPictures() throws {
    // An array of other things does not hide a folder of pictures.
    let set = "\(folder.path)/set"
    try makeFolder("\(set)/cats")
    try NPYFile.write(
      NPYArray([UInt8](repeating: 1, count: 32), dimensions: [2, 16]), to: "\(set)/features.npy")
    #expect(try ArraySource(path: set).load(Preparation())?.shape == nil)
    // There are none after all.
    #expect(problem(set).contains("holds the same image 2 times"))
    try NPYFile.write(images(2), to: "\(set)/images.npy")
    let raw = try ArraySource(path: set).load(Preparation())
    #expect(raw?.unsplit.labels.count == 2)
    // Nor is an archive of pictures one of arrays.
    var zip = ZIPWriter()
    zip.append("cats/1.png", [1, 2, 3], isDeflated: false)
    let path = try folder.write(zip.finished(), "cats.zip")
    #expect(try ArraySource(path: path).load(Preparation())?.shape == nil)
  }

  @Test func saysWhatAFileIsInstead() throws {
    func problem(_ bytes: [UInt8]) throws -> String {
      let path = try folder.write(bytes, "file")
      do {
        _ = try Dataset.load(.path(path))
        return "no error"
      } catch {
        return try #require(error as? FileError).problem
      }
    }
    #expect(try problem([]) == "is empty")
    #expect(try problem([0x80, 4, 1]) == "is a Python pickle, which could run any program")
    #expect(try problem([1, 2, 3]) == "is nothing that is understood (it starts with 0x010203)")
  }
}
