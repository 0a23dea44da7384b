import Compute

/// An operation with kernels in OpenCL C. Any module's operation can be one.
public protocol OpenCLOperation: DeviceOperation {
  /// Enqueues the operation, whose operands have been checked and belong to the device.
  /// - Throws: `DeviceError` when the driver refuses.
  func run(on device: OpenCLDevice) throws(DeviceError)
}

extension OpenCLDevice {
  public func enqueue<Call: DeviceOperation>(_ operation: Call) throws(DeviceError) {
    if let operation = operation as? any OpenCLOperation {
      try operation.run(on: self)
    } else {
      try operation.compose(on: self)
    }
  }
}
