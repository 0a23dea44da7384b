import Autograd
import Compute
import Datasets
import Models
import NeuralNetwork

/// The purposes of an evaluation's random numbers; no two share a stream.
enum Use: Int {
  /// Accuracy and cosine: the same samples as in `search`'s own report.
  case score
  case features
  case classification
  case picture

  func stream(seed: UInt64, label: Int) -> RandomStream {
    // The first sixteen labels keep the numbers from when there were no more.
    let step =
      label < 16 ? label + 16 * rawValue : 64 + 4 * (label - 16) + rawValue
    return RandomStream(seed: seed).split(.report).step(step)
  }
}

/// Draws an image for each of some labels, class by class and in chunks.
///
/// - Parameter body: Gets the ascending positions of a chunk in `labels`, and its images.
func draw(
  _ labels: [UInt8], from source: any ImageSource, seed: UInt64, for use: Use,
  body: (_ places: ArraySlice<Int>, _ images: Tensor) throws -> Void
) throws {
  let part = 500
  for label in 0...Int(labels.max() ?? 0) {
    let places = labels.indices.filter { labels[$0] == label }
    for (index, first) in stride(from: 0, to: places.count, by: part).enumerated() {
      let positions = first..<min(first + part, places.count)
      var stream = use.stream(seed: seed, label: label)
      stream.counter.w = UInt32(index)
      try body(
        places[positions], try source.images(label: label, at: positions, stream: stream))
    }
  }
}

/// Images with labels, and the judge's features of them.
public struct SampleSet {
  /// The class of each image.
  public let labels: [UInt8]
  /// The grey values in [0, 1], count × pixels.
  public let images: [Float]
  /// `features` of the judge, count × 128.
  public let features: [Float]

  /// The number of pixels of an image.
  public var pixels: Int { images.count / labels.count }

  /// Draws an image for each label.
  init(
    _ labels: [UInt8], from source: any ImageSource, pixels: Int, judge: Classifier, seed: UInt64
  ) throws {
    self.labels = labels
    var images = [Float](repeating: 0, count: labels.count * pixels)
    let width = Classifier.featureCount
    var features = [Float](repeating: 0, count: labels.count * width)
    try draw(labels, from: source, seed: seed, for: .features) { places, part in
      let values = try part.values()
      let seen = try judge.features(part).values()
      for (row, place) in places.enumerated() {
        images.replaceSubrange(
          place * pixels..<(place + 1) * pixels, with: values[row * pixels..<(row + 1) * pixels])
        features.replaceSubrange(
          place * width..<(place + 1) * width, with: seen[row * width..<(row + 1) * width])
      }
    }
    self.images = images
    self.features = features
  }

  /// One image.
  func image(_ index: Int) -> ArraySlice<Float> { images[index * pixels..<(index + 1) * pixels] }

  /// Writes `images`, `features` and `labels`.
  /// - Throws: `FileError` when the file cannot be written.
  public func save(to path: String) throws {
    try SafeTensors.write(
      [
        NamedArray("images", [labels.count, pixels], images),
        NamedArray("features", [labels.count, Classifier.featureCount], features),
        NamedArray("labels", [labels.count], labels.map { Float($0) }),
      ], to: path)
  }
}
