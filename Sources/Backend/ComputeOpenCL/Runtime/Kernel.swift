import COpenCL
import Compute

/// One argument of a kernel.
enum Argument {
  case buffer(Buffer)
  /// A null pointer, for an omitted operand.
  case null
  case int(Int)
  case uint(Int)
  case flag(Bool)
  case float(Float)
  case uint4(SIMD4<UInt32>)
  case float4(SIMD4<Float>)
  case int2(SIMD2<Int32>)
  case int4(SIMD4<Int32>)
  case int8(SIMD8<Int32>)
  /// Local memory of that many bytes.
  case local(Int)

  /// A pair of numbers, vertical and horizontal.
  static func pair(_ down: Int, _ across: Int) -> Argument {
    .int2(SIMD2(Int32(down), Int32(across)))
  }

  /// A buffer, or a null pointer.
  static func optional(_ buffer: Buffer?) -> Argument { buffer.map(Argument.buffer) ?? .null }
}

/// A kernel of a program. Its arguments are state, so callers hold a lock from the first argument
/// until it is enqueued.
final class Kernel {
  let name: String
  /// The most work-items that a work-group may have: fewer than the device allows if it takes many registers.
  let mostItems: Int
  /// Whether it was enqueued before.
  private(set) var hasRun = false
  private let object: cl_kernel
  private let program: Program

  init(_ program: Program, _ name: String) throws(DeviceError) {
    var code: cl_int = 0
    let object = clCreateKernel(program.object, name, &code)
    try check(code, "clCreateKernel", name)
    guard let object else {
      throw DeviceError(call: "clCreateKernel", detail: "the driver returned no kernel \(name)")
    }
    var most = 0
    let asked = clGetKernelWorkGroupInfo(
      object, program.device, cl_kernel_work_group_info(CL_KERNEL_WORK_GROUP_SIZE),
      MemoryLayout.size(ofValue: most), &most, nil)
    mostItems = asked == CL_SUCCESS && most > 0 ? most : .max
    self.name = name
    self.object = object
    self.program = program
  }

  deinit {
    logFailure(clReleaseKernel(object), "clReleaseKernel")
  }

  /// Sets all arguments, for the launches that follow.
  func set(_ arguments: [Argument]) throws(DeviceError) {
    for (index, argument) in arguments.enumerated() {
      try check(set(cl_uint(index), argument), "clSetKernelArg", "argument \(index) of \(name)")
    }
  }

  /// Enqueues the groups of a grid, or a range of them along its first dimension.
  func enqueue(_ context: Context, _ grid: Grid, _ range: Range<Int>? = nil)
    throws(DeviceError)
  {
    let local = grid.local
    let range = range ?? 0..<grid.groups[0]
    var offset = [Int](repeating: 0, count: local.count)
    offset[0] = range.lowerBound * local[0]
    var global = Swift.zip(grid.groups, local).map { $0 * $1 }
    global[0] = range.count * local[0]
    let code = context.enqueue(.launch, name) { event in
      clEnqueueNDRangeKernel(
        context.queue, object, cl_uint(global.count), range.lowerBound == 0 ? nil : offset, global,
        local, 0, nil, event)
    }
    try check(code, "clEnqueueNDRangeKernel", "\(name), \(global) work-items in groups of \(local)")
    hasRun = true
  }

  private func set(_ index: cl_uint, _ argument: Argument) -> cl_int {
    func set<Value>(_ value: Value) -> cl_int {
      withUnsafeBytes(of: value) { clSetKernelArg(object, index, $0.count, $0.baseAddress) }
    }
    switch argument {
    case .buffer(let buffer): return set(Optional(storage(of: buffer).object))
    case .null: return set(cl_mem?.none)
    case .int(let value): return set(Int32(value))
    case .uint(let value): return set(UInt32(value))
    case .flag(let value): return set(Int32(value ? 1 : 0))
    case .float(let value): return set(value)
    case .uint4(let value): return set(value)
    case .float4(let value): return set(value)
    case .int2(let value): return set(value)
    case .int4(let value): return set(value)
    case .int8(let value): return set(value)
    case .local(let byteCount): return clSetKernelArg(object, index, byteCount, nil)
    }
  }
}
