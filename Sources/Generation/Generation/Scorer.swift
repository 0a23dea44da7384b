import Autograd
import Compute
import Models
import NeuralNetwork

/// Scores generators on the device: latent vectors → decoder → classifier → sums. Only the sums of a class
/// are read back, so the work is linear in the number of images, and the memory constant.
public final class Scorer {
  /// The decoder.
  public let autoencoder: VariationalAutoencoder
  /// The classifier used for scores in the paper.
  public let classifier: any ImageClassifier
  /// A classifier that never saw a reconstruction, if there is one.
  public let judge: (any ImageClassifier)?
  /// If given, the cosine is with the decoder's images of the class means (section 3.2 of the
  /// paper) rather than between pairs.
  public let centers: LatentStatistics?
  /// The number of images on the device at a time.
  public let chunk: Int

  private var device: any Device { autoencoder.device }

  /// A scorer with given models, all on one device.
  public init(
    _ autoencoder: VariationalAutoencoder, _ classifier: any ImageClassifier,
    judge: (any ImageClassifier)? = nil,
    centers: LatentStatistics? = nil, chunk: Int = 200
  ) {
    self.autoencoder = autoencoder
    self.classifier = classifier
    self.judge = judge
    self.centers = centers
    self.chunk = chunk
  }

  /// The score of one class.
  ///
  /// - Parameters:
  ///   - generator: Draws the latent vectors.
  ///   - label: The class.
  ///   - count: The number of images, at least 2.
  ///   - stream: The random numbers: the same for candidates to be compared. A smaller count gives a
  ///     prefix of a larger one's images, when both are multiples of ``chunk`` or at most that.
  /// - Throws: `DeviceError` when the device fails, and as the generator.
  public func score(_ generator: any Generator, label: Int, count: Int, stream: RandomStream)
    throws -> ClassScore
  {
    try device.phase("score") {
      try score(label: label, count: count) { positions, index in
        var numbers = stream
        numbers.counter.w = stream.counter.w &+ UInt32(index)
        return try autoencoder.images(
          at: try generator.latents(
            label: label, count: positions.count, stream: numbers, on: device))
      }
    }
  }

  /// The score of images of one class, wherever they come from.
  ///
  /// - Parameters:
  ///   - label: The class.
  ///   - count: The number of images, at least 2.
  ///   - images: Returns the images at some positions below `count`, rows × pixels, which then belong to
  ///     the scorer; it is called chunk by chunk, with the number of the chunk.
  /// - Throws: `DeviceError` when the device fails, and as `images`.
  public func score(
    label: Int, count: Int,
    images: (_ positions: Range<Int>, _ chunk: Int) throws -> Tensor
  ) throws -> ClassScore {
    precondition(count >= 2, "a cosine needs two images")
    let hits = try device.makeBuffer([Float(0)])
    let judgedHits = try device.makeBuffer([Float(0)])
    // Ten groups, of more than one chunk each, give the spread of the cosine.
    let groups = count >= 20 * chunk ? 10 : 1
    let sums = try (0..<groups).map { _ in
      try device.makeBuffer([Float](repeating: 0, count: autoencoder.shape.pixels))
    }
    var sizes = [Int](repeating: 0, count: groups)
    var labels: Buffer?
    for (index, first) in stride(from: 0, to: count, by: chunk).enumerated() {
      let size = min(chunk, count - first)
      let images = try images(first..<first + size, index)
      // The same for all chunks but a shorter last one.
      let classes =
        if let labels, labels.count == size { labels } else {
          try device.makeBuffer([Int32](repeating: Int32(label), count: size))
        }
      labels = classes
      try classifier.countHits(images, labels: classes, into: hits)
      try judge?.countHits(images, labels: classes, into: judgedHits)
      try addDirections(of: images, to: sums[index % groups])
      sizes[index % groups] += size
    }
    let directions = try sums.map { try device.download($0) }
    let center = try center(of: label)
    let (cosine, error) = groupedMean(of: directions, sizes) { sum, size in
      center.map { meanCosine(sum, size, with: $0) } ?? pairwiseCosine(sum, size)
    }
    return ClassScore(
      count: count, cosine: cosine,
      accuracy: Double(try device.download(hits)[0]) / Double(count),
      judgedAccuracy: judge == nil
        ? nil : Double(try device.download(judgedHits)[0]) / Double(count),
      cosineError: error)
  }

  /// The score of every class.
  /// - Throws: As the score of one class.
  public func score(_ generator: any Generator, count: Int, seed: UInt64, purpose: RandomPurpose)
    throws -> Score
  {
    var classes: [ClassScore] = []
    for label in 0..<classifier.classCount {
      classes.append(
        try score(
          generator, label: label, count: count,
          stream: RandomStream(seed: seed).split(purpose).step(label)))
    }
    return Score(classes: classes)
  }

  /// The direction of the decoder's image of a class mean, if the cosine is measured with it.
  private func center(of label: Int) throws(DeviceError) -> [Float]? {
    guard let mean = centers?.classes[label].mean else { return nil }
    let image = try autoencoder.images(at: try Tensor(mean, Rows(1, mean.count), on: device))
    try device.normalizeRows(image.shape.matrix, image.buffer, into: image.buffer)
    return try image.values()
  }

  /// Adds `Σ x/‖x‖` over the rows to a sum.
  private func addDirections(of images: Tensor, to sum: Buffer) throws(DeviceError) {
    try device.normalizeRows(images.shape.matrix, images.buffer, into: images.buffer)
    try device.reduce(
      Reduction(.sum, .perColumn, images.shape.matrix, accumulate: true), images.buffer, into: sum)
  }
}

/// The mean cosine of all pairs of N images from the sum of their directions û = x/‖x‖:
/// `(‖Σû‖² − N) / (N(N − 1))`.
func pairwiseCosine(_ sum: [Double], _ count: Int) -> Double {
  let square = sum.map { $0 * $0 }.reduce(0, +)
  return (square - Double(count)) / (Double(count) * Double(count - 1))
}

/// The mean cosine of N images with one direction: `(Σû)·ĉ / N`.
func meanCosine(_ sum: [Double], _ count: Int, with center: [Float]) -> Double {
  zip(sum, center).map { $0 * Double($1) }.reduce(0, +) / Double(count)
}

/// A function of the sum of all directions, and its standard error from the spread between groups, if there
/// are several.
func groupedMean(
  of sums: [[Float]], _ sizes: [Int], _ function: ([Double], Int) -> Double
) -> (mean: Double, error: Double?) {
  let parts = sums.map { $0.map(Double.init) }
  let total = parts.dropFirst().reduce(parts[0]) { zip($0, $1).map(+) }
  let mean = function(total, sizes.reduce(0, +))
  guard sums.count > 1 else { return (mean, nil) }
  return (mean, standardError(zip(parts, sizes).map(function)))
}

/// The standard error of the mean of at least two values.
package func standardError(_ values: [Double]) -> Double {
  let center = values.reduce(0, +) / Double(values.count)
  let variance =
    values.map { ($0 - center) * ($0 - center) }.reduce(0, +) / Double(values.count - 1)
  return (variance / Double(values.count)).squareRoot()
}
