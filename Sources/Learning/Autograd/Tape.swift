import Compute

/// A recording of operations that can be played backwards once: reverse-mode differentiation.
///
/// Each operation puts its own gradient on the tape, as a closure; without a tape nothing is recorded
/// or kept. Make one tape for each training step.
public final class Tape {
  private struct Step {
    var output: Tensor
    var gradient: (Buffer) throws(DeviceError) -> Void
  }

  private var steps: [Step] = []

  /// An empty tape.
  public init() {}

  /// Puts the gradient of an operation on the tape: a closure that reads the gradient of `output`
  /// and adds to those of the inputs. It is skipped when nothing depends on `output`.
  func record(
    _ output: Tensor, _ gradient: @escaping (_ outputGradient: Buffer) throws(DeviceError) -> Void
  ) {
    if output.requiresGradient { steps.append(Step(output: output, gradient: gradient)) }
  }

  /// Plays the tape back: computes the gradient of `Σ weight · (sum of the tensor's elements)` over
  /// all `terms`, in every tensor that requires one. The tape is empty afterwards.
  public func backward(from terms: [(tensor: Tensor, weight: Float)]) throws(DeviceError) {
    for (tensor, weight) in terms {
      try tensor.addGradient { (gradient, accumulate) throws(DeviceError) in
        precondition(!accumulate, "a tensor can be only one term of a loss")
        try tensor.device.fill(gradient, with: weight)
      }
    }
    // Each step goes as soon as it has run, so that its buffers serve the next ones.
    while let step = steps.popLast() {
      guard step.output.hasGradient, let outputGradient = step.output.gradient else { continue }
      try step.gradient(outputGradient)
      // It may have served as room for another one.
      step.output.dropGradient()
    }
  }
}
