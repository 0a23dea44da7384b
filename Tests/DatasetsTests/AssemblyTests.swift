import Files
import Foundation
import Testing

@testable import Datasets

@Suite struct AssemblyTests {
  /// Images of one pixel, with their labels.
  func raw(_ pixels: [UInt8], _ labels: [Int?]) -> RawDataset {
    var raw = RawDataset(shape: ImageShape(rows: 1, columns: 1))
    raw.unsplit = RawDataset.Part(images: pixels, labels: labels)
    return raw
  }

  func problem(_ raw: RawDataset) -> String {
    do {
      _ = try raw.assembled(name: "n", of: "p")
      return "no error"
    } catch {
      return "\(error)"
    }
  }

  @Test func splitsByContentInAnyOrder() throws {
    let pixels = (0..<200).map { UInt8($0) }
    let data = try raw(pixels, pixels.map { Int($0) % 7 }).assembled(name: "n", of: "p")
    #expect((10...30).contains(data.test.count))
    let mixed = pixels.shuffled()
    let again = try raw(mixed, mixed.map { Int($0) % 7 }).assembled(name: "n", of: "p")
    #expect(Set(again.test.images) == Set(data.test.images))
    #expect(again.training.images == mixed.filter { !data.test.images.contains($0) })
    for part in [data.training, data.test, again.training, again.test] {
      #expect(zip(part.images, part.labels).allSatisfy { $0 % 7 == $1 })
    }
    // The same image is never on both sides, and a hash never changes.
    let twice = try raw(pixels + pixels, (pixels + pixels).map { Int($0) % 7 })
      .assembled(name: "n", of: "p")
    #expect(twice.test.images == data.test.images + data.test.images)
    #expect(
      contentHashes([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], size: 10) == [16_958_463_672_080_736_246])
  }

  @Test func splitsTheFewest() throws {
    for count in 2..<30 {
      let pixels = (0..<count).map { UInt8($0 * 3) }
      let data = try raw(pixels, pixels.map { _ in nil }).assembled(name: "n", of: "p")
      #expect(data.training.count > 0 && data.test.count > 0)
      #expect(data.training.count + data.test.count == count)
      #expect(Set(data.training.images + data.test.images) == Set(pixels))
    }
    #expect(problem(raw([], [])).contains("p: holds no images"))
    #expect(problem(raw([7], [0])).contains("p: holds one image; "))
    #expect(problem(raw([7, 7, 7], [0, 1, 2])).contains("p: holds the same image 3 times; "))
  }

  @Test func keepsTestAndTrainingImagesOfEveryClass() throws {
    // Twelve images each of twenty classes: of some none is in the tenth.
    let pixels = (0..<240).map { UInt8($0) }
    let plain = Set(
      pixels.filter { contentHashes([$0], size: 1)[0] % 10 == 0 })
    #expect((0..<20).contains { label in plain.count { Int($0) % 20 == label } < 2 })
    let data = try raw(pixels, pixels.map { Int($0) % 20 }).assembled(name: "n", of: "p")
    for label in 0..<20 {
      #expect(data.test.labels.count { $0 == label } >= 2)
      #expect(data.training.labels.count { $0 == label } >= 9)
    }
    #expect(plain.isSubset(of: data.test.images), "the tenth itself stays")
    // Of a class of one image this is to be learned from, and never tears twins apart.
    let lonely = pixels.first { contentHashes([$0], size: 1)[0] % 10 == 0 }!
    let few = try raw(pixels + [lonely], (pixels + [lonely]).map { $0 == lonely ? 1 : 0 })
      .assembled(name: "n", of: "p")
    #expect(!few.test.labels.contains(1) && few.training.labels.count { $0 == 1 } == 2)
  }

  @Test func namesClasses() throws {
    let data = try raw([1, 2, 3, 4], [9, 4, nil, 9]).assembled(name: "n", of: "p")
    #expect(data.training.classNames == ["4", "9"])
    let all = zip(data.training.images + data.test.images, data.training.labels + data.test.labels)
    #expect(Dictionary(uniqueKeysWithValues: all.map { ($0, $1) }) == [1: 1, 2: 0, 3: 255, 4: 1])
    var named = raw([1, 2, 3], [0, 1, 2])
    named.classNames = ["a", "b"]
    #expect(problem(named).contains("has label 2, and names for 2 classes"))
    let many = (0..<256).map { Int?($0) }
    #expect(problem(raw((0...255).map { $0 }, many)).contains("has 256 classes, more than 255"))
  }

  @Test func notesWhatIsOdd() throws {
    let one = try raw([1, 2, 3], [5, 5, 5]).assembled(name: "n", of: "p")
    #expect(one.notes.contains("all images are of the class 5"))
    var parts = RawDataset(shape: ImageShape(rows: 1, columns: 1))
    parts.training = RawDataset.Part(images: [1, 2], labels: [0, 1])
    parts.test = RawDataset.Part(images: [3], labels: [2])
    #expect(
      try parts.assembled(name: "n", of: "p").notes == [
        "there are no images to learn from of 2", "there are no images to judge by of 0, 1",
      ])
  }
}
