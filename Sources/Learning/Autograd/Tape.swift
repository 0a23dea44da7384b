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
    var gradient: (RowGradient) throws(DeviceError) -> Void
  }

  private var steps: [Step] = []

  /// An empty tape.
  public init() {}

  /// Whether operations are being recorded.
  public static var isRecording: Bool { current != nil }

  /// The tape of the scope.
  static var current: Tape? { Current.value?.tape }

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
  ///
  /// - Parameters:
  ///   - output: The result of the operation.
  ///   - activation: The function that it applies last; the closure gets the gradient before it.
  ///   - gradient: The closure. What it reads is not needed again, so it may overwrite it.
  static func record(
    _ output: Tensor, activation: UnaryFunction = .identity,
    _ gradient: @escaping (_ outputGradient: Buffer) throws(DeviceError) -> Void
  ) {
    if current != nil { output.activation = activation }
    recordRows(output) { (_) throws(DeviceError) in
      try gradient(try output.storedGradientBeforeActivation())
    }
  }

  /// ``record(_:activation:_:)`` for a result with a number for each row, whose gradient need not be stored
  /// where all are equal.
  static func recordRows(
    _ output: Tensor,
    _ gradient: @escaping (_ outputGradient: RowGradient) throws(DeviceError) -> Void
  ) {
    guard output.requiresGradient, let current else { return }
    output.tape = current
    current.steps.append(Step(output: output, gradient: gradient))
  }

  /// Plays the tape back: computes the gradient of `Σ weight · (sum of the tensor's elements)` over
  /// all `terms`, for every tensor that requires one. The tape is empty afterwards. The program stops if a
  /// term requires a gradient but was not recorded here: there would be none.
  public func backward(from terms: [(tensor: Tensor, weight: Float)]) throws(DeviceError) {
    for (tensor, weight) in terms {
      stopUnless(
        !tensor.requiresGradient || steps.contains { $0.output === tensor },
        "a term of the loss was not recorded by this tape: make it within record { … }")
      stopUnless(!tensor.hasGradient, "a tensor can be only one term of a loss")
      try tensor.addGradient(ofAll: weight, isUsedUp: true)
    }
    // Each step is released once it has run, so that the next ones can reuse its buffers.
    while let step = steps.popLast() {
      guard let gradient = step.output.rowGradient else { continue }
      try step.gradient(gradient)
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
