import Compute

/// A device, and the one that takes over when it fails.
public final class Failover {
  /// The device that computes.
  public private(set) var device: any Device
  private var standby: (any Device)?
  private let say: (String) -> Void

  /// Pairs a device with its standby.
  ///
  /// - Parameters:
  ///   - device: The device that computes first.
  ///   - standby: The device that takes over; nil when the user asked for `device` and no other.
  ///   - say: Tells the user, in one line, that another device has taken over.
  public init(
    _ device: any Device, standby: (any Device)? = nil,
    say: @escaping (String) -> Void = { _ in }
  ) {
    self.device = device
    self.standby = standby
    self.say = say
  }

  /// Runs `body` on the device; if the device fails, once more on the standby.
  /// - Throws: What `body` throws; a `DeviceError` only when no device is left.
  public func run<Result>(_ body: (any Device) throws -> Result) throws -> Result {
    do {
      return try body(device)
    } catch let error as DeviceError {
      guard let standby else { throw error }
      self.standby = nil
      let failed = device.description.name
      device = standby
      let own = device.description
      say("note: \(failed) failed (\(error)); \(own.name), \(own.platform), takes over")
      return try body(device)
    }
  }
}

extension Failover {
  /// Trains on the device; if it fails and the standby takes over, that one resumes from the last checkpoint, or
  /// starts over if there is none yet.
  ///
  /// - Parameters:
  ///   - resuming: Whether to resume from a checkpoint of an earlier session.
  ///   - make: Creates a fresh loop.
  ///   - resume: Restores it from the last checkpoint.
  ///   - body: Trains.
  /// - Throws: ``InterruptedTraining`` when no device is left but there is a checkpoint; what the closures throw.
  public func train<Task: TrainingTask, Result>(
    resuming: Bool, make: (any Device) throws -> TrainingLoop<Task>,
    resume: (TrainingLoop<Task>) throws -> Void, body: (TrainingLoop<Task>) throws -> Result
  ) throws -> Result {
    var isOurs = resuming
    var checkpoint: Checkpoint?
    do {
      return try run { device in
        let loop = try make(device)
        if isOurs { try resume(loop) }
        defer {
          checkpoint = loop.checkpoint ?? checkpoint
          isOurs = isOurs || checkpoint != nil
        }
        return try body(loop)
      }
    } catch let error as DeviceError {
      guard let checkpoint else { throw error }
      throw InterruptedTraining(error: error, checkpoint: checkpoint)
    }
  }
}

/// A device failure during training; the checkpoint is kept.
public struct InterruptedTraining: Error, CustomStringConvertible {
  /// What the device said.
  public var error: DeviceError
  /// The checkpoint from which training can resume.
  public var checkpoint: Checkpoint

  /// The failure and the remedy in one line.
  public var description: String {
    "\(error); \(checkpoint.path) is kept, after step \(checkpoint.step): "
      + "the same command with --resume goes on, with --device cpu on the processor"
  }
}
