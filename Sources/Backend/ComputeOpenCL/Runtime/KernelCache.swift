import Compute
import Synchronization

/// The kernels of a device, by file and defines, and by name.
///
/// Only callers that need the same file wait for its build: each file has its own lock.
final class KernelCache: Sendable {
  /// A file of kernels built with some defines.
  private final class Unit: Sendable {
    struct State: ~Copyable {
      var program: Program?
      var kernels: [String: Kernel] = [:]
    }

    let state = Mutex(State())
  }

  private let units = Mutex<[String: Unit]>([:])
  private let store: ProgramStore?

  /// Kernels whose programs are kept in a store, if there is one.
  init(_ store: ProgramStore? = nil) { self.store = store }

  /// Passes the kernel `name` of `Kernels/<file>.cl`, built with `defines`, to `body` for exclusive use.
  func withKernel(
    _ file: String, _ name: String, _ context: Context, _ defines: String,
    _ body: (Kernel) throws(DeviceError) -> Void
  ) throws(DeviceError) {
    let key = "\(file) \(defines)"
    let unit = units.withLock { units in
      if let unit = units[key] { return unit }
      let unit = Unit()
      units[key] = unit
      return unit
    }
    try unit.state.withLock { state throws(DeviceError) in
      if let kernel = state.kernels[name] { return try body(kernel) }
      let program: Program
      if let built = state.program {
        program = built
      } else {
        let source = try Program.source(file)
        if let store {
          program = try store.program(
            context, name: file, source: source, defines: defines, kernel: name)
        } else {
          program = try Program(context, name: file, source: source, options: defines)
        }
        state.program = program
      }
      let kernel = try Kernel(program, name)
      state.kernels[name] = kernel
      try body(kernel)
    }
  }
}
