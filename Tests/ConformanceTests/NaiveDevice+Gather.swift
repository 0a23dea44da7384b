import Compute

extension NaiveDevice {
  func gather(_ o: GatherOperation) throws(DeviceError) {
    let (gather, y) = (o.gather, o.y)
    let width = gather.width
    let rows = o.table.count / width
    for r in 0..<y.count / width {
      var index = Int(o.indices.integers[has(.gatherIgnoresFirst) ? r : gather.first + r])
      if has(.gatherClampsIndex) { index = min(max(index, 0), rows - 1) }
      for column in 0..<width {
        let (isThere, place) = ((0..<rows).contains(index), index &* width &+ column)
        if y.elementType == .int32 {
          y.integers[r * width + column] =
            isThere ? label(byte(o.table, place), gather) : missingLabel
        } else if isThere {
          let isNumber = o.table.elementType == .float32 && !has(.gatherTakesNumbersForBytes)
          let value = isNumber ? o.table.floats[place] : Float(byte(o.table, place))
          y.floats[r * width + column] = (has(.gatherNoScale) ? 1 : gather.scale) * value
        } else if !has(.gatherKeepsBadRows) {
          y.floats[r * width + column] = .nan
        }
      }
    }
  }

  private func byte(_ table: Buffer, _ place: Int) -> UInt8 {
    table.bytes.load(fromByteOffset: place, as: UInt8.self)
  }

  func gatherGradient(_ o: GatherGradientOperation) throws(DeviceError) {
    let (width, gradient) = (o.gather.width, o.tableGradient.floats)
    if !o.accumulate { for i in 0..<o.tableGradient.count { gradient[i] = 0 } }
    for r in 0..<o.batch.rows {
      let row = Int(o.indices.integers[o.gather.first + r])
      guard 0..<o.table.rows ~= row else { continue }
      for column in 0..<width {
        let value = o.gather.scale * o.outputGradient.floats[r * width + column]
        let isLast = has(.gatherGradientKeepsLast)
        gradient[row * width + column] = (isLast ? 0 : gradient[row * width + column]) + value
      }
    }
  }

  func batchedMatmul(_ o: BatchedMatmulOperation) throws(DeviceError) {
    for i in 0..<o.count {
      let (m, n, k) = (o.shape.m, o.shape.n, o.shape.k)
      let a = o.a.floats + (has(.batchedMatmulOfFirst) || o.a.count == m * k ? 0 : i * m * k)
      let b = o.b.floats + (o.b.count == k * n ? 0 : i * k * n)
      for place in 0..<m * n {
        let (row, column) = (place / n, place % n)
        var sum = o.shape.accumulate ? o.c.floats[i * m * n + place] : 0
        for l in 0..<k {
          sum +=
            a[o.shape.transposeA ? l * m + row : row * k + l]
            * b[o.shape.transposeB ? column * k + l : l * n + column]
        }
        o.c.floats[i * m * n + place] = sum
      }
    }
  }

  private func label(_ byte: UInt8, _ gather: Gather) -> Int32 {
    if has(.gatherLabelsScaled) { return Int32(gather.scale * Float(byte)) }
    return has(.gatherLabelsSigned) ? Int32(Int8(bitPattern: byte)) : Int32(byte)
  }

  private var missingLabel: Int32 { has(.gatherBadLabelIsZero) ? 0 : -1 }
}
