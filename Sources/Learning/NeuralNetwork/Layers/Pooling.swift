import Autograd
import Compute

/// The maximum of each window of images, batch × height × width × channels.
public struct MaxPool: Module {
  private let window: Window

  /// Describes square windows.
  ///
  /// - Parameters:
  ///   - size: The rows and columns of a window.
  ///   - stride: The pixels from one window to the next; `size` unless given.
  ///   - padding: How far windows reach beyond the edges.
  public init(_ size: Int, stride: Int? = nil, padding: Int = 0) {
    window = Window(size, stride: stride ?? size, padding: padding)
  }

  /// - Throws: `DeviceError` when the device fails.
  public func callAsFunction(_ x: Tensor) throws(DeviceError) -> Tensor {
    try x.pooled(.maximum, window)
  }
}

/// The mean of each window of images, batch × height × width × channels; what lies outside an image does not
/// count.
public struct AveragePool: Module {
  private let window: Window

  /// Describes square windows; see ``MaxPool/init(_:stride:padding:)``.
  public init(_ size: Int, stride: Int? = nil, padding: Int = 0) {
    window = Window(size, stride: stride ?? size, padding: padding)
  }

  /// - Throws: `DeviceError` when the device fails.
  public func callAsFunction(_ x: Tensor) throws(DeviceError) -> Tensor {
    try x.pooled(.average, window)
  }
}

extension Tensor {
  fileprivate func pooled(_ function: Pooling.Function, _ window: Window) throws(DeviceError)
    -> Tensor
  {
    try pooled(
      Pooling(
        function, batch: shape[0], height: shape[1], width: shape[2], channels: shape[3],
        rows: window, columns: window))
  }
}
