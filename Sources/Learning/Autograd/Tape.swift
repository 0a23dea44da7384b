import Compute

/// A recording of operations that can be played back once in reverse: reverse-mode differentiation.
///
/// Recording is scoped: while ``record(_:)`` runs its body, each tensor operation puts its gradient on the
/// tape, as a closure; outside it nothing is recorded or kept. A tape serves one training step.
public final class Tape {
  /// The tape of this thread's scope.
  private struct Current: @unchecked Sendable {
    // It stays with the thread that runs the scope.
    @TaskLocal static var value: Current?
    let tape: Tape
  }

  private struct Step {
    var output: Tensor
    var gradient: (Buffer) throws(DeviceError) -> Void
  }

  private var steps: [Step] = []

  /// An empty tape.
  public init() {}

  /// Whether operations are being recorded.
  public static var isRecording: Bool { Current.value != nil }

  /// Runs `body` and records the operations in it. Nested scopes record separately.
  /// - Throws: What `body` throws.
  public func record<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure)
    -> Result
  {
    let result = Current.$value.withValue(Current(tape: self)) {
      () -> Swift.Result<Result, Failure> in
      do throws(Failure) { return .success(try body()) } catch { return .failure(error) }
    }
    return try result.get()
  }

  /// Puts the gradient of an operation on the tape of the scope, if there is one: a closure that reads the
  /// gradient of `output` and adds to those of the inputs. It is skipped when nothing depends on `output`.
  static func record(
    _ output: Tensor, _ gradient: @escaping (_ outputGradient: Buffer) throws(DeviceError) -> Void
  ) {
    guard output.requiresGradient else { return }
    Current.value?.tape.steps.append(Step(output: output, gradient: gradient))
  }

  /// Plays the tape back: computes the gradient of `Σ weight · (sum of the tensor's elements)` over
  /// all `terms`, for every tensor that requires one. The tape is empty afterwards. The program stops if a
  /// term requires a gradient but was not recorded here: there would be none.
  public func backward(from terms: [(tensor: Tensor, weight: Float)]) throws(DeviceError) {
    for (tensor, weight) in terms {
      stopUnless(
        !tensor.requiresGradient || steps.contains { $0.output === tensor },
        "a term of the loss was not recorded by this tape: make it within record { … }")
      try tensor.addGradient { (gradient, accumulate) throws(DeviceError) in
        stopUnless(!accumulate, "a tensor can be only one term of a loss")
        try tensor.device.fill(gradient, with: weight)
      }
    }
    // Each step is released once it has run, so that the next ones can reuse its buffers.
    while let step = steps.popLast() {
      guard step.output.hasGradient, let outputGradient = step.output.gradient else { continue }
      try step.gradient(outputGradient)
      // Its storage may have been reused for another one.
      step.output.dropGradient()
    }
  }

  /// Records `loss` and plays it back: the gradient of `weight · (sum of its elements)`.
  /// - Returns: The loss.
  /// - Throws: What `loss` throws, and `DeviceError`.
  @discardableResult
  public static func differentiate(_ weight: Float = 1, _ loss: () throws -> Tensor) throws
    -> Tensor
  {
    let tape = Tape()
    let term = try tape.record(loss)
    try tape.backward(from: [(term, weight)])
    return term
  }
}
