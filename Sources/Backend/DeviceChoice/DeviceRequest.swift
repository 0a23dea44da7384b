/// What a user asks for with `--device`.
public enum DeviceRequest: Sendable, Hashable, CustomStringConvertible {
  /// The best device that works.
  case auto
  /// The pure-Swift CPU device.
  case cpu
  /// The first OpenCL device, a GPU before others.
  case openCL
  /// The OpenCL device at an index of the list.
  case openCLIndex(Int)
  /// The device whose name contains a text, ignoring case.
  case name(String)

  /// Reads `auto`, `cpu`, `opencl`, `opencl:N` or a part of a name.
  public init(_ text: String) {
    switch text.lowercased() {
    case "auto": self = .auto
    case "cpu": self = .cpu
    case "opencl": self = .openCL
    case let text where text.hasPrefix("opencl:"):
      self = Int(text.dropFirst(7)).map { .openCLIndex($0) } ?? .name(text)
    default: self = .name(text)
    }
  }

  /// The request as a user writes it.
  public var description: String {
    switch self {
    case .auto: "auto"
    case .cpu: "cpu"
    case .openCL: "opencl"
    case .openCLIndex(let index): "opencl:\(index)"
    case .name(let name): name
    }
  }
}
