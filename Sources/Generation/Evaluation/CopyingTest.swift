/// Whether samples are copies of training images. Distances are Euclidean between images of grey values
/// in [0, 1].
public struct CopyingTest: Codable, Sendable, Hashable {
  /// The share of the samples nearer to a training image than 99 % of held-out images are: 0.01 if samples
  /// are like these.
  public var closeShare: Double
  /// The chance that a sample is farther from the training images than a held-out image is (the
  /// statistic of Mann and Whitney over n·m; ties count half): ½ if they are alike.
  public var rank: Double
  /// The share of the samples nearer to the training images than to as many held-out ones, ties counting
  /// half: about ½ if both sets are alike, and above if training images are copied. Smoothness, which
  /// brings a sample nearer to all images, does not affect it. Nil if the samples come from the held-out
  /// images.
  public var nearerToTraining: Double?

  /// Compares the distances of samples to their nearest training image with those of held-out images.
  ///
  /// - Parameters:
  ///   - toTraining, toHeldOut: The samples' distances to the nearest of as many training and held-out
  ///     images.
  init(
    samples: [Float], heldOut: [Float], toTraining: [Float]? = nil, toHeldOut: [Float]? = nil
  ) {
    let sorted = heldOut.sorted()
    let limit = percentile(sorted, 0.01)
    closeShare = Double(samples.count { $0 < limit }) / Double(samples.count)
    rank = samples.reduce(0.0) { $0 + Self.place(of: $1, in: sorted) } / Double(samples.count)
    if let toTraining, let toHeldOut {
      let wins = zip(toTraining, toHeldOut).reduce(0.0) {
        $0 + ($1.0 < $1.1 ? 1 : $1.0 == $1.1 ? 0.5 : 0)
      }
      nearerToTraining = wins / Double(toTraining.count)
    }
  }

  /// The fraction of sorted values below a value; equal ones count half.
  private static func place(of value: Float, in sorted: [Float]) -> Double {
    func firstIndex(where isPast: (Float) -> Bool) -> Int {
      var (low, high) = (0, sorted.count)
      while low < high {
        let middle = (low + high) / 2
        if isPast(sorted[middle]) { high = middle } else { low = middle + 1 }
      }
      return low
    }
    let below = firstIndex { $0 >= value }
    let notAbove = firstIndex { $0 > value }
    return Double(below + notAbove) / 2 / Double(sorted.count)
  }
}

/// A quantile of sorted values, with interpolation.
func percentile(_ sorted: [Float], _ part: Double) -> Float {
  let place = part * Double(sorted.count - 1)
  let index = Int(place)
  guard index + 1 < sorted.count else { return sorted[sorted.count - 1] }
  return sorted[index] + Float(place - Double(index)) * (sorted[index + 1] - sorted[index])
}
