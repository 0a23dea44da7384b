import ArgumentParser
import Generation

extension Spread: ExpressibleByArgument {}
extension ThetaScale: ExpressibleByArgument {}
extension CosineKind: ExpressibleByArgument {}

/// How to interpret N(μ, θσ), which the paper leaves open.
struct ConventionOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: "σ: the standard deviation of encoded samples, or of the encoder's means only.")
  var spread = Spread.samples

  @Option(
    parsing: .unconditional, help: "What θ multiplies: the standard deviation or the variance.")
  var thetaScale = ThetaScale.deviation

  var value: Convention { Convention(spread: spread, theta: thetaScale) }
}
