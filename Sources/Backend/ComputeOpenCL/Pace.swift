import COpenCL
import Compute
import Synchronization

/// How many operations a device does in a millisecond, so that no launch keeps it for longer than a display
/// can wait.
///
/// It starts from an estimate that is too low for any GPU. What is too long by that is launched in parts, which
/// correct it.
final class Pace: Sendable {
  /// The longest that a launch may take, in milliseconds; infinite where nothing waits.
  let limit: Double
  /// The greatest number of work-groups in a dimension that every GPU allows.
  private let mostGroups = 65_535
  private let operations: Mutex<Double>

  /// Starts from the operations in a millisecond at 8 for each compute unit and cycle.
  init(limit: Double, computeUnits: Int, megahertz: Int) {
    self.limit = limit
    operations = Mutex(8e3 * Double(max(1, computeUnits)) * Double(max(100, megahertz)))
  }

  /// The groups of `work` operations that one launch may have.
  func groups(of work: Int) -> Int {
    guard work > 0, limit.isFinite else { return mostGroups }
    let count = operations.withLock { $0 } * limit / Double(work)
    return Int(min(max(1, count), Double(mostGroups)))
  }

  /// Learns from a launch.
  func measured(_ work: Double, took milliseconds: Double) {
    guard work > 0, milliseconds > 0 else { return }
    // What is over at once says little: four times as much is tried next.
    operations.withLock { $0 = min(work / milliseconds, 4 * $0) }
  }
}
