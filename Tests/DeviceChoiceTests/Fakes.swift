import Compute
import ComputeCPU
import ComputeOpenCL
import DeviceChoice
import Synchronization
import TestSupport

/// A CPU under another name, which may compute wrongly or not open at all.
final class FakeDevice: ForwardingDevice, @unchecked Sendable {
  enum Fault: Sendable {
    case softplus, adam, fails
    /// Products are wrong, but not in the second variant.
    case firstVariant
  }

  private let fault: Fault?
  private let ownDescription: DeviceDescription

  init(_ description: DeviceDescription, _ fault: Fault?) {
    self.fault = fault
    ownDescription = description
    super.init(CPUDevice(threads: 1))
  }

  override var description: DeviceDescription { ownDescription }

  override var variants: [any Device] {
    guard fault == .firstVariant else { return [] }
    return [Fault.firstVariant, nil].enumerated().map { number, fault in
      var description = ownDescription
      description.kernels += ", variant \(number)"
      return FakeDevice(description, fault)
    }
  }

  override func enqueue<Call: DeviceOperation>(_ operation: Call) throws(DeviceError) {
    let map = operation as? MapOperation
    if fault == .fails && map != nil {
      throw DeviceError(call: "clEnqueueNDRangeKernel", code: -5, symbol: "CL_OUT_OF_RESOURCES")
    }
    if fault == .adam && operation is AdamOperation { return }
    try super.enqueue(operation)
    if fault == .firstVariant, let product = operation as? MatmulOperation {
      try base.scaledAdd(1e-4, product.c, 1, into: product.c)
    }
    if fault == .softplus, let map, map.function == .softplus {
      try base.scaledAdd(1e-4, map.x, 1, into: map.y)
    }
  }
}

extension DeviceDescription {
  static func fake(_ name: String, _ kind: Kind) -> DeviceDescription {
    DeviceDescription(
      name: name, kind: kind, platform: "Fake", driver: "1.0", memory: 1 << 30, computeUnits: 4,
      kernels: kind == .gpu ? "gpu" : "cpu")
  }
}

extension Candidate {
  /// An OpenCL device, wrong in the kernels that `faults` names.
  static func fake(
    _ index: Int, _ name: String = "Fake GPU", _ kind: DeviceDescription.Kind = .gpu,
    faults: [KernelFamily: FakeDevice.Fault] = [:], opened: Log = Log(),
    opens: Bool = true
  ) -> Candidate {
    let description = DeviceDescription.fake(name, kind)
    return Candidate(
      label: "opencl:\(index)", description: description,
      families: kind == .cpu ? [.cpu, .gpu] : [.gpu, .cpu]
    ) { family throws(DeviceError) in
      opened.add("\(index) \(family?.rawValue ?? "default")")
      guard opens else {
        throw DeviceError(
          call: "clCreateContext", code: -2, symbol: "CL_DEVICE_NOT_AVAILABLE", detail: "in use")
      }
      var own = description
      own.kernels = family?.rawValue ?? own.kernels
      return FakeDevice(own, family.flatMap { faults[$0] })
    }
  }

  /// The pure-Swift device.
  static let cpu = Candidate(label: "cpu", description: .fake("Processor", .cpu)) { _ in
    CPUDevice(threads: 1)
  }
}

/// What was opened, in order.
final class Log: Sendable {
  private let lines = Mutex<[String]>([])
  func add(_ line: String) { lines.withLock { $0.append(line) } }
  var entries: [String] { lines.withLock { $0 } }
}
