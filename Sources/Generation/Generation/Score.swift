/// How varied and how recognisable the images of one class are.
public struct ClassScore: Sendable, Hashable, Codable {
  /// The number of images.
  public var count: Int
  /// The mean cosine of all pairs of images (equation 5), or with the center of the class: 1 means that all
  /// are identical.
  public var cosine: Double
  /// The share that the classifier assigns to the class.
  public var accuracy: Double
  /// The share that the independent judge assigns to the class, if there is one.
  public var judgedAccuracy: Double?
  /// The standard error of ``cosine``, if there were enough images to estimate it.
  public var cosineError: Double?
}

/// The scores of all classes.
public struct Score: Sendable, Hashable, Codable {
  /// The score of each label in turn.
  public var classes: [ClassScore]

  /// Collects the scores of all classes.
  public init(classes: [ClassScore]) { self.classes = classes }

  /// The mean over the classes of the pairwise cosine.
  public var cosine: Double { mean(\.cosine) }
  /// The mean accuracy by the classifier.
  public var accuracy: Double { mean(\.accuracy) }
  /// The mean accuracy by the judge, if there is one.
  public var judgedAccuracy: Double? {
    let values = classes.compactMap(\.judgedAccuracy)
    return values.count == classes.count ? values.reduce(0, +) / Double(values.count) : nil
  }

  /// Half the width of the 95 % confidence interval of ``cosine``.
  public var cosineInterval: Double? {
    let errors = classes.compactMap(\.cosineError)
    guard errors.count == classes.count else { return nil }
    return 1.96 * errors.map { $0 * $0 }.reduce(0, +).squareRoot() / Double(errors.count)
  }
  /// Half the width of the 95 % confidence interval of ``accuracy``.
  public var accuracyInterval: Double { interval(\.accuracy) }
  /// The same of ``judgedAccuracy``.
  public var judgedInterval: Double { interval { $0.judgedAccuracy ?? 0 } }

  private func mean(_ part: (ClassScore) -> Double) -> Double {
    classes.map(part).reduce(0, +) / Double(classes.count)
  }

  /// The classes are sampled separately, so their binomial variances add. An extra success and failure
  /// (Agresti and Coull, 1998) keep the interval from vanishing at 0 and 1.
  private func interval(_ part: (ClassScore) -> Double) -> Double {
    let variances = classes.map { score in
      let trials = Double(score.count) + 4
      let p = (part(score) * Double(score.count) + 2) / trials
      return p * (1 - p) / trials
    }
    return 1.96 * variances.reduce(0, +).squareRoot() / Double(classes.count)
  }
}
