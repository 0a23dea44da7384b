import ArgumentParser

struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train a model.",
    subcommands: [TrainVAE.self, TrainClassifier.self, TrainCVAE.self, TrainGAN.self])
}
