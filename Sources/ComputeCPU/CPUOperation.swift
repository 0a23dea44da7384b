import Compute

/// An operation that the pure-Swift device does itself. Anybody's operation can be one.
public protocol CPUOperation: DeviceOperation {
  /// Does the operation, whose operands have been checked and belong to the device.
  /// - Throws: `DeviceError` when there is no memory for what it needs.
  func run(on device: CPUDevice) throws(DeviceError)
}

extension CPUDevice {
  public func enqueue<Call: DeviceOperation>(_ operation: Call) throws(DeviceError) {
    if let operation = operation as? any CPUOperation {
      try operation.run(on: self)
    } else {
      try operation.compose(on: self)
    }
  }
}
