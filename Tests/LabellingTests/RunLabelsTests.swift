import Compute
import Datasets
import Files
import Foundation
import Models
import NeuralNetwork
import TestSupport
import Testing

@testable import Labelling

private let training = ImageDataset(
  name: "tiny", images: Array(0..<24), labels: [1, 0, 1, 255, 2, 0],
  shape: ImageShape(rows: 2, columns: 2), classNames: ["ant", "bee", "cat"])

@Suite struct RunLabelsTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private func labels(_ entries: [RunLabels.Entry], _ names: [String]) -> RunLabels {
    RunLabels(classNames: names, entries: entries, source: "a test")
  }

  @Test func comeBackFromAFile() throws {
    var labels = labels(
      [.init(image: 1, label: 0), .init(image: 4, label: 1, certainty: 0.25)], ["a", "b, \"c\""])
    try labels.save(to: folder["labels"])
    #expect(try RunLabels(from: folder["labels"]) == labels)
    labels.extra = [1, 2, 3, 255]
    labels.origin = "00ff"
    try labels.save(to: folder["labels"])
    #expect(try RunLabels(from: folder["labels"]) == labels)
  }

  @Test func filesThatAreNone() throws {
    let path = folder["labels"]
    func problem(_ arrays: [NamedArray], _ metadata: [String: String]) throws -> String {
      try SafeTensors.write(arrays, metadata: metadata, to: path)
      let error = #expect(throws: FileError.self) { _ = try RunLabels(from: path) }
      return try #require(error).description
    }
    func arrays(_ images: [Float], _ labels: [Float], _ certainties: [Float]) -> [NamedArray] {
      [
        NamedArray("images", [images.count], images), NamedArray("labels", [labels.count], labels),
        NamedArray("certainties", [certainties.count], certainties),
      ]
    }
    let names = ["classNames": "[\"a\",\"b\"]"]
    #expect(try problem(arrays([0], [0], [-1]), [:]).contains("no names of classes"))
    #expect(
      try problem(arrays([0], [0], [-1]), ["classNames": "[\"a\",\"a\"]"]).contains("no names"))
    #expect(try problem([], names).contains("has no images"))
    #expect(try problem(arrays([0], [2], [-1]), names).contains("labels, or one out of range"))
    #expect(try problem(arrays([-1], [1], [-1]), names).contains("images, or one out of range"))
    _ = try problem(arrays([.nan], [1], [-1]), names)
    #expect(try problem(arrays([0], [1], [2]), names).contains("certainties, or one out of range"))
    #expect(try problem(arrays([0, 1], [1], [-1]), names).contains("1 labels for 2 images"))
  }

  @Test func thoseOfADataSet() {
    let labels = RunLabels(of: training)
    #expect(labels.classNames == ["ant", "bee", "cat"])
    #expect(labels.entries.map(\.image) == [0, 1, 2, 4, 5])
    #expect(labels.entries.map(\.label) == [1, 0, 1, 2, 0])
    let images = labels.images(of: training)
    #expect(images.images == Array(0..<12) + Array(16..<24) && images.labels == [1, 0, 1, 2, 0])
  }

  @Test func chosenByChance() throws {
    let blobs = Blobs.dataset(300, side: 6)
    let chosen = try RunLabels.choosing(3, ofEachClassOf: blobs, seed: 4)
    #expect(chosen.counts(of: chosen.given) == [Int](repeating: 3, count: 10))
    #expect(chosen.entries.allSatisfy { Int(blobs.labels[$0.image]) == $0.label })
    #expect(try RunLabels.choosing(3, ofEachClassOf: blobs, seed: 4) == chosen)
    #expect(try RunLabels.choosing(3, ofEachClassOf: blobs, seed: 5).entries != chosen.entries)
    let error = #expect(throws: FileError.self) {
      _ = try RunLabels.choosing(2, ofEachClassOf: training, seed: 1)
    }
    #expect(error?.description.contains("1 images of class cat") == true)
  }

  @Test func readFromATable() throws {
    let path = folder["table.csv"]
    try writeAtomically("number,image,label\n1,4,dog\n2,0,\n3,2,\"ant\"\n", to: path)
    var labels = RunLabels(for: training)
    #expect(try labels.add(table: path, to: training) == 1)
    #expect(labels.classNames == ["ant", "dog"], "those of the data set come first")
    #expect(labels.entries == [.init(image: 2, label: 0), .init(image: 4, label: 1)])
    // More labels join, a new one takes an old one's place, and what was found goes.
    labels.entries.append(.init(image: 5, label: 1, certainty: 0.9))
    try writeAtomically("label\timage\nbee\t4\n", to: path)
    #expect(try labels.add(table: path, to: training) == 0)
    #expect(labels.classNames == ["ant", "bee"])
    #expect(labels.entries == [.init(image: 2, label: 0), .init(image: 4, label: 1)])
  }

  @Test(arguments: [
    ("", "no columns image and label"), ("file,label\n1,a", "no columns image and label"),
    ("image,label\n6,a", "line 2: image 6 is none of 0 to 5"),
    ("image,label\n-1,a", "image -1"), ("image,label\nx,a", "image x"),
    ("image,label\n1,a\n\n1,b", "line 4: image 1 is labelled a and b"),
    ("image,label\n1", "line 2: has 1 values instead of 2"), ("image,label\n1,", "holds no label"),
    ("image,label\n1,\"a", "table.csv"),
  ])
  func tablesThatAreNone(_ text: String, _ problem: String) throws {
    try writeAtomically(text, to: folder["table.csv"])
    var labels = RunLabels(for: training)
    let error = #expect(throws: FileError.self) {
      _ = try labels.add(table: folder["table.csv"], to: training)
    }
    #expect(error?.description.contains(problem) == true, "\(error?.description ?? "")")
    #expect(labels == RunLabels(for: training))
  }

  @Test func picturesAreFoundAmongTheImages() {
    let pictures = ImageDataset(
      name: "pictures", images: [8, 9, 10, 11, 7, 7, 7, 7, 7, 7, 7, 7], labels: [0, 1, 1],
      shape: training.shape, classNames: ["eel", "bee"])
    var labels = RunLabels(for: training)
    labels.add(pictures, to: training, from: "pictures")
    #expect(labels.classNames == ["bee", "eel"])
    #expect(labels.entries == [.init(image: 2, label: 1), .init(image: 6, label: 0)])
    #expect(labels.extra == [7, 7, 7, 7], "the same picture twice is one")
    let images = labels.images(of: training)
    #expect(images.images == [8, 9, 10, 11, 7, 7, 7, 7] && images.labels == [1, 0])
  }
}
