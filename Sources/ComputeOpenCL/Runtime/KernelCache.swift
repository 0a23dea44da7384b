import Compute

/// The kernels of a device, by file and defines, and by name. Whoever launches one holds the lock.
struct KernelCache: ~Copyable {
  private var programs: [String: Program] = [:]
  private var kernels: [String: Kernel] = [:]

  /// The kernel `name` of `Kernels/<file>.cl`, built with `defines`.
  mutating func find(_ file: String, _ name: String, _ context: Context, _ defines: String)
    throws(DeviceError) -> Kernel
  {
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
