import COpenCL
import Compute
import Synchronization

extension OpenCLDevice {
  /// Enqueues the kernel `name` of `Kernels/<file>.cl`, which is built on first use.
  ///
  /// - Parameters:
  ///   - work: The operations of a work-group, by which a launch is bounded in time; 0 if they are few.
  ///   - defines: What the file is built with besides the group's size.
  ///   - grid: The work-groups, for the number of work-items that one may have: at most ``Tuning/group``, and
  ///     fewer where this kernel allows no more on this device.
  func launch(
    _ file: String, _ name: String, _ arguments: [Argument], work: Int = 0, defines: String = "",
    grid: (Int) -> Grid
  ) throws(DeviceError) {
    let limit = kernels.limit(file, name)
    var group = powerOfTwo(below: min(tuning.group, limit))
    if tuning.family == .gpu {
      group = decisions.way("groups of \(name)", group) { tuning.groups(below: limit) }
    }
    while let smaller = try enqueue(
      file, name, arguments, grid(group), work, "\(tuning.defines(group: group)) \(defines)")
    {
      kernels.limit(file, name, to: smaller)
      group = powerOfTwo(below: smaller)
    }
  }

  /// Enqueues a kernel whose work-groups have a fixed size.
  func launch(
    _ file: String, _ name: String, _ arguments: [Argument], work: Int = 0, groups: [Int],
    local: [Int], defines: String = ""
  ) throws(DeviceError) {
    let refused = try enqueue(
      file, name, arguments, Grid(groups, of: local), work,
      "\(tuning.defines(group: tuning.group)) \(defines)")
    guard refused != nil else { return }
    throw DeviceError(
      call: "clEnqueueNDRangeKernel", code: CL_INVALID_WORK_GROUP_SIZE,
      symbol: symbol(of: CL_INVALID_WORK_GROUP_SIZE),
      detail: "\(name) cannot run in groups of \(local) here")
  }

  /// Enqueues a kernel, or returns the greatest number of work-items to try instead.
  private func enqueue(
    _ file: String, _ name: String, _ arguments: [Argument], _ grid: Grid, _ work: Int,
    _ defines: String
  ) throws(DeviceError) -> Int? {
    try kernels.withKernel(file, name, context, defines) { kernel throws(DeviceError) in
      let items = grid.items
      if items > kernel.mostItems { return min(kernel.mostItems, items / 2) }
      enqueued.add(1, ordering: .relaxed)
      do throws(DeviceError) {
        try pool.withRetry { () throws(DeviceError) in try kernel.set(arguments) }
        try enqueue(kernel, grid, work: work * grid.groups.dropFirst().reduce(1, *))
      } catch {
        // Some drivers promise more work-items than they can then launch.
        guard items > 1, !kernel.hasRun, error.isAboutSize else { throw error }
        return items / 2
      }
      return nil
    }
  }

  /// Enqueues a kernel whose arguments are set, in parts along the first dimension if it has more groups than one
  /// launch may have, or would take too long: `work` operations for each of those.
  private func enqueue(_ kernel: Kernel, _ grid: Grid, work: Int) throws(DeviceError) {
    let groups = grid.groups[0]
    if groups <= pace.groups(of: work) {
      return try pool.withRetry { () throws(DeviceError) in try kernel.enqueue(context, grid) }
    }
    try context.finish()
    var first = 0
    while first < groups {
      let range = first..<min(first + pace.groups(of: work), groups)
      let start = ContinuousClock.now
      // Each part by itself: one that adds to what is there must not run twice.
      try pool.withRetry { () throws(DeviceError) in try kernel.enqueue(context, grid, range) }
      try context.finish()
      pace.measured(
        Double(work) * Double(range.count), took: (.now - start) / .milliseconds(1))
      first = range.upperBound
    }
  }

  /// Enqueues a kernel that visits `count` elements (or blocks) with `FOR_ELEMENTS`.
  func launch(_ file: String, _ name: String, elements count: Int, _ arguments: [Argument])
    throws(DeviceError)
  {
    let tuning = tuning
    try launch(file, name, arguments) { group in
      switch tuning.family {
      case .gpu: Grid([min(quotient(count, group), tuning.mostGroups)], of: [group])
      // Whole chunks, which the kernels address by index.
      case .cpu: Grid([quotient(count, tuning.chunk)], of: [1])
      }
    }
  }

  /// Enqueues a kernel that visits a matrix with `FOR_ROWS` and `FOR_ELEMENTS`.
  func launch(_ file: String, _ name: String, matrix shape: Rows, _ arguments: [Argument])
    throws(DeviceError)
  {
    let tuning = tuning
    try launch(file, name, arguments) { group in
      switch tuning.family {
      case .gpu:
        let local = block(columns: shape.columns, of: group)
        let columns = min(quotient(shape.columns, local[0]), tuning.mostGroups)
        return Grid(
          [columns, min(quotient(shape.rows, local[1]), tuning.mostGroups)], of: local)
      case .cpu:
        return Grid([quotient(shape.columns, tuning.chunk), min(shape.rows, 256)], of: [1, 1])
      }
    }
  }

  /// Enqueues a kernel with one work-group for each of `count` results, with `work` operations for each.
  func launch(
    _ file: String, _ name: String, results count: Int, work: Int = 0, _ arguments: [Argument]
  ) throws(DeviceError) {
    try launch(file, name, arguments, work: work) { group in Grid([count], of: [group]) }
  }
}

/// The work-groups of a launch in each dimension, and their work-items.
struct Grid {
  var groups: [Int]
  var local: [Int]

  init(_ groups: [Int], of local: [Int]) { (self.groups, self.local) = (groups, local) }

  /// The work-items of a group.
  var items: Int { local.reduce(1, *) }
}

/// A work-group of `group` work-items, as wide as the columns need.
func block(columns: Int, of group: Int) -> [Int] {
  var width = 1
  while width < min(columns, group) { width *= 2 }
  return [width, group / width]
}

/// `count / size`, rounded up.
func quotient(_ count: Int, _ size: Int) -> Int { (count + size - 1) / size }

/// The greatest power of two that is not above `limit`, at least 1.
func powerOfTwo(below limit: Int) -> Int {
  var power = 1
  while power <= limit / 2 { power *= 2 }
  return power
}

extension DeviceError {
  /// Whether it may come from work-groups that are too large.
  var isAboutSize: Bool {
    code == CL_INVALID_WORK_GROUP_SIZE || code == CL_INVALID_WORK_ITEM_SIZE
      || code == CL_OUT_OF_RESOURCES
  }
}
