import Compute
import ComputeOpenCL

/// The choice of `auto` in the process of a ``DriverProbe``, as a line for its parent, which then need not
/// check the device again, nor touch OpenCL if the CPU was chosen.
public struct ProbedChoice: Sendable, Equatable {
  /// How to ask for the device: `cpu` or `opencl:N`.
  public var label: String
  /// The kernels that passed the self-check.
  public var kernels: String
  /// Why it was taken.
  public var reason: String

  private static let mark = "digitalis-choice"

  /// Records a choice.
  public init(_ choice: Choice) {
    (label, kernels) = (choice.label, choice.device.description.kernels)
    reason = String(choice.reason.map { $0.isNewline || $0 == "\t" ? " " : $0 })
  }

  /// Finds the line in the output of the process and its drivers.
  init?(in lines: [String]) {
    let fields = lines.last?.split(separator: "\t", omittingEmptySubsequences: false) ?? []
    guard fields.count == 4, fields[0] == Self.mark else { return nil }
    (label, kernels, reason) = (String(fields[1]), String(fields[2]), String(fields[3]))
  }

  /// The line.
  public var line: String { [Self.mark, label, kernels, reason].joined(separator: "\t") }
}

extension DeviceChooser {
  /// Opens the best working device of this machine. Drivers are tried in the process of a probe, which must
  /// print the line of a ``ProbedChoice``.
  /// - Throws: ``NoSuchDeviceError`` or `DeviceError` when not even the CPU works.
  public static func automatic(
    after outcome: DriverProbe.Outcome, cpu: Candidate = .cpu(),
    settings: OpenCLSettings = OpenCLSettings()
  ) throws -> Choice {
    func takeCPU(_ reason: String) throws -> Choice {
      var choice = try DeviceChooser(candidates: [cpu]).choose(.cpu)
      choice.reason = reason
      return choice
    }
    switch outcome {
    case .failed(let problem): return try takeCPU("no GPU passed; \(problem)")
    case .survived(let lines):
      let found = ProbedChoice(in: lines)
      if let found, found.label == "cpu" { return try takeCPU(found.reason) }
      let chooser = system(cpu: cpu, settings: settings)
      do {
        return try found.flatMap(chooser.open) ?? chooser.choose(.auto)
      } catch let error as DeviceError {
        let name = found?.label ?? "a GPU"
        return try takeCPU("\(name) passed the self-check, then failed: \(error)")
      }
    }
  }

  /// Opens the device found before; nil if it is gone.
  func open(_ found: ProbedChoice) throws -> Choice? {
    guard let candidate = candidates.first(where: { $0.label == found.label }) else { return nil }
    // The name of a variant begins with its family.
    let family = KernelFamily.allCases.first { found.kernels.hasPrefix($0.rawValue) }
    let device = try candidate.open(family)
    guard
      let fitting = ([device] + device.variants).first(where: {
        $0.description.kernels == found.kernels
      })
    else { return nil }
    return Choice(
      device: fitting, label: found.label, reason: found.reason,
      standby: try? candidates.first { $0.label == "cpu" }?.open(nil))
  }
}
