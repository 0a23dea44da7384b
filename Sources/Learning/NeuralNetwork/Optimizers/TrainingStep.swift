import Compute

/// The optimisation step in progress: within it dropout drops elements, and batch normalisation uses the statistics
/// of the batch. Random numbers depend on the seed, the step, and how many times the step has drawn some before.
public final class TrainingStep {
  /// The step of the scope that this thread is in.
  private struct Current: @unchecked Sendable {
    // It stays with the thread that runs the scope.
    @TaskLocal static var value: Current?
    let step: TrainingStep
  }

  private let stream: RandomStream
  private var uses: UInt32 = 0

  /// Describes a step, counted from 0.
  public init(seed: UInt64, step: Int) {
    stream = RandomStream(seed: seed).split(.dropout).step(step)
  }

  /// The step in progress here; nil outside of one.
  public static var current: TrainingStep? { Current.value?.step }

  /// Runs `body` as part of the step.
  /// - Throws: What `body` throws.
  public func run<Result>(_ body: () throws -> Result) rethrows -> Result {
    try Current.$value.withValue(Current(step: self), operation: body)
  }

  /// A stream for the next use of random numbers.
  func nextStream() -> RandomStream {
    var stream = stream
    stream.counter.w = uses
    uses += 1
    return stream
  }
}
