import Compute
import Synchronization

extension OpenCLDevice {
  /// Enqueues the kernel `name` of `Kernels/<file>.cl`, which is built on first use.
  func launch(
    _ file: String, _ name: String, _ arguments: [Argument], groups: [Int], local: [Int],
    defines: String = ""
  ) throws(DeviceError) {
    enqueued.add(1, ordering: .relaxed)
    let global = Swift.zip(groups, local).map { $0 * $1 }
    try kernels.withKernel(file, name, context, tuning.defines + " " + defines) {
      kernel throws(DeviceError) in
      try pool.withRetry { () throws(DeviceError) in
        try kernel.enqueue(context.queue, arguments, global: global, local: local)
      }
    }
  }

  /// Enqueues a kernel that visits `count` elements (or blocks) with `FOR_ELEMENTS`.
  func launch(_ file: String, _ name: String, elements count: Int, _ arguments: [Argument])
    throws(DeviceError)
  {
    switch tuning.family {
    case .gpu:
      let groups = min(quotient(count, tuning.group), tuning.mostGroups)
      try launch(file, name, arguments, groups: [groups], local: [tuning.group])
    case .cpu:
      // Whole chunks, which the kernels address by index.
      try launch(file, name, arguments, groups: [quotient(count, tuning.chunk)], local: [1])
    }
  }

  /// Enqueues a kernel that visits a matrix with `FOR_ROWS` and `FOR_ELEMENTS`.
  func launch(_ file: String, _ name: String, matrix shape: Rows, _ arguments: [Argument])
    throws(DeviceError)
  {
    switch tuning.family {
    case .gpu:
      let local = block(columns: shape.columns)
      let rows = min(quotient(shape.rows, local[1]), tuning.mostGroups)
      try launch(
        file, name, arguments, groups: [quotient(shape.columns, local[0]), rows], local: local)
    case .cpu:
      let rows = min(shape.rows, 256)
      try launch(
        file, name, arguments, groups: [quotient(shape.columns, tuning.chunk), rows],
        local: [1, 1])
    }
  }

  /// Enqueues a kernel with one work-group for each of `count` results.
  func launch(_ file: String, _ name: String, results count: Int, _ arguments: [Argument])
    throws(DeviceError)
  {
    try launch(file, name, arguments, groups: [count], local: [tuning.group])
  }

  /// A work-group of ``Tuning/group`` work-items, as wide as the columns need.
  func block(columns: Int) -> [Int] {
    var width = 1
    while width < min(columns, tuning.group) { width *= 2 }
    return [width, tuning.group / width]
  }
}

/// `count / size`, rounded up.
func quotient(_ count: Int, _ size: Int) -> Int { (count + size - 1) / size }
