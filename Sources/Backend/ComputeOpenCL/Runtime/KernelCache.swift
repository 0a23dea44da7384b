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

  /// The work-items of a group that a kernel is known to allow, where they are fewer than for others.
  private let limits = Mutex<[String: Int]>([:])

  /// Kernels whose programs are kept in a store, if there is one.
  init(_ store: ProgramStore? = nil) { self.store = store }

  /// The most work-items of a group of a kernel, as far as is known.
  func limit(_ file: String, _ name: String) -> Int {
    limits.withLock { $0.isEmpty ? .max : $0["\(file) \(name)", default: .max] }
  }

  /// Remembers that a kernel allows no more work-items.
  func limit(_ file: String, _ name: String, to items: Int) {
    limits.withLock { $0["\(file) \(name)"] = items }
  }

  /// Passes the kernel `name` of `Kernels/<file>.cl`, built with `defines`, to `body` for exclusive use.
  ///
  /// - Parameter notice: What says that the kernel's first use takes long.
  func withKernel<Result: Sendable>(
    _ file: String, _ name: String, _ context: Context, _ defines: String,
    notice: SlowNotice = SlowNotice(), _ body: (Kernel) throws(DeviceError) -> Result
  ) throws(DeviceError) -> Result {
    let defines = context.defines + defines
    let key = "\(file) \(defines)"
    let unit = units.withLock { units in
      if let unit = units[key] { return unit }
      let unit = Unit()
      units[key] = unit
      return unit
    }
    return try unit.state.withLock { state throws(DeviceError) in
      if let kernel = state.kernels[name] { return try body(kernel) }
      let watch = notice.watch("building \(name) (\(file).cl) for \(context.deviceName)")
      defer { watch.end() }
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
      let result = try body(kernel)
      // Some drivers compile at the first launch, after it has returned.
      if !context.interprets { try context.finish() }
      return result
    }
  }
}
