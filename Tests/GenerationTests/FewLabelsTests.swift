import Compute
import ComputeCPU
import Datasets
import Files
import Models
import NeuralNetwork
import TestSupport
import Testing

@testable import Generation

/// Classes of few images.
@Suite struct FewLabelsTests {
  private static func moments(_ variance: Float, _ own: Float) -> LatentStatistics.ClassMoments {
    .init(mean: [1, 2], varianceOfMeans: [variance, 0], meanOfVariances: [own, 1])
  }

  /// The formulas by hand, with D = 2: the prior of all images counts for two.
  @Test func shrinkageByHand() {
    let (first, second) = (Self.moments(4, 1), Self.moments(10, 3))
    let shrinkage = Shrinkage(of: [first, second], counts: [5, 3], overall: Self.moments(20, 2))
    let result = shrinkage(first, count: 5)
    // Pooled: (2·20 + 5·4 + 3·10) / (2 + 8 − 2) and (2·2 + 5·1 + 3·3) / (2 + 8).
    let (pooled, variances) = (Float(90) / 8, Float(18) / 10)
    #expect(result.mean == [1, 2])
    #expect(abs(result.covarianceOfMeans[0] - (5 * 4 + 10 * pooled) / 14) < 1e-5)
    #expect(result.covarianceOfMeans[1...] == [0, 0, 0])
    #expect(abs(result.meanOfVariances[0] - (5 * 1 + 10 * variances) / 15) < 1e-5)
  }

  @Test func oneImageHasTheSpreadOfTheOthers() {
    let shrinkage = Shrinkage(of: [Self.moments(0, 1)], counts: [1], overall: Self.moments(6, 1))
    #expect(shrinkage(Self.moments(0, 1), count: 1).covarianceOfMeans[0] == 6)
  }

  @Test func onlyClassesOfFewImagesBorrow() throws {
    let model = try VariationalAutoencoder(
      AutoencoderShape(pixels: 36, hidden: 17, latentDimension: 3), seed: 1, on: CPUDevice())
    let all = Blobs.dataset(1100, side: 6)
    let plain = try LatentStatistics(of: all, under: model)
    // Class 3 with four images, the others as they were.
    var seen = 0
    let some = all.selecting(
      all.labels.indices.filter { index in
        guard all.labels[index] == 3 else { return true }
        seen += 1
        return seen <= 4
      }.map(Int32.init))
    let statistics = try LatentStatistics(of: some, among: all, under: model)
    for label in 0..<10 where label != 3 {
      #expect(statistics.classes[label] == plain.classes[label])
    }
    let four = some.selecting(some.indices(label: 3))
    let own = try LatentSums.byClass(of: four, under: model)[3].moments
    #expect(statistics.classes[3].mean == own.mean)
    #expect(statistics.classes[3].covarianceOfMeans != own.covarianceOfMeans)
    #expect(statistics.classes[3].varianceOfMeans.allSatisfy { $0 > 0 })
  }

  @Test func examplesAreAClass() throws {
    let model = try VariationalAutoencoder(
      AutoencoderShape(pixels: 36, hidden: 17, latentDimension: 3), seed: 1, on: CPUDevice())
    let all = Blobs.dataset(400, side: 6)
    let others = try LatentStatistics(of: all, under: model).classes
    let examples = all.selecting([5])
    for beside in [others, []] {
      let statistics = try LatentStatistics(
        ofExamples: examples, beside: beside, among: all, under: model)
      #expect(statistics.classes.count == 1)
      #expect(
        statistics.classes[0].mean
          == (try LatentSums.byClass(of: examples, under: model)[5].moments.mean))
      #expect(statistics.classes[0].varianceOfMeans.allSatisfy { $0 > 0 })
    }
  }

  @Test func aKernelOfFew() throws {
    let moments = LatentStatistics.ClassMoments(
      mean: [1, 1], varianceOfMeans: [3, 8], meanOfVariances: [1, 1])
    let kernel = FittedGenerator.kernel(ofFew: [0, 0, 2, 2], moments)
    #expect(kernel.weights == [0.5, 0.5] && kernel.centers == [0, 0, 2, 2])
    let bandwidth = Float(KernelBandwidth.scott(count: 2, dimension: 2))
    #expect(abs(kernel.factors[0] - 2 * bandwidth) < 1e-5)
    #expect(abs(kernel.factors[3] - 3 * bandwidth) < 1e-5)
    let one = FittedGenerator.kernel(ofFew: [5, 6], moments)
    #expect(one.factors[0] == 2, "one image has the spread of its class")
  }

  @Test func thinnedKernelsKeepTheirShape() {
    let own = FittedGenerator.ClassDistribution(
      mean: [0], weights: [0.25, 0.25, 0.25, 0.25], centers: [1, 2, 3, 4], factors: [0.5], note: "")
    let thin = FittedGenerator(.kernel, [own], theta: [0.7]).thinned(to: 2)
    #expect(thin.classes[0].centers == [1, 2] && thin.classes[0].weights == [0.5, 0.5])
    #expect(thin.theta == [0.7] && thin.classes[0].factors == [0.5])
    #expect(FittedGenerator(.kernel, [own], theta: [1]).thinned(to: 9).classes == [own])
  }
}
