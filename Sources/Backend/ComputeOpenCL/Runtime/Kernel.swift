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
  var hasRun = false
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

  /// Sets all arguments and enqueues the kernel, in parts along the first dimension if it has more groups, or
  /// more work, than one launch may have.
  ///
  /// - Parameter work: The operations of a group, or 0.
  func enqueue(
    _ queue: cl_command_queue, _ arguments: [Argument], _ grid: Grid, _ pace: Pace, _ work: Int
  ) throws(DeviceError) {
    for (index, argument) in arguments.enumerated() {
      try check(set(cl_uint(index), argument), "clSetKernelArg", "argument \(index) of \(name)")
    }
    let work = work * grid.groups.dropFirst().reduce(1, *)
    if grid.groups[0] <= pace.groups(of: work) {
      return try enqueue(queue, grid, from: 0, grid.groups[0])
    }
    try check(clFinish(queue), "clFinish")
    var first = 0
    while first < grid.groups[0] {
      let count = min(grid.groups[0] - first, pace.groups(of: work))
      let start = ContinuousClock.now
      try enqueue(queue, grid, from: first, count)
      try check(clFinish(queue), "clFinish")
      pace.measured(Double(work) * Double(count), took: (.now - start) / .milliseconds(1))
      first += count
    }
  }

  /// Enqueues `count` groups of the first dimension.
  private func enqueue(_ queue: cl_command_queue, _ grid: Grid, from first: Int, _ count: Int)
    throws(DeviceError)
  {
    let local = grid.local
    var offset = [Int](repeating: 0, count: local.count)
    offset[0] = first * local[0]
    var global = Swift.zip(grid.groups, local).map { $0 * $1 }
    global[0] = count * local[0]
    let code = clEnqueueNDRangeKernel(
      queue, object, cl_uint(global.count), first == 0 ? nil : offset, global, local, 0, nil, nil)
    try check(code, "clEnqueueNDRangeKernel", "\(name), \(global) work-items in groups of \(local)")
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
    case .int2(let value): return set(value)
    case .int4(let value): return set(value)
    case .int8(let value): return set(value)
    case .local(let byteCount): return clSetKernelArg(object, index, byteCount, nil)
    }
  }
}
