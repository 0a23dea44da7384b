import Compute
import Foundation

extension NaiveDevice {
  func softmax(_ shape: Rows, _ x: Buffer, into y: Buffer) throws(DeviceError) {
    for r in 0..<shape.rows {
      let (logits, y) = (x.floats + r * shape.columns, y.floats + r * shape.columns)
      let summed = shape.columns - (has(.softmaxDropsLast) ? 1 : 0)
      let maximum =
        has(.softmaxOverflows) ? 0 : (0..<shape.columns).map { logits[$0] }.reduce(-.infinity, max)
      for c in 0..<shape.columns { y[c] = exp(logits[c] - maximum) }
      let sum = (0..<summed).reduce(0) { $0 + y[$1] }
      for c in 0..<shape.columns { y[c] /= has(.softmaxNotNormalized) ? 1 : sum }
    }
  }

  func softmaxCrossEntropy(_ shape: Rows, logits: Buffer, labels: Buffer, into loss: Buffer)
    throws(DeviceError)
  {
    for r in 0..<shape.rows {
      let row = (0..<shape.columns).map { logits.floats[r * shape.columns + $0] }
      var label = Int(labels.integers[r])
      if has(.softmaxCrossEntropyClampsLabel) { label = min(max(label, 0), shape.columns - 1) }
      guard row.indices.contains(label) else {
        loss.floats[r] = .nan
        continue
      }
      if has(.softmaxCrossEntropyLabelOff) { label = (label + 1) % shape.columns }
      let maximum = has(.softmaxCrossEntropyOverflows) ? 0 : row.reduce(-.infinity, max)
      let sum = row.reduce(0) { $0 + exp($1 - maximum) }
      let negative = log(sum) + maximum - row[label]
      loss.floats[r] =
        has(.softmaxCrossEntropyOfUnderflow)
        ? -log(exp(row[label] - maximum) / sum)
        : has(.softmaxCrossEntropyWrongSign) ? -negative : negative
    }
  }

  func softmaxCrossEntropyGradient(
    _ shape: Rows, logits: Buffer, labels: Buffer, lossGradient: Buffer,
    into logitsGradient: Buffer, accumulate: Bool
  ) throws(DeviceError) {
    let keeps = accumulate && !has(.softmaxCrossEntropyGradientIgnoresAccumulate)
    let probabilities = try makeBuffer(count: shape.count, type: .float32)
    try softmax(shape, logits, into: probabilities)
    for i in 0..<shape.count {
      let (r, c) = (i / shape.columns, i % shape.columns)
      // A label outside its row then reaches into the next one.
      let isTarget =
        has(.softmaxCrossEntropyGradientStraysOut)
        ? (0..<shape.rows).contains { $0 * shape.columns + Int(labels.integers[$0]) == i }
        : c == Int(labels.integers[r])
      let target: Float = isTarget && !has(.softmaxCrossEntropyGradientNoTarget) ? 1 : 0
      let sign: Float = has(.softmaxCrossEntropyGradientSign) ? -1 : 1
      let slope = sign * (probabilities.floats[i] - target)
      let old = keeps ? logitsGradient.floats[i] : 0
      logitsGradient.floats[i] = old + lossGradient.floats[r] * slope
    }
  }

  func argmax(_ shape: Rows, _ x: Buffer, into y: Buffer) throws(DeviceError) {
    for r in 0..<shape.rows {
      let row = (0..<shape.columns).map { x.floats[r * shape.columns + $0] }
      var (best, place) = (has(.argmaxFromZero) ? 0 : row[0], 0)
      for (c, value) in row.enumerated() {
        let isNaN = value.isNaN && !has(.argmaxIgnoresNaN) && (!best.isNaN || has(.argmaxLastNaN))
        if isNaN || value > best || (has(.argmaxLast) && value == best) {
          (best, place) = (value, c)
        }
      }
      y.integers[r] = Int32(place)
    }
  }

  func equal(_ a: Buffer, _ b: Buffer, into y: Buffer) throws(DeviceError) {
    let count = has(.equalTailUnwritten) ? y.count / 4 * 4 : y.count
    for i in 0..<count {
      let (a, b) = (a.integers[i], b.integers[i])
      let isEqual = has(.equalOfFloats) ? Float(a) == Float(b) : a == b
      y.floats[i] = isEqual != has(.equalInverted) ? 1 : 0
    }
  }

  func scaleColumns(
    _ shape: Rows, _ x: Buffer, by scale: Buffer, adding shift: Buffer, into y: Buffer
  ) throws(DeviceError) {
    for i in 0..<shape.count {
      let c = has(.scaleColumnsPerRow) ? i / shape.columns % shape.columns : i % shape.columns
      let shift = has(.scaleColumnsNoShift) ? 0 : shift.floats[c]
      y.floats[i] =
        has(.scaleColumnsShiftsFirst)
        ? (x.floats[i] + shift) * scale.floats[c] : x.floats[i] * scale.floats[c] + shift
    }
  }

  func normalizeRows(_ shape: Rows, _ x: Buffer, into y: Buffer) throws(DeviceError) {
    for r in 0..<shape.rows {
      let row = (0..<shape.columns).map { x.floats[r * shape.columns + $0] }
      let square = row.reduce(0) { $0 + Double($1) * Double($1) }
      var norm = Float(has(.normalizeRowsSquared) ? square : square.squareRoot())
      if has(.normalizeRowsOverflows) { norm = row.reduce(0) { $0 + $1 * $1 }.squareRoot() }
      if has(.normalizeRowsEpsilon) { norm += 1e-12 }
      if has(.normalizeRowsLargest) { norm = row.map { abs($0) }.reduce(0, max) }
      let isZero = norm == 0 && !has(.normalizeRowsOfZero)
      for c in row.indices { y.floats[r * shape.columns + c] = isZero ? 0 : row[c] / norm }
    }
  }
}
