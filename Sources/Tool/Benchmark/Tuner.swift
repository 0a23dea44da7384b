import Compute
import DeviceChoice
import Training

/// Finds the fastest of the ways in which a device can do the work of the models.
///
/// Every way is checked before it is timed: its results must agree with those of another device, in every element.
/// A way is taken if it is faster than the usual one by more than measuring errs, both timed in turn, or if the usual
/// one is wrong.
public struct Tuner {
  /// The state of a search.
  public struct Progress: Sendable {
    /// The cases that are done.
    public var done: Int
    /// All cases.
    public var count: Int
    /// What was tried last.
    public var name: String
  }

  /// What a search found.
  public struct Result: Sendable {
    /// What is faster than as usual.
    public var choices: [TuningRecord.Choice] = []
    /// The number of ways that were tried.
    public var tried = 0
    /// The ways that gave wrong results or failed, one line each.
    public var wrong: [String] = []
    /// The cases for which there was no time.
    public var left = 0
  }

  private let device: any TunableDevice
  private let reference: any Device
  private let cases: [BenchmarkCase]
  /// The seconds after which the search ends.
  private let patience: Double
  /// The shortest duration of a timing in seconds.
  private let seconds: Double
  /// A way must take at most this share of the usual one's time.
  private let threshold = 0.97

  /// Describes a search.
  ///
  /// - Parameters:
  ///   - device: The device to tune.
  ///   - reference: The device that results are compared with.
  ///   - settings: The extents of the models, and the duration of a timing.
  ///   - patience: The seconds after which the search ends, with what it has found so far.
  public init(
    _ device: any TunableDevice, against reference: any Device, _ settings: BenchmarkSettings,
    patience: Double
  ) {
    self.device = device
    self.reference = reference
    self.patience = patience
    seconds = settings.seconds
    cases = BenchmarkCase.ofTheModels(settings).filter { $0.prepareOperands != nil }
  }

  /// Searches.
  /// - Throws: `DeviceError` when a device fails in its usual way, what `progress` throws.
  public func run(progress: (Progress) throws -> Void) throws -> Result {
    let stopwatch = Stopwatch()
    var result = Result()
    var seen: Set<String> = []
    for (index, item) in cases.enumerated() {
      guard stopwatch.seconds < patience else {
        result.left = cases.count - index
        break
      }
      let decisions = try device.decisions { device in
        guard let prepared = try item.prepareOperands?(device) else { return }
        try prepared.call()
        try device.synchronize()
      }
      // Made once, for all decisions of the case.
      var expected: [[Float]]?
      for decision in decisions
      where decision.ways.count > 1 && seen.insert(decision.name).inserted {
        try progress(Progress(done: index, count: cases.count, name: decision.name))
        let numbers = try expected ?? results(item, on: reference)
        expected = numbers
        if let choice = try fastest(decision, of: item, numbers, &result, stopwatch) {
          result.choices.append(choice)
        }
      }
    }
    return result
  }

  /// The fastest way, if it is not the usual one.
  private func fastest(
    _ decision: Decision, of item: BenchmarkCase, _ expected: [[Float]], _ result: inout Result,
    _ stopwatch: Stopwatch
  ) throws -> TuningRecord.Choice? {
    /// What `body` gives on a device with that way if its results are right; otherwise they are noted.
    func ifRight<Value>(
      _ way: String, _ variant: any Device, _ body: (any Device) throws -> Value
    ) -> Value? {
      do {
        guard let fault = difference(try results(item, on: variant), expected) else {
          return try body(variant)
        }
        result.wrong.append("\(decision.name) in \(way): \(fault)")
      } catch {
        result.wrong.append("\(decision.name) in \(way): \(error)")
      }
      return nil
    }

    let usualIsRight = ifRight(decision.taken, device) { _ in } != nil
    var times: [(way: String, seconds: Double)] = []
    for way in decision.ways where way != decision.taken {
      guard stopwatch.seconds < patience else { break }
      result.tried += 1
      let variant = device.deciding([decision.name: way])
      if let seconds = ifRight(way, variant, { try time(item, on: $0, repeats: 1) }) {
        times.append((way, seconds))
      }
    }
    guard let best = times.min(by: { $0.seconds < $1.seconds }) else { return nil }
    guard usualIsRight else {
      return TuningRecord.Choice(
        name: decision.name, way: best.way, usual: decision.taken,
        usualMicroseconds: best.seconds * 1e6, microseconds: best.seconds * 1e6)
    }
    // In turn, so that what else the machine does slows both.
    let variant = device.deciding([decision.name: best.way])
    var (usual, other): ([Double], [Double]) = ([], [])
    for _ in 0..<5 {
      usual.append(try time(item, on: device, repeats: 2))
      other.append(try time(item, on: variant, repeats: 2))
    }
    let (before, after) = (median(usual.sorted()), median(other.sorted()))
    guard after < threshold * before else { return nil }
    return TuningRecord.Choice(
      name: decision.name, way: best.way, usual: decision.taken,
      usualMicroseconds: before * 1e6, microseconds: after * 1e6)
  }

  /// All operands after a call.
  private func results(_ item: BenchmarkCase, on device: any Device) throws -> [[Float]] {
    guard let prepared = try item.prepareOperands?(device) else { return [] }
    try prepared.call()
    return try prepared.operands.map { try device.download($0, as: Float.self) }
  }

  /// Where results differ by more than rounding, or nil.
  private func difference(_ results: [[Float]], _ expected: [[Float]]) -> String? {
    for (values, right) in zip(results, expected) {
      let squares = right.reduce(0.0) { $0 + Double($1) * Double($1) }
      let scale = (squares / Double(max(1, right.count))).squareRoot()
      for (i, (value, wanted)) in zip(values, right).enumerated() {
        let bound = 1e-4 * (scale + abs(Double(wanted)))
        guard
          abs(Double(value) - Double(wanted)) <= bound || value == wanted
            || (value.isNaN && wanted.isNaN)
        else { return "element \(i) is \(value), not \(wanted)" }
      }
    }
    return nil
  }

  /// The seconds of a call in the fastest of some timings.
  private func time(_ item: BenchmarkCase, on device: any Device, repeats: Int) throws -> Double {
    let settings = BenchmarkSettings(repeats: repeats, seconds: seconds)
    return try item.measure(on: device, settings).fastest
  }
}
