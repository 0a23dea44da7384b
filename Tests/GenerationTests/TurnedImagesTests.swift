import ComputeCPU
import Datasets
import Testing

@testable import Generation

@Suite struct TurnedImagesTests {
  private let package: PackagedModel
  private let device = CPUDevice()

  init() throws { package = try .standard() }

  /// What the packaged model draws, as a data set: upright, or with rows and columns exchanged.
  private func digits(isTurned: Bool, names: [String]? = nil) throws -> ImageDataset {
    let model = try package.autoencoder(on: device)
    let generator = try package.generator(on: device)
    var images: [UInt8] = []
    for label in 0..<10 {
      let drawn = ImageDataset.bytes(
        try model.images(generator, label: label, count: 20, seed: 1).values())
      images += drawn.indices.map { place in
        guard isTurned else { return drawn[place] }
        let (start, pixel) = (place / 784 * 784, place % 784)
        return drawn[start + pixel % 28 * 28 + pixel / 28]
      }
    }
    return ImageDataset(
      name: "digits", images: images, labels: (0..<200).map { UInt8($0 / 20) },
      shape: package.image, classNames: names ?? package.classNames)
  }

  @Test func digitsOnTheirSideAreSeen() throws {
    #expect(try package.seesTurned(try digits(isTurned: true), on: device))
    #expect(try !package.seesTurned(try digits(isTurned: false), on: device))
  }

  @Test func othersAreNotJudged() throws {
    let letters = (0..<10).map { "letter\($0)" }
    #expect(try !package.seesTurned(try digits(isTurned: true, names: letters), on: device))
    let small = ImageDataset(
      name: "small", images: [UInt8](repeating: 1, count: 40 * 64),
      labels: [UInt8](repeating: 1, count: 40), shape: ImageShape(rows: 8, columns: 8),
      classNames: package.classNames)
    #expect(try !package.seesTurned(small, on: device))
  }
}
