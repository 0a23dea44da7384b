/// A failure that a device reports: a runtime failure, not a programming error.
public struct DeviceError: Error, Sendable, CustomStringConvertible {
  /// What was being done, such as `clBuildProgram` or `allocate 1048576 bytes`.
  public var call: String
  /// The code that the call returned, if any.
  public var code: Int32?
  /// The symbolic name of the code, such as `CL_OUT_OF_RESOURCES`.
  public var symbol: String?
  /// What the user should know or do, in one line.
  public var detail: String
  /// The compiler's log, when a kernel failed to build.
  public var buildLog: String?

  /// Describes a failure of `call`.
  public init(
    call: String, code: Int32? = nil, symbol: String? = nil, detail: String = "",
    buildLog: String? = nil
  ) {
    self.call = call
    self.code = code
    self.symbol = symbol
    self.detail = detail
    self.buildLog = buildLog
  }

  /// The failure in one line, without the build log.
  public var description: String {
    var text = call
    if let code { text += " failed with \(symbol.map { "\($0) (\(code))" } ?? "code \(code)")" }
    if !detail.isEmpty { text += ": \(detail)" }
    return text
  }
}
