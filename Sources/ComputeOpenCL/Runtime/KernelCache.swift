import Compute
import Synchronization

/// The kernels of a device, by file and defines, and by name.
final class KernelCache: Sendable {
  fileprivate struct State: ~Copyable {
    var programs: [String: Program] = [:]
    var kernels: [String: Kernel] = [:]
  }

  private let state = Mutex(State())

  /// Hands the kernel `name` of `Kernels/<file>.cl`, built with `defines`, to `body`, which has it to
  /// itself.
  func withKernel(
    _ file: String, _ name: String, _ context: Context, _ defines: String,
    _ body: (Kernel) throws(DeviceError) -> Void
  ) throws(DeviceError) {
    try state.withLock { state throws(DeviceError) in
      try body(try state.find(file, name, context, defines))
    }
  }
}

extension KernelCache.State {
  fileprivate mutating func find(
    _ file: String, _ name: String, _ context: Context, _ defines: String
  ) throws(DeviceError) -> Kernel {
    let programKey = "\(file) \(defines)"
    let key = "\(name) \(programKey)"
    if let kernel = kernels[key] { return kernel }
    let program: Program
    if let built = programs[programKey] {
      program = built
    } else {
      let source = try Program.source(file)
      program = try Program(context, name: file, source: source, options: defines)
      programs[programKey] = program
    }
    let kernel = try Kernel(program, name)
    kernels[key] = kernel
    return kernel
  }
}
