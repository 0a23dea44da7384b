import Compute
import Conformance
import Testing

/// The oracle is right: values worked out by hand, and gradients as slopes of the forward formula.
@Suite struct OracleTests {
  /// Compares `gradient` with the central differences of `f` at `x`.
  private func expectSlopes(
    _ gradient: [Measured], of f: ([Float]) -> Double, at x: [Float],
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    for i in x.indices {
      var (above, below) = (x, x)
      above[i] += 0x1p-8
      below[i] -= 0x1p-8
      let slope = (f(above) - f(below)) / Double(above[i] - below[i])
      #expect(
        abs(slope - gradient[i].value) < 1e-4 * (1 + gradient[i].scale), "element \(i)",
        sourceLocation: sourceLocation)
    }
  }

  /// `Σ w·values`, whose gradient a device computes from the output gradient `w`.
  private func weighted(_ values: [Measured], _ weights: [Float]) -> Double {
    zip(values, weights).reduce(0) { $0 + $1.0.value * Double($1.1) }
  }

  @Test(arguments: UnaryFunction.allCases)
  func mapGradient(_ function: UnaryFunction) {
    var random = HostRandom()
    // Below 0 some have no value.
    let shift: Float = UnaryFunction.activations.contains(function) ? -3 : 1
    let (x, w) = (random.floats(9, in: 0.1...2).map { $0 + shift }, random.floats(9))
    let y = x.map { Float(Oracle.value(function, Double($0))) }
    expectSlopes(
      Oracle.mapGradient(
        function, at: function.derivesFromInput ? x : y, outputGradient: w, old: nil),
      of: { weighted(Oracle.map(function, $0), w) }, at: x)
  }

  @Test func crossEntropyGradient() {
    var random = HostRandom()
    let shape = Rows(3, 4)
    let (l, x) = (random.floats(12, in: -3...3), random.floats(12, in: 0...1))
    let w = random.floats(3)
    expectSlopes(
      Oracle.binaryCrossEntropyGradient(shape, logits: l, targets: x, lossGradient: w, old: nil),
      of: { weighted(Oracle.binaryCrossEntropy(shape, logits: $0, targets: x), w) }, at: l)
  }

  @Test func latentGradients() {
    var random = HostRandom()
    let shape = Rows(3, 4)
    let (p, noise) = (random.floats(24), random.floats(12))
    let (dz, dkl) = (random.floats(12), random.floats(3))
    expectSlopes(
      Oracle.reparameterizeGradient(
        shape, parameters: p, noise: noise, outputGradient: dz, old: nil),
      of: { weighted(Oracle.reparameterize(shape, parameters: $0, noise: noise), dz) }, at: p)
    expectSlopes(
      Oracle.gaussianDivergenceGradient(shape, parameters: p, divergenceGradient: dkl, old: nil),
      of: { weighted(Oracle.gaussianDivergence(shape, parameters: $0), dkl) }, at: p)
  }

  @Test func kernelDiscrepancyGradient() {
    var random = HostRandom()
    let shape = KernelDiscrepancy(count: 4, dimension: 3, width: 3)
    let (x, y, w) = (random.floats(12), random.floats(12), random.floats(4))
    expectSlopes(
      Oracle.kernelDiscrepancyGradient(shape, x, y, termGradient: w, old: nil),
      of: { weighted(Oracle.kernelDiscrepancy(shape, $0, y), w) }, at: x)
  }

  @Test func matmulByHand() {
    let (a, b): ([Float], [Float]) = ([1, 2, 3, 4, 5, 6], [1, 0, -1, 2, 1, 1])
    let product = Oracle.matmul(Matmul(m: 2, n: 2, k: 3), a, b, bias: [10, 20], old: [1, 1, 1, 1])
    #expect(product.map(\.value) == [13, 28, 16, 37])
    #expect(product[0].scale == 1 + 2 + 3 + 1 + 10)
    let transposed = Matmul(m: 3, n: 3, k: 2, transposeA: true, transposeB: true)
    #expect(
      Oracle.matmul(transposed, a, b, bias: nil, old: nil).map(\.value)
        == [1, 7, 5, 2, 8, 7, 3, 9, 9])
  }

  @Test func convolutionGradients() {
    var random = HostRandom()
    let shape = Convolution(
      batch: 2, height: 4, width: 5, inputChannels: 2, outputChannels: 3, size: 2)
    let (x, w) = (random.floats(shape.inputCount), random.floats(shape.weightCount))
    let dy = random.floats(shape.outputCount)
    expectSlopes(
      Oracle.conv2dInputGradient(shape, weights: w, outputGradient: dy, old: nil),
      of: { weighted(Oracle.conv2d(shape, $0, weights: w, bias: nil), dy) }, at: x)
    expectSlopes(
      Oracle.conv2dWeightGradient(shape, x, outputGradient: dy, old: nil),
      of: { weighted(Oracle.conv2d(shape, x, weights: $0, bias: nil), dy) }, at: w)
  }

  @Test func poolGradient() {
    var random = HostRandom()
    let shape = Pooling(batch: 2, height: 5, width: 7, channels: 2)
    // Numbers 1/16 apart in a random order, so that no step changes which is the greatest.
    let permutation = Permutation(count: 140, stream: RandomStream(seed: 1, purpose: 0))
    let x = (0..<140).map { Float(permutation($0)) / 16 }
    let dy = random.floats(shape.outputCount)
    expectSlopes(
      Oracle.poolGradient(shape, x, outputGradient: dy, old: nil),
      of: { weighted(Oracle.pool(shape, $0.map { Measured($0) }), dy) }, at: x)
  }

  @Test func softmaxCrossEntropyGradient() {
    var random = HostRandom()
    let shape = Rows(3, 4)
    let (l, w) = (random.floats(12, in: -3...3), random.floats(3))
    let labels = random.integers(3, below: 4)
    expectSlopes(
      Oracle.softmaxCrossEntropyGradient(
        shape, logits: l, labels: labels, lossGradient: w, old: nil),
      of: { weighted(Oracle.softmaxCrossEntropy(shape, logits: $0, labels: labels), w) }, at: l)
  }

  @Test func convolutionByHand() {
    let shape = Convolution(
      batch: 1, height: 2, width: 3, inputChannels: 1, outputChannels: 2, size: 2,
      activation: .relu)
    // The second kernel is the last pixel minus the first.
    let y = Oracle.conv2d(
      shape, [1, 2, 3, 4, 5, 6], weights: [1, -1, 10, 0, 100, 0, 1000, 1], bias: [0, -3])
    #expect(y.map(\.value) == [5421, 1, 6532, 1])
    #expect(y[1].scale == 1 + 5 + 3)
  }

  @Test func poolingByHand() {
    let shape = Pooling(batch: 1, height: 3, width: 5, channels: 1)
    let x: [Float] = [1, 2, 3, 3, 9, 2, 0, 3, 1, 9, 8, 8, 8, 8, 8]
    #expect(Oracle.pool(shape, x.map { Measured($0) }).map(\.value) == [2, 3])
    let dx = Oracle.poolGradient(shape, x, outputGradient: [5, 7], old: nil)
    #expect(dx.map(\.value) == [0, 5, 7] + [Double](repeating: 0, count: 12))
  }

  @Test func classificationByHand() {
    let shape = Rows(2, 2)
    let softmax = Oracle.softmax(shape, [0, 0, 1000, 0]).map(\.value)
    #expect(softmax == [0.5, 0.5, 1, 0])
    let losses = Oracle.softmaxCrossEntropy(shape, logits: [0, 0, 100, -100], labels: [0, 1])
    #expect(abs(losses[0].value - 0.693_147_180_56) < 1e-10)
    #expect(losses[1].value == 200)
    let outside = Oracle.softmaxCrossEntropy(shape, logits: [0, 0, 0, 0], labels: [-1, 2])
    #expect(outside.map(\.value.isNaN) == [true, true])
    #expect(Oracle.argmax(Rows(3, 3), [1, 2, 2, 5, .nan, .nan, -1, -2, -3]) == [1, 1, 0])
    #expect(Oracle.normalizeRows(shape, [3, -4, 0, 0]).map(\.value) == [0.6, -0.8, 0, 0])
    #expect(
      Oracle.scaleColumns(shape, [1, 2, 3, 4], by: [10, 100], adding: [1, 2]).map(\.value)
        == [11, 202, 31, 402])
  }

  @Test func knownAnswersOfTheHost() {
    for answer in Oracle.knownAnswers {
      #expect(Oracle.bits(answer.stream, count: 4) == answer.words)
    }
  }

  @Test func adamFirstStepHasTheLengthOfTheRate() {
    let step = Oracle.adamStep(
      AdamStep(step: 1), parameters: [0, 0], gradients: [3, -0.02], firstMoments: [0, 0],
      secondMoments: [0, 0])
    #expect(abs(step.parameters[0].value + 0.001) < 1e-8)
    #expect(abs(step.parameters[1].value - 0.001) < 1e-8)
  }
}

@Suite struct ToleranceTests {
  @Test(arguments: [1, 7, 65, 784, 10_000])
  func aLostTermIsBeyondTheBound(_ length: Int) {
    let term = 1 / Double(length)
    #expect(Tolerance.arithmetic(length).bound(scale: 1) < term / 15)
    #expect(Tolerance.transcendental(length).bound(scale: 1) < term / 10)
  }
}
