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

  override func matmul(_ shape: Matmul, _ a: Buffer, _ b: Buffer, bias: Buffer?, into c: Buffer)
    throws(DeviceError)
  {
    try super.matmul(shape, a, b, bias: bias, into: c)
    if fault == .firstVariant { try super.scaledAdd(1e-4, c, 1, into: c) }
  }

  override func map(_ function: UnaryFunction, _ x: Buffer, into y: Buffer) throws(DeviceError) {
    if fault == .fails {
      throw DeviceError(call: "clEnqueueNDRangeKernel", code: -5, symbol: "CL_OUT_OF_RESOURCES")
    }
    try super.map(function, x, into: y)
    if fault == .softplus && function == .softplus { try super.scaledAdd(1e-4, x, 1, into: y) }
  }

  override func adamStep(
    _ adam: Adam, parameters: Buffer, gradients: Buffer, firstMoments: Buffer,
    secondMoments: Buffer
  ) throws(DeviceError) {
    if fault == .adam { return }
    try super.adamStep(
      adam, parameters: parameters, gradients: gradients, firstMoments: firstMoments,
      secondMoments: secondMoments)
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
