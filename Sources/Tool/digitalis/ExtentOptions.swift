import ArgumentParser
import Models

/// The extents of the models whose work is measured.
struct ExtentOptions: ParsableArguments {
  @Option(parsing: .unconditional, help: "The batch size.")
  var batch = 128

  @Option(parsing: .unconditional, help: "The dimension of the latent space.")
  var latent = 20

  func check() throws {
    try OptionError.require("--batch", batch, in: 1...100_000)
    try OptionError.require("--latent", latent, in: AutoencoderShape.latentRange)
  }
}
