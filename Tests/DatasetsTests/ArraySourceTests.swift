import Files
import Foundation
import Testing

@testable import Datasets

/// Where arrays are found, and which belong together.
@Suite struct ArraySourceTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  func problem(_ source: DatasetSource) -> String {
    do {
      _ = try Dataset.load(source)
      return "no error"
    } catch {
      #expect(error is FileError)
      #expect(!"\(error)".contains("\n"))
      return "\(error)"
    }
  }

  @Test(
    arguments: [
      (
        "emnist-letters-train-images-idx3-ubyte.gz", ArrayName.Kind.images, .training,
        "emnist-letters"
      ),
      ("train-images.idx3-ubyte", .images, .training, ""),
      ("t10k-labels-idx1-ubyte", .labels, .test, ""),
      ("qmnist-train-labels-idx2-int.gz", .labels, .training, "qmnist"),
      ("x_train", .images, .training, ""), ("Y_test", .labels, .test, ""),
      ("xtest", .images, .test, ""), ("valLabels", .labels, .validation, ""),
      ("trainX", .images, .training, ""), ("image_labels", .labels, nil, ""),
      ("target", .labels, nil, ""), ("arr_0", nil, nil, "arr-0"),
    ] as [(String, ArrayName.Kind?, ArrayName.Split?, String)])
  func readsNames(name: String, kind: ArrayName.Kind?, split: ArrayName.Split?, set: String) {
    let meaning = ArrayName(name)
    #expect(meaning.kind == kind)
    #expect(meaning.split == split)
    #expect(meaning.set == set)
  }

  @Test(arguments: [
    (
      "train-images.idx3-ubyte", "train-labels.idx1-ubyte", "t10k-images.idx3-ubyte",
      "t10k-labels.idx1-ubyte"
    ),
    (
      "a-train-images-idx3-ubyte", "a-train-labels-idx1-ubyte", "a-test-images-idx3-ubyte",
      "a-test-labels-idx1-ubyte"
    ),
    ("one training", "two training", "one test", "two test"),
  ])
  func readsIDXUnderAnyName(names: (String, String, String, String)) throws {
    for packed in [false, true] {
      let folder = try TemporaryFolder()
      func write(_ bytes: [UInt8], _ name: String) throws {
        let isNamed = name.contains("idx")
        try folder.write(
          packed ? gzip(bytes) : bytes, packed && isNamed ? "\(name).gz" : name)
      }
      try write(idx([3, 2, 2]), names.0)
      try write(idx([3], [1, 0, 1]), names.1)
      try write(idx([1, 2, 2], [9, 9, 9, 9]), names.2)
      try write(idx([1], [0]), names.3)
      try folder.write([0, 1, 2], "README")
      let data = try Dataset.load(.path(folder.path))
      #expect(data.training.images == Array(0..<12))
      #expect(data.training.labels == [1, 0, 1])
      #expect(data.test.images == [9, 9, 9, 9])
      #expect(data.test.labels == [0])
      // One of the files names them all.
      let file = try #require(try contents(of: folder.path).first { $0 != "README" })
      #expect(try Dataset.load(.path("\(folder.path)/\(file)")).test.labels == [0])
    }
  }

  @Test func readsColouredIDX() throws {
    try folder.write(idx([2, 1, 2, 3]), "train-images-idx4-ubyte")
    try folder.write(idx([2], [0, 1]), "train-labels-idx1-ubyte")
    try folder.write(idx([1, 1, 2, 3]), "test-images-idx4-ubyte")
    try folder.write(idx([1], [1]), "test-labels-idx1-ubyte")
    let data = try Dataset.load(.path(folder.path))
    #expect(data.training.shape == ImageShape(rows: 1, columns: 2, channels: 3))
    #expect(data.training.images == Array(0..<12))
  }

  @Test func readsQMNIST() throws {
    // Eight numbers for each image, of which the first is the label.
    let numbers = ([4, 9, 9, 9, 9, 9, 9, 9, 6, 0, 0, 0, 0, 0, 0, 0] as [Int32]).map(\.bigEndian)
    for split in ["train", "test"] {
      try folder.write(gzip(idx([2, 2, 2])), "qmnist-\(split)-images-idx3-ubyte.gz")
      try folder.write(
        gzip(idx([2, 8], type: 12, raw(numbers))), "qmnist-\(split)-labels-idx2-int.gz")
    }
    let data = try Dataset.load(.path(folder.path))
    #expect(data.training.labels == [0, 1])
    #expect(data.training.classNames == ["4", "6"])
  }

  @Test func saysWhatIsWrongWithIDX() throws {
    func images(_ values: [Float]) throws {
      let bytes = raw(values.map(\.bitPattern.bigEndian))
      try folder.write(idx([2, 1, 1], type: 13, bytes), "train-images-idx3-float")
    }
    try folder.write(idx([2], [0, 1]), "train-labels-idx1-ubyte")
    try images([0, 7])
    #expect(problem(.path(folder.path)).contains("at [1, 0, 0] is 7.0, outside of 0 to 255"))
    try images([0, 1])
    let data = try Dataset.load(.path(folder.path))
    #expect(Set(data.training.images + data.test.images) == [0, 255])
    try folder.write(idx([3], [0, 1, 2]), "train-labels-idx1-ubyte")
    #expect(problem(.path(folder.path)).contains("holds 3 labels for 2 images"))
    try folder.write(
      idx([2], type: 12, raw(([0, -1] as [Int32]).map(\.bigEndian))), "train-labels-idx1-ubyte")
    #expect(problem(.path(folder.path)).contains("has label -1 at [1], below 0"))
    try folder.write([], "train-labels-idx1-ubyte")
    #expect(problem(.path(folder.path)).contains("train-labels-idx1-ubyte: is empty"))
  }

  @Test func namesTheSetsOfAFolder() throws {
    for set in ["balanced", "letters"] {
      try folder.write(gzip(idx([3, 2, 2])), "emnist-\(set)-train-images-idx3-ubyte.gz")
      try folder.write(gzip(idx([3], [1, 2, 1])), "emnist-\(set)-train-labels-idx1-ubyte.gz")
      try folder.write(gzip(idx([1, 2, 2])), "emnist-\(set)-test-images-idx3-ubyte.gz")
      try folder.write(gzip(idx([1], [2])), "emnist-\(set)-test-labels-idx1-ubyte.gz")
    }
    try folder.write(Array("1 65 97\n2 66 98\n".utf8), "emnist-letters-mapping.txt")
    try folder.write(Array("1 48\n2 49\n".utf8), "emnist-balanced-mapping.txt")
    #expect(
      problem(.path(folder.path))
        == "\(folder.path): holds several sets of images: emnist-balanced, emnist-letters; name one "
        + "file, or how the names of one set begin, such as \(folder.path)/emnist-balanced")
    for name in ["emnist-letters", "emnist-letters-train-images-idx3-ubyte.gz"] {
      let data = try Dataset.load(.path("\(folder.path)/\(name)"))
      #expect(data.training.classNames == ["A/a", "B/b"])
      #expect(data.training.labels == [0, 1, 0])
      #expect(data.notes.first?.contains("lie on their side: --transpose") == true)
    }
    let upright = try Dataset.load(
      .path("\(folder.path)/emnist-balanced"), Preparation(isTransposed: true))
    #expect(upright.training.classNames == ["0", "1"])
    #expect(upright.training.images.prefix(4) == [0, 2, 1, 3])
    #expect(upright.notes == ["there are no images to judge by of 0"])
  }

  @Test func refusesOtherMappings() throws {
    func problem(_ text: String) -> String {
      do {
        _ = try CharacterMapping(Array(text.utf8), of: "m")
        return "no error"
      } catch {
        return error.description
      }
    }
    #expect(problem("0 48\n\n 10 65\r\n") == "no error")
    for text in [
      "0 48\nx 49", "0 48\n1", "0 48\n0 49", "0 48\n1 -5", "0 48\n1 55296", "0 48\n300 5",
    ] {
      #expect(problem(text).hasPrefix("m: has line 2, "), "\(text)")
    }
    #expect(problem("").contains("names no classes"))
    try folder.write(idx([3, 2, 2]), "a-train-images-idx3-ubyte")
    try folder.write(idx([3], [1, 2, 7]), "a-train-labels-idx1-ubyte")
    try folder.write(Array("1 65\n2 66\n".utf8), "a-mapping.txt")
    #expect(self.problem(.path(folder.path)).contains("doesn't name label 7, which image 2 has"))
  }

  @Test func splitsTrainingImagesAlone() throws {
    try folder.write(idx([40, 2, 2]), "train-images-idx3-ubyte")
    try folder.write(idx([40], (0..<40).map { $0 % 3 }), "train-labels-idx1-ubyte")
    let data = try Dataset.load(.path(folder.path))
    #expect(data.training.count + data.test.count == 40)
    #expect(data.notes.contains { $0.contains("a tenth of the images") })
    try folder.write([], "t10k-images-idx3-ubyte")
    #expect(problem(.path(folder.path)).contains("t10k-images-idx3-ubyte"))
  }

  @Test func refusesHalfSets() throws {
    try folder.write(idx([2], [0, 1]), "train-labels-idx1-ubyte")
    #expect(problem(.path(folder.path)).contains("holds labels (train-labels-idx1-ubyte) and no"))
    try folder.write(idx([2, 2, 2]), "train-images-idx3-ubyte")
    try folder.write(idx([2], [0, 1]), "t10k-labels-idx1-ubyte")
    #expect(problem(.path(folder.path)).contains("t10k-labels-idx1-ubyte without images"))
    try folder.write(idx([2, 2, 2]), "t10k-images-idx3-ubyte")
    #expect(problem(.path(folder.path)) == "no error")
    unlink("\(folder.path)/train-images-idx3-ubyte")
    unlink("\(folder.path)/train-labels-idx1-ubyte")
    #expect(problem(.path(folder.path)).contains("holds test images and none to learn from"))
  }

  @Test func readsArchivesAndFilesOfNumPy() throws {
    let labels = NPYArray([1, 0, 2] as [Int32], dimensions: [3, 1])
    for (train, test) in [
      (["train_images", "train_labels"], ["test_images", "test_labels"]),
      (["x_train", "y_train"], ["x_test", "y_test"]), (["arr_0", "arr_1"], ["arr_2", "arr_3"]),
    ] {
      let source = try folder.npz([
        train[0]: images(3), train[1]: labels, test[0]: images(3, from: 100), test[1]: labels,
      ])
      for source in [source, .path(folder.path)] {
        let data = try Dataset.load(source)
        #expect(data.training.images == Array(0..<12))
        #expect(data.training.labels == [1, 0, 2])
        #expect(data.test.images == Array(100..<112))
      }
    }
    for (name, array) in [
      ("x_train", images(3)), ("y_train", labels), ("X_val", images(3)), ("y_val", labels),
      ("x_test", images(3, from: 50)), ("y_test", labels),
    ] {
      try NPYFile.write(array, to: "\(folder.path)/\(name).npy")
    }
    let data = try Dataset.load(.path(folder.path))
    #expect(data.training.count == 6)
    #expect(data.test.images == Array(50..<62))
    // One file has no labels, and a tenth of it are test images.
    let bare = try Dataset.load(.path("\(folder.path)/x_test.npy"))
    #expect(bare.training.count + bare.test.count == 3)
    #expect(bare.training.classNames == [])
    #expect(bare.training.labels.allSatisfy { $0 == ImageDataset.unlabelled })
  }

  @Test func namesTheArchivesOfAFolder() throws {
    for name in ["a.npz", "b.npz"] { _ = try folder.npz(["x": images(3)], name) }
    #expect(problem(.path(folder.path)).contains("holds several sets: a.npz, b.npz; name one"))
    let source = try folder.npz(["mask": NPYArray([1] as [Float], dimensions: [1])], "c.npz")
    #expect(problem(source).contains("holds mask, none of which are images"))
  }
}
