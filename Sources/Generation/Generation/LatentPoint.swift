import Autograd
import Foundation
import Compute
import Datasets
import Files
import Models

/// A point in the latent space that a user can name.
public enum LatentPoint: Sendable, Hashable, CustomStringConvertible {
  /// The mean of a class.
  case label(Int)
  /// The mean of some test images' encodings; often of a single image.
  case images([Int])

  /// Reads `label:3`, `image:12` or `images:1,2,3`; nil for anything else.
  public init?(_ text: String) {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2 else { return nil }
    let numbers = parts[1].split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
    guard numbers.allSatisfy({ $0 != nil }), !numbers.isEmpty else { return nil }
    let values = numbers.compactMap { $0 }
    switch parts[0] {
    case "label" where values.count == 1: self = .label(values[0])
    case "image" where values.count == 1: self = .images(values)
    case "images": self = .images(values)
    default: return nil
    }
  }
}

extension LatentPoint {
  /// The point in the user's notation.
  public var description: String {
    switch self {
    case .label(let label): "label:\(label)"
    case .images(let indices):
      (indices.count == 1 ? "image:" : "images:")
        + indices.map(String.init).joined(separator: ",")
    }
  }
}

/// The latent space of a trained run, with the meaning of its points (the ideas behind section 5 of the
/// paper).
public struct LatentSpace {
  /// The model.
  public let model: VariationalAutoencoder
  /// The statistics of the classes.
  public let statistics: LatentStatistics
  /// The images that points may name.
  public let images: ImageDataset

  /// A latent space.
  public init(
    _ model: VariationalAutoencoder, _ statistics: LatentStatistics, _ images: ImageDataset
  ) {
    self.model = model
    self.statistics = statistics
    self.images = images
  }

  /// The encoder's means for some images.
  /// - Throws: `FileError` when the data set has no such image; `DeviceError`.
  public func encode(_ indices: [Int]) throws -> [[Float]] {
    let D = statistics.latentDimension
    let encoded = try model.encode(try tensor(indices)).values()
    return indices.indices.map { Array(encoded[2 * D * $0..<2 * D * $0 + D]) }
  }

  /// The coordinates of a point.
  /// - Throws: `FileError` when there is no such label or image; `DeviceError`.
  public func coordinates(_ point: LatentPoint) throws -> [Float] {
    switch point {
    case .label(let label):
      guard statistics.classes.indices.contains(label) else {
        throw FileError(
          "label:\(label)", "no such label",
          remedy: "labels go from 0 to \(statistics.classes.count - 1)")
      }
      return statistics.classes[label].mean
    case .images(let indices):
      let means = try encode(indices)
      return means[0].indices.map { d in
        means.map { $0[d] }.reduce(0, +) / Float(means.count)
      }
    }
  }

  /// The decoder's expectations at some points, as consecutive images.
  /// - Throws: `DeviceError` when the device fails.
  public func decode(_ latents: [[Float]]) throws -> [Float] {
    let shape = Rows(latents.count, statistics.latentDimension)
    let z = try Tensor(Array(latents.joined()), shape, on: model.device)
    return try model.images(at: z).values()
  }

  /// The pixels of some images as grey values in [0, 1].
  /// - Throws: `FileError` when the data set has no such image.
  public func pixels(_ indices: [Int]) throws -> [Float] {
    for index in indices where index < 0 || index >= images.count {
      throw FileError(
        "image:\(index)", "no such test image",
        remedy: "images go from 0 to \(images.count - 1)")
    }
    return images.selecting(indices.map(Int32.init)).images.map { Float($0) / 255 }
  }

  private func tensor(_ indices: [Int]) throws -> Tensor {
    try Tensor(
      try pixels(indices), Rows(indices.count, images.pixels), on: model.device)
  }

  // MARK: Walks

  /// Points from one to another, ends included.
  ///
  /// - Parameters:
  ///   - from: The first point.
  ///   - to: The last point.
  ///   - steps: The number of points.
  ///   - isSpherical: Along the great circle between the directions, with interpolated lengths (Shoemake,
  ///     1985), rather than along the line.
  public static func interpolate(
    _ from: [Float], _ to: [Float], steps: Int, isSpherical: Bool
  ) -> [[Float]] {
    let lengths = (length(from), length(to))
    let cosine = zip(from, to).map(*).reduce(0, +) / max(lengths.0 * lengths.1, 1e-20)
    let angle = Float(acos(Double(min(1, max(-1, cosine)))))
    return (0..<steps).map { step in
      let t = Float(step) / Float(max(1, steps - 1))
      // The great circle through two equal or opposite directions is undefined.
      guard isSpherical, angle > 1e-4, angle < Float.pi - 1e-4 else {
        return zip(from, to).map { $0 + t * ($1 - $0) }
      }
      let (first, second) = (sin((1 - t) * angle) / sin(angle), sin(t * angle) / sin(angle))
      return zip(from, to).map { first * $0 + second * $1 }
    }
  }

  private static func length(_ x: [Float]) -> Float { x.map { $0 * $0 }.reduce(0, +).squareRoot() }

  /// A point moved along each dimension in turn, from −`range`·σ to `range`·σ: D rows of `steps` points.
  public static func traverse(
    _ center: [Float], spread: [Float], range: Float = 3, steps: Int
  ) -> [[Float]] {
    center.indices.flatMap { d in
      (0..<steps).map { step in
        var point = center
        point[d] += spread[d] * range * (2 * Float(step) / Float(max(1, steps - 1)) - 1)
        return point
      }
    }
  }
}

extension LatentStatistics {
  /// The mean and the spread of all classes together, equally weighted.
  public var overall: (mean: [Float], spread: [Float]) {
    let count = Float(classes.count)
    let spreads = classes.map { $0.spread() }
    let mean = (0..<latentDimension).map { d in classes.map { $0.mean[d] }.reduce(0, +) / count }
    let spread = (0..<latentDimension).map { d in
      // The law of total variance over the classes.
      let within = spreads.map { $0[d] * $0[d] }.reduce(0, +) / count
      let between = classes.map { ($0.mean[d] - mean[d]) * ($0.mean[d] - mean[d]) }.reduce(0, +)
      return (within + between / count).squareRoot()
    }
    return (mean, spread)
  }
}
