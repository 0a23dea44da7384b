import ArgumentParser
import Generation

extension Spread: ExpressibleByArgument {}
extension ThetaScale: ExpressibleByArgument {}
extension CosineKind: ExpressibleByArgument {}

/// How N(μ, θσ) is read, where the paper leaves it open.
struct ConventionOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: "σ: the standard deviation of encoded samples, or of the encoder's means alone.")
  var spread = Spread.samples

  @Option(
    parsing: .unconditional, help: "What θ multiplies: the standard deviation or the variance.")
  var thetaScale = ThetaScale.deviation

  var value: Convention { Convention(spread: spread, theta: thetaScale) }
}
