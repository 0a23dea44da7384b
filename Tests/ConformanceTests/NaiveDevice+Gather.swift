import Compute

extension NaiveDevice {
  func gather(_ gather: Gather, _ bytes: Buffer, at indices: Buffer, into y: Buffer)
    throws(DeviceError)
  {
    let width = gather.width
    let rows = bytes.count / width
    for r in 0..<y.count / width {
      var index = Int(indices.integers[has(.gatherIgnoresFirst) ? r : gather.first + r])
      if has(.gatherClampsIndex) { index = min(max(index, 0), rows - 1) }
      for column in 0..<width {
        let byte =
          (0..<rows).contains(index)
          ? bytes.bytes.load(fromByteOffset: index * width + column, as: UInt8.self) : nil
        if y.elementType == .int32 {
          y.integers[r * width + column] = byte.map { label($0, gather) } ?? missingLabel
        } else if let byte {
          y.floats[r * width + column] = (has(.gatherNoScale) ? 1 : gather.scale) * Float(byte)
        } else if !has(.gatherKeepsBadRows) {
          y.floats[r * width + column] = .nan
        }
      }
    }
  }

  private func label(_ byte: UInt8, _ gather: Gather) -> Int32 {
    if has(.gatherLabelsScaled) { return Int32(gather.scale * Float(byte)) }
    return has(.gatherLabelsSigned) ? Int32(Int8(bitPattern: byte)) : Int32(byte)
  }

  private var missingLabel: Int32 { has(.gatherBadLabelIsZero) ? 0 : -1 }
}
