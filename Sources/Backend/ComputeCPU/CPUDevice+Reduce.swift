import CPUKernels
import Compute

extension ReduceOperation: CPUOperation {
  public func run(on device: CPUDevice) throws(DeviceError) {
    let (input, results) = (x.floats, y.floats)
    let (scale, accumulate) = (reduction.scale, reduction.accumulate)
    let finish = { (index: Int, value: Float) in
      results[index] = value * scale + (accumulate ? results[index] : 0)
    }
    let (function, outer, length, inner) = (
      reduction.function, reduction.outer, reduction.length, reduction.inner
    )
    device.scratch.withLock { scratch in
      if inner == 1 {
        device.reduceRows(function, Rows(outer, length), input, &scratch, finish)
      } else if outer == 1 {
        device.reduceColumns(function, Rows(length, inner), input, &scratch, finish)
      } else {
        device.reduceEach(reduction, input, &scratch, finish)
      }
    }
  }
}

extension SumsOperation: CPUOperation {
  public func run(on device: CPUDevice) throws(DeviceError) {
    let results = y.floats
    device.scratch.withLock { scratch in
      for (i, term) in terms.enumerated() {
        device.reduceRows(.sum, Rows(1, term.x.count), term.x.floats, &scratch) { _, sum in
          results[i] = sum * term.scale
        }
      }
    }
  }
}

extension CPUDevice {
  /// Each row in parts of at most 8192 elements, then the parts.
  fileprivate func reduceRows(
    _ function: Reduction.Function, _ shape: Rows, _ x: Input, _ scratch: inout Scratch,
    _ finish: (Int, Float) -> Void
  ) {
    let length = 8192
    let parts = (shape.columns + length - 1) / length
    scratch.borrow(shape.rows * parts) { partial in
      let groups = max(1, length / shape.columns)
      forEachRange(shape.rows * parts, grain: groups) { first, count in
        for i in first..<first + count {
          let start = i % parts * length
          partial[i] = kernels.reduceRow(
            function, x + i / parts * shape.columns + start, min(length, shape.columns - start))
        }
      }
      for row in 0..<shape.rows {
        finish(row, kernels.reduceRow(function, partial + row * parts, parts))
      }
    }
  }

  /// The columns of one matrix after the other, a task for each of them.
  fileprivate func reduceEach(
    _ reduction: Reduction, _ x: Input, _ scratch: inout Scratch, _ finish: (Int, Float) -> Void
  ) {
    let (length, inner) = (reduction.length, reduction.inner)
    scratch.borrow(reduction.resultCount) { results in
      forEachRange(reduction.outer, grain: max(1, 8192 / (length * inner))) { first, count in
        for i in first..<first + count {
          kernels.reduceColumns(
            reduction.function, x + i * length * inner, inner, length, results + i * inner, inner)
        }
      }
      for i in 0..<reduction.resultCount { finish(i, results[i]) }
    }
  }

  /// Strips of 64 columns by blocks of 1024 rows, then the blocks.
  fileprivate func reduceColumns(
    _ function: Reduction.Function, _ shape: Rows, _ x: Input, _ scratch: inout Scratch,
    _ finish: (Int, Float) -> Void
  ) {
    let (width, height) = (64, 1024)
    let blocks = (shape.rows + height - 1) / height
    let strips = (shape.columns + width - 1) / width
    scratch.borrow((blocks + 1) * shape.columns) { partial in
      pool.run(blocks * strips) { task, _ in
        let row = task / strips * height
        let column = task % strips * width
        kernels.reduceColumns(
          function, x + row * shape.columns + column, shape.columns, min(height, shape.rows - row),
          partial + task / strips * shape.columns + column, min(width, shape.columns - column))
      }
      let total = partial + blocks * shape.columns
      kernels.reduceColumns(function, partial, shape.columns, blocks, total, shape.columns)
      for column in 0..<shape.columns { finish(column, total[column]) }
    }
  }
}
