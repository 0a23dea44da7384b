/// What σ_y is the standard deviation of.
public enum Spread: String, Sendable, Codable, CaseIterable {
  /// Of encoded samples, Var(μ_x) + E[σ_x²], by the law of total variance.
  case samples
  /// Of the encoder's means only.
  case means
}

/// What θ multiplies.
public enum ThetaScale: String, Sendable, Codable, CaseIterable {
  /// σ_y: a draw is N(μ_y, (θσ_y)²).
  case deviation
  /// σ_y²: a draw is N(μ_y, θσ_y²).
  case variance

  /// The factor of the standard deviation.
  public func factor(_ theta: Float) -> Float {
    switch self {
    case .deviation: theta
    case .variance: theta.squareRoot()
    }
  }
}

/// How the similarity of images is measured.
public enum CosineKind: String, Sendable, Codable, CaseIterable {
  /// The mean cosine of all pairs of different images of a class (equations 4 and 5).
  case pairwise
  /// The mean cosine of an image and the decoder's image of the mean μ_y of its class (section 3.2).
  case center
}

/// An interpretation of N(μ_y, θσ_y) and of cos(x, x′), which the paper (section 3.5.1) leaves open.
public struct Convention: Sendable, Hashable, Codable {
  /// What σ_y is the standard deviation of.
  public var spread: Spread
  /// What θ multiplies.
  public var theta: ThetaScale
  /// How the similarity of images is measured.
  public var cosine: CosineKind

  /// An interpretation; by default that with which the paper's own θ and n give its figures.
  public init(
    spread: Spread = .samples, theta: ThetaScale = .deviation, cosine: CosineKind = .pairwise
  ) {
    self.spread = spread
    self.theta = theta
    self.cosine = cosine
  }
}
