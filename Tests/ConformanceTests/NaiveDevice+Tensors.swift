import Compute

extension NaiveDevice {
  func reduce(_ reduction: Reduction, _ x: Buffer, into y: Buffer) throws(DeviceError) {
    calls += 1
    let (length, inner, isSum) = (reduction.length, reduction.inner, reduction.function == .sum)
    let isMaximum = reduction.function == .maximum
    for i in 0..<y.count {
      var result: Float =
        isSum || has(.reduceMaximumFromZero)
        ? 0 : isMaximum ? -.infinity : has(.reduceMinimumFromZero) ? 0 : .infinity
      for step in 0..<length {
        if has(.reduceDropsLastRow), inner > 1, step == length - 1 { continue }
        let j = has(.reduceNotDeterministic) && calls % 2 == 0 ? length - 1 - step : step
        let outer = has(.reduceOfFirstMatrix) ? 0 : i / inner
        let value = x.floats[(outer * length + j) * inner + i % inner]
        if isSum {
          result += value
        } else if isMaximum ? value > result : value < result {
          result = value
        } else if value.isNaN, !has(.reduceDropsNaN) {
          result = value
        }
      }
      if !has(.reduceNoScale), !has(.reduceScalesOld) { result *= reduction.scale }
      if reduction.accumulate, !has(.reduceIgnoresAccumulate) { result += y.floats[i] }
      y.floats[i] = has(.reduceScalesOld) ? result * reduction.scale : result
    }
  }

  func stridedCopy(_ copy: StridedCopyOperation) throws(DeviceError) {
    for i in 0..<copy.shape.count {
      var (rest, from, to) = (i, copy.source.offset, copy.target.offset)
      if has(.stridedCopyIgnoresOffset) { from = 0 }
      for axis in copy.shape.extents.indices.reversed() {
        let index = rest % copy.shape.extents[axis]
        from += index * copy.source.strides[axis]
        to += index * copy.target.strides[axis]
        rest /= copy.shape.extents[axis]
      }
      if has(.stridedCopyTailUnwritten), i == copy.shape.count - 1, i > 100 { continue }
      if copy.accumulate, !has(.stridedCopyIgnoresAccumulate) {
        copy.y.floats[to] += copy.x.floats[from]
      } else if has(.stridedCopyQuietsNaN), copy.x.floats[from].isNaN {
        copy.y.floats[to] = .nan
      } else {
        copy.y.integers[to] = copy.x.integers[from]
      }
    }
  }

  func broadcast(_ zip: BroadcastOperation) throws(DeviceError) {
    let shape = zip.shape
    let rank = shape.rank
    func place(_ i: Int, _ extent: Shape) -> Int {
      let strides = extent.strides(fillingIn: shape)
      var (rest, place) = (i, 0)
      for axis in (0..<rank).reversed() {
        // Aligned at the first dimension rather than the last.
        let isLeft = has(.broadcastAlignsLeft) && axis < extent.rank && extent.rank < rank
        let stride = isLeft ? extent.extents[axis] == 1 ? 0 : extent.strides[axis] : strides[axis]
        place += rest % shape.extents[axis] * stride
        rest /= shape.extents[axis]
      }
      return min(place, extent.count - 1)
    }
    for i in 0..<shape.count {
      let second = has(.broadcastRepeatsFirst) ? 0 : place(i, zip.bShape)
      zip.c.floats[i] = value(
        zip.function, zip.a.floats[place(i, zip.aShape)], zip.b.floats[second])
    }
  }

  func select(_ condition: Buffer, _ a: Buffer, _ b: Buffer, into y: Buffer) throws(DeviceError) {
    for i in 0..<y.count {
      let c = condition.floats[i]
      let isSo = has(.selectOfPositive) ? c > 0 : has(.selectNaNIsFalse) ? c < 0 || c > 0 : c != 0
      y.floats[i] =
        has(.selectByArithmetic)
        ? (isSo ? 1 : 0) * a.floats[i] + (isSo ? 0 : 1) * b.floats[i]
        : isSo ? a.floats[i] : b.floats[i]
    }
  }

  func clamp(_ x: Buffer, _ limits: ClosedRange<Float>, into y: Buffer) throws(DeviceError) {
    for i in 0..<y.count {
      let value = x.floats[i]
      let isLost = value.isNaN && has(.clampDropsNaN)
      y.floats[i] =
        value < limits.lowerBound || isLost
        ? limits.lowerBound
        : value > limits.upperBound && !has(.clampBelowOnly)
          ? limits.upperBound : value
    }
  }
}
