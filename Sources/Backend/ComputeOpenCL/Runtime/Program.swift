import CKernels
import COpenCL
import Compute

/// OpenCL C, built for the device of a context.
final class Program: @unchecked Sendable {
  let object: cl_program
  private let context: Context

  /// The device that it is built for.
  var device: cl_device_id { context.device }

  /// Builds `source`; a failure carries the compiler's log.
  init(_ context: Context, name: String, source: String, options: String) throws(DeviceError) {
    var code: cl_int = 0
    let object = source.withCString { text in
      var text: UnsafePointer<CChar>? = text
      return clCreateProgramWithSource(context.context, 1, &text, nil, &code)
    }
    try check(code, "clCreateProgramWithSource", "\(name).cl")
    guard let object else {
      throw DeviceError(call: "clCreateProgramWithSource", detail: "no program for \(name).cl")
    }
    self.object = object
    self.context = context
    var devices: [cl_device_id?] = [context.device]
    code = clBuildProgram(object, 1, &devices, Program.options(options), nil, nil)
    guard code == CL_SUCCESS else {
      throw DeviceError(
        call: "clBuildProgram", code: code, symbol: symbol(of: code),
        detail: "the driver cannot build \(name).cl; update it or choose another device",
        buildLog: Program.buildLog(object, context.device))
    }
  }

  /// Takes over a program that is to be built, or is built already.
  init(_ context: Context, object: cl_program) {
    self.object = object
    self.context = context
  }

  deinit {
    logFailure(clReleaseProgram(object), "clReleaseProgram")
  }

  /// The options of a build with some defines.
  static func options(_ defines: String) -> String { "-cl-std=CL1.2 -w " + defines }

  private static func buildLog(_ program: cl_program, _ device: cl_device_id) -> String {
    let name = cl_program_build_info(CL_PROGRAM_BUILD_LOG)
    var size = 0
    guard clGetProgramBuildInfo(program, device, name, 0, nil, &size) == CL_SUCCESS, size > 0
    else { return "" }
    var bytes = [UInt8](repeating: 0, count: size)
    guard clGetProgramBuildInfo(program, device, name, size, &bytes, nil) == CL_SUCCESS
    else { return "" }
    return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }

  /// The text of `Kernels/<name>.cl` after the prelude, with its includes.
  static func source(_ name: String) throws(DeviceError) -> String {
    try text("prelude") + "\n" + text(name)
  }

  /// One file. Drivers have no include folder, so its includes are expanded here.
  private static func text(_ name: String) throws(DeviceError) -> String {
    guard let source = digitalis_kernel_source(name) else {
      throw DeviceError(call: "find \(name).cl", detail: "no such kernel file in this binary")
    }
    var lines: [Substring] = []
    let text = String(cString: source)
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if let included = line.wholeMatch(of: #/#include "(.+)\.cl"/#)?.1 {
        lines.append(Substring(try self.text(String(included))))
      } else {
        lines.append(line)
      }
    }
    return lines.joined(separator: "\n")
  }
}
