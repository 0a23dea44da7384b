import Compute
import Synchronization

/// A device that fails, or computes wrongly, where a test says so.
public final class FaultyDevice: ForwardingDevice, @unchecked Sendable {
  /// What goes wrong.
  public enum Fault: Sendable, Hashable {
    /// The k-th demand for memory finds none; later ones do.
    case allocation(Int)
    /// The k-th operation that is used for the first time cannot be built, whenever it is used.
    case build(Int)
    /// The k-th launch fails, and all that follows, as after a crash of the driver.
    case launch(Int)
    /// The k-th time that someone waits, the device is lost, and remains so.
    case loss(Int)
    /// The results of one operation are off, and nothing says so.
    case silent(String)
    /// The k-th result of an operation is not a number.
    case notANumber(String, Int)
  }

  private struct State {
    var calls: [CallKind: Int] = [:]
    var operations: [String] = []
    var results = 0
    var isLost = false
  }

  private let fault: Fault?
  private let state = Mutex(State())

  /// Wraps a device; without a fault the calls are just counted.
  public init(_ base: any Device, _ fault: Fault? = nil) {
    self.fault = fault
    super.init(base)
  }

  /// The calls of a kind so far.
  public func calls(_ kind: CallKind) -> Int { state.withLock { $0.calls[kind] ?? 0 } }
  /// The operations so far, in the order of their first use.
  public var operations: [String] { state.withLock { $0.operations } }

  public override var description: DeviceDescription {
    var description = base.description
    description.name = "Faulty \(description.name)"
    return description
  }

  public override func willCall(_ kind: CallKind, _ name: String) throws(DeviceError) {
    let error: DeviceError? = state.withLock { state in
      state.calls[kind, default: 0] += 1
      if kind == .launch && !state.operations.contains(name) { state.operations.append(name) }
      let count = state.calls[kind] ?? 0
      let lost = DeviceError(
        call: "clFinish", code: -2, symbol: "CL_DEVICE_NOT_AVAILABLE", detail: "the device is lost")
      if state.isLost { return lost }
      switch fault {
      case .allocation(count) where kind == .allocate:
        return DeviceError(
          call: "clCreateBuffer", code: -4, symbol: "CL_MEM_OBJECT_ALLOCATION_FAILURE")
      case .build(let number)
      where kind == .launch && state.operations.firstIndex(of: name) == number - 1:
        return DeviceError(call: "clBuildProgram", code: -11, symbol: "CL_BUILD_PROGRAM_FAILURE")
      case .launch(count) where kind == .launch:
        state.isLost = true
        return DeviceError(
          call: "clEnqueueNDRangeKernel", code: -5, symbol: "CL_OUT_OF_RESOURCES", detail: name)
      case .loss(count) where kind == .wait:
        state.isLost = true
        return lost
      default: return nil
      }
    }
    if let error { throw error }
  }

  public override func didCall(_ name: String, _ results: [Buffer]) throws(DeviceError) {
    guard let result = results.first else { return }
    switch fault {
    case .silent(name): try change(result) { $0 * 1.01 + 0.01 }
    case .notANumber(name, let number):
      let count = state.withLock { state in
        state.results += 1
        return state.results
      }
      if count == number { try change(result) { _ in .nan } }
    default: break
    }
  }

  private func change(_ buffer: Buffer, _ float: (Float) -> Float) throws(DeviceError) {
    switch buffer.elementType {
    case .float32: try base.upload(try base.download(buffer).map(float), to: buffer)
    case .int32:
      try base.upload(try base.download(buffer, as: Int32.self).map { $0 ^ 1 }, to: buffer)
    case .uint8:
      try base.upload(try base.download(buffer, as: UInt8.self).map { $0 ^ 1 }, to: buffer)
    }
  }
}
