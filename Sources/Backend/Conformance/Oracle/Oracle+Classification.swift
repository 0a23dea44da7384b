import Compute
import Foundation

/// `exp(x − max)` of each element of a row, the greatest element, and the sum.
private func exponentials(
  _ shape: Rows, _ x: [Float], row: Int
) -> (terms: [Measured], maximum: Measured, sum: Measured) {
  let values = x[row * shape.columns..<(row + 1) * shape.columns].map { Measured($0) }
  let maximum = values.max { $0.value < $1.value } ?? .zero
  let terms = values.map { Oracle.apply(.exp, $0 - maximum) }
  return (terms, maximum, terms.reduce(.zero, +))
}

extension Oracle {
  /// `exp(x) / Σ exp(x)` of each row.
  package static func softmax(_ shape: Rows, _ x: [Float]) -> [Measured] {
    (0..<shape.rows).flatMap { r in
      let row = exponentials(shape, x, row: r)
      return row.terms.map { $0 / row.sum }
    }
  }

  /// `log Σ exp(l) − l[label]`, NaN where the label is out of range.
  package static func softmaxCrossEntropy(
    _ shape: Rows, logits: [Float], labels: [Int32]
  ) -> [Measured] {
    (0..<shape.rows).map { r in
      guard (0..<shape.columns).contains(Int(labels[r])) else { return Measured(Double.nan) }
      let row = exponentials(shape, logits, row: r)
      let logarithm = log(row.sum.value)
      return Measured(value: logarithm, scale: row.sum.scale / row.sum.value + abs(logarithm))
        + row.maximum - Measured(logits[r * shape.columns + Int(labels[r])])
    }
  }

  /// `dloss·(softmax − (c = label))`: a label out of range matches no column.
  package static func softmaxCrossEntropyGradient(
    _ shape: Rows, logits: [Float], labels: [Int32], lossGradient: [Float], old: [Float]?
  ) -> [Measured] {
    softmax(shape, logits).enumerated().map { i, probability in
      let (r, c) = (i / shape.columns, i % shape.columns)
      let target = Measured(c == Int(labels[r]) ? 1.0 : 0)
      let gradient = Measured(lossGradient[r]) * (probability - target)
      return old.map { Measured($0[i]) + gradient } ?? gradient
    }
  }

  /// The first column with a NaN, or else with the greatest element.
  package static func argmax(_ shape: Rows, _ x: [Float]) -> [Int32] {
    (0..<shape.rows).map { r in
      let row = Array(x[r * shape.columns..<(r + 1) * shape.columns])
      let greatest = row.reduce(-.infinity, max)
      return Int32(row.firstIndex(where: \.isNaN) ?? row.firstIndex(of: greatest) ?? 0)
    }
  }

  /// `a = b ? 1 : 0`.
  package static func equal(_ a: [Int32], _ b: [Int32]) -> [Float] {
    Swift.zip(a, b).map { $0 == $1 ? 1 : 0 }
  }

  /// `x·scale + shift`, column by column.
  package static func scaleColumns(
    _ shape: Rows, _ x: [Float], by scale: [Float], adding shift: [Float]
  ) -> [Measured] {
    x.indices.map { i in
      let c = i % shape.columns
      return Measured(x[i]) * Measured(scale[c]) + Measured(shift[c])
    }
  }

  /// `x / ‖x‖` of each row, zero where the row is zero.
  package static func normalizeRows(_ shape: Rows, _ x: [Float]) -> [Measured] {
    (0..<shape.rows).flatMap { r -> [Measured] in
      let row = x[r * shape.columns..<(r + 1) * shape.columns].map { Measured($0) }
      let norm = row.reduce(.zero) { $0 + $1 * $1 }.value.squareRoot()
      return norm == 0 ? row : row.map { $0 / norm }
    }
  }
}
