import Autograd
import Compute
import Datasets
import ComputeCPU
import Models
import TestSupport
import Testing

@testable import Generation

@Suite struct GuidedGeneratorTests {
  private static let statistics = LatentStatistics(
    classes: (0..<10).map { _ in
      .init(mean: [1, -2], varianceOfMeans: [9, 4], meanOfVariances: [0.5, 0.1])
    })
  private static let base = SpreadGenerator(statistics, theta: 1, draws: 1)

  private let model: VariationalAutoencoder
  private let classifier: Classifier

  init() throws {
    let device = CPUDevice()
    model = try VariationalAutoencoder(
      AutoencoderShape(pixels: 64, hidden: 9, latentDimension: 2), seed: 1, on: device)
    classifier = try Classifier(ImageShape(rows: 8, columns: 8), classes: 10, seed: 2, on: device)
  }

  private func confidence(_ z: Tensor, _ label: Int) throws -> [Float] {
    let logits = try classifier.logits(try model.images(at: z))
    try model.device.softmax(logits.shape.matrix, logits.buffer, into: logits.buffer)
    let values = try logits.values()
    return stride(from: label, to: values.count, by: 10).map { values[$0] }
  }

  private func guided(_ level: Float) -> GuidedGenerator {
    GuidedGenerator(Self.base, model, by: classifier, minimumConfidence: level)
  }

  @Test func everyDrawHasTheConfidence() throws {
    let device = model.device
    let plain = try confidence(
      try Self.base.latents(label: 4, count: 500, seed: 1, on: device), 4)
    // A quarter of the draws passes it.
    let level = plain.sorted()[375]
    #expect(plain.max()! > level)
    let guided = guided(level)
    let z = try guided.latents(label: 4, count: 300, seed: 1, on: device)
    #expect(z.shape.matrix == Rows(300, 2))
    #expect(try confidence(z, 4).allSatisfy { $0 >= level })
    let values = try z.values()
    #expect(Set(values).count == 600, "no draw twice")
    #expect(abs(guided.refusedShare - 0.75) < 0.08)
    #expect(guided.drawn % 64 == 0 && guided.drawn >= 300 + guided.refused)
    // The first of many are the few, the same seed gives the same.
    let few = try self.guided(level).latents(label: 4, count: 40, seed: 1, on: device)
    #expect(try few.values() == Array(values.prefix(80)))
  }

  @Test func withoutALevelNothingIsRefused() throws {
    let guided = guided(0)
    #expect(guided.refusedShare == 0)
    let z = try guided.latents(label: 2, count: 64, seed: 3, on: model.device)
    #expect(guided.refused == 0 && guided.drawn == 64)
    let plain = try Self.base.latents(label: 2, count: 64, seed: 3, on: model.device)
    #expect(try z.values() == plain.values())
  }

  @Test func anUnreachableConfidenceIsAnError() throws {
    let guided = guided(1)
    let error = #expect(throws: GuidanceError.self) {
      try guided.latents(label: 7, count: 2, seed: 1, on: model.device)
    }
    #expect(error?.tries == 448, "the first multiple of 64 from 400 on")
    #expect(error?.description.contains("class 7: only 0 of 448 draws") == true)
    #expect(error?.description.contains("\n") == false)
    #expect(guided.refusedShare == 1)
    let named = GuidedGenerator(
      Self.base, model, by: classifier, minimumConfidence: 1,
      classNames: (0..<10).map { "name\($0)" })
    let other = #expect(throws: GuidanceError.self) {
      try named.latents(label: 7, count: 2, seed: 1, on: model.device)
    }
    #expect(other?.description.hasPrefix("class name7: ") == true)
  }
}
