import Compute
import ComputeOpenCL
import Conformance

/// A device, and why it was taken.
public struct Choice: Sendable {
  /// The open device.
  public var device: any Device
  /// How to ask for it by name.
  public var label: String
  /// Why, in one line.
  public var reason: String
  /// The pure-Swift device, to take over when the device fails; nil if the user asked for the device.
  public var standby: (any Device)?
}

/// A request that no device of this machine meets.
public struct NoSuchDeviceError: Error, Sendable, CustomStringConvertible {
  /// The request and the available devices, in one line.
  public var description: String
}

/// Picks the device to compute on, and never fails for want of a GPU.
public struct DeviceChooser: Sendable {
  /// The devices, OpenCL before the pure-Swift CPU.
  public var candidates: [Candidate]
  /// Why OpenCL devices are missing, one line each.
  public var problems: [String]

  /// A chooser among given devices.
  public init(candidates: [Candidate], problems: [String] = []) {
    self.candidates = candidates
    self.problems = problems
  }

  /// A chooser among the devices of this machine.
  ///
  /// - Parameters:
  ///   - cpu: The pure-Swift device.
  ///   - settings: What the user decides about OpenCL devices.
  public static func system(
    cpu: Candidate = .cpu(), settings: OpenCLSettings = OpenCLSettings()
  ) -> DeviceChooser {
    let (devices, problems) = OpenCLDevice.available()
    return DeviceChooser(
      candidates: devices.map { .openCL($0, settings) } + [cpu], problems: problems)
  }

  /// A chooser among the devices of this machine, whose drivers are queried only after they survived a
  /// probe.
  public static func system(
    after outcome: DriverProbe.Outcome, cpu: Candidate = .cpu(),
    settings: OpenCLSettings = OpenCLSettings()
  ) -> DeviceChooser {
    if case .failed(let problem) = outcome {
      return DeviceChooser(candidates: [cpu], problems: [problem])
    }
    return system(cpu: cpu, settings: settings)
  }

  /// Opens the device that meets a request.
  ///
  /// - Parameters:
  ///   - request: What the user asked for.
  ///   - kernels: Forces a family of OpenCL kernels.
  /// - Throws: ``NoSuchDeviceError`` when there is none, `DeviceError` when it cannot be opened.
  ///   ``DeviceRequest/auto`` throws neither while there is a CPU candidate.
  public func choose(_ request: DeviceRequest, kernels: KernelFamily? = nil) throws -> Choice {
    switch request {
    case .auto:
      guard let choice = automatic(kernels: kernels).choice else {
        throw NoSuchDeviceError(description: "no device works: \(problems.joined(separator: "; "))")
      }
      return choice
    case .cpu:
      return try open(request, kernels) { $0.label == "cpu" }
    case .openCL:
      let isGPU = { (candidate: Candidate) in
        candidate.isOpenCL && candidate.description.kind == .gpu
      }
      return try open(request, kernels, candidates.contains(where: isGPU) ? isGPU : \.isOpenCL)
    case .openCLIndex:
      return try open(request, kernels) { $0.label == request.description }
    case .name(let name):
      let matches = candidates.filter {
        $0.description.name.lowercased().contains(name.lowercased())
      }
      if matches.count > 1 {
        let labels = matches.map { "\($0.label) (\($0.description.name))" }
        throw NoSuchDeviceError(
          description:
            "--device \(name) fits \(labels.joined(separator: " and ")); name one of them")
      }
      return try open(request, kernels) { $0.label == matches.first?.label }
    }
  }

  /// The first device of a kind, since it was asked for.
  private func open(
    _ request: DeviceRequest, _ kernels: KernelFamily?, _ fits: (Candidate) -> Bool
  ) throws -> Choice {
    guard let candidate = candidates.first(where: fits) else {
      let there = candidates.map { "\($0.label) (\($0.description.name))" }
      let why = problems.isEmpty ? "" : " (\(problems.joined(separator: "; ")))"
      throw NoSuchDeviceError(
        description: "no device fits --device \(request)\(why); "
          + "this machine has \(there.joined(separator: ", "))")
    }
    return Choice(
      device: try candidate.open(kernels), label: candidate.label, reason: "asked for")
  }

  /// The verdict of `auto` on each candidate, in order, and its choice: the first GPU or accelerator that
  /// passes the self-check, otherwise the CPU.
  ///
  /// A device whose first family of kernels fails is tried with the other; if only one variant of a kernel
  /// fails, with the other variants of that family.
  public func automatic(kernels: KernelFamily? = nil) -> (choice: Choice?, verdicts: [String]) {
    var choice: Choice?
    var refusals: [String] = []
    let verdicts = candidates.map { candidate -> String in
      if choice != nil { return "not needed" }
      let accelerates = [.gpu, .accelerator].contains(candidate.description.kind)
      guard accelerates || !candidate.isOpenCL else {
        return "an OpenCL CPU, taken only when asked for"
      }
      guard candidate.isOpenCL else {
        let why = candidates.count > 1 || !problems.isEmpty ? "no GPU passed" : "the only device"
        return take(candidate, nil, why, refusals)
      }
      let cases = Conformance.cases(.selfCheck)
      var failures: [String] = []
      for family in kernels.map({ [$0] }) ?? candidate.families {
        do {
          let device = try candidate.open(family)
          let report = ConformanceReport(cases, on: device)
          guard let reason = report.reason else {
            return take(candidate, device, "it passed the self-check", failures)
          }
          failures.append("\(family) kernels: \(reason)")
          guard report.isWrongInVariants else { continue }
          for variant in device.variants where ConformanceReport(cases, on: variant).passed {
            let kernels = variant.description.kernels
            return take(candidate, variant, "\(kernels) passed the self-check", failures)
          }
        } catch {
          failures.append("\(family) kernels: \(error)")
        }
      }
      let refusal = "failed the self-check (\(failures.joined(separator: "; ")))"
      refusals.append("\(candidate.label) \(refusal)")
      return refusal
    }

    func take(
      _ candidate: Candidate, _ device: (any Device)?, _ why: String, _ failures: [String] = []
    ) -> String {
      do throws(DeviceError) {
        let reason = ([why] + failures).joined(separator: "; ")
        let device = if let device { device } else { try candidate.open(nil) }
        var standby: (any Device)?
        if candidate.isOpenCL, let cpu = candidates.first(where: { !$0.isOpenCL }) {
          standby = try? cpu.open(nil)
        }
        choice = Choice(
          device: device, label: candidate.label, reason: reason, standby: standby)
        return "taken by auto: \(reason)"
      } catch {
        return "cannot be opened: \(error)"
      }
    }
    return (choice, verdicts)
  }
}

extension Candidate {
  fileprivate var isOpenCL: Bool { label.hasPrefix("opencl:") }
}
