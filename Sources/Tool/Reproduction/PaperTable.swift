import Generation

/// A row of the paper's Table 4, and what is computed to compare with it.
struct PaperRow: Sendable {
  var model: ModelName
  var generator: GeneratorKind
  /// θ and n as the paper prints them.
  var parameters: String
  /// The paper's θ and n, where it gives one θ.
  var simple: (theta: Float, draws: Int)?
  var cosine: Double
  var accuracy: Double

  static let all = [
    PaperRow(
      model: ModelName(objective: .elbo, latent: 20), generator: .simple, parameters: "0.4 / 2",
      simple: (0.4, 2), cosine: 0.9200, accuracy: 0.995),
    PaperRow(
      model: ModelName(objective: .mmd, latent: 20), generator: .simple, parameters: "0.6 / 3",
      simple: (0.6, 3), cosine: 0.8870, accuracy: 0.9968),
    PaperRow(
      model: ModelName(objective: .mmd, latent: 10), generator: .medium1,
      parameters: "[0 0 0.2 0.2 0.4 0.4 0.4 0.4 0.4 0.8]", simple: nil, cosine: 0.8132,
      accuracy: 0.9980),
    PaperRow(
      model: ModelName(objective: .mmd, latent: 10), generator: .medium2, parameters: "–",
      simple: nil, cosine: 0.7461, accuracy: 0.9999),
  ]

  var title: String { "\(model.title) \(generator.title)" }
}

/// The mean pairwise cosine within a class of MNIST's training images.
let realCosine = 0.523
