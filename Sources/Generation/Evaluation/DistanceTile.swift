import Threads
/// The squared distances of some points, the rows, to others, the columns.
///
/// It is processed on all cores: a row or a column at a time, each by one thread, so that results do not
/// depend on the number of threads.
struct DistanceTile: @unchecked Sendable {
  let rows: Range<Int>
  let columns: Range<Int>
  private let rowNorms: UnsafePointer<Float>
  private let columnNorms: UnsafePointer<Float>
  /// Inner products, rows × columns.
  private let products: UnsafePointer<Float>

  /// The padding after norms and products: vectors may reach past the end.
  static let padding = [Float](repeating: .nan, count: SquaredDistances.Vector.scalarCount)

  /// Lends a tile of host memory, which must be padded.
  static func with(
    _ rows: Range<Int>, _ columns: Range<Int>, rowNorms: [Float], columnNorms: [Float],
    products: [Float], _ body: (DistanceTile) throws -> Void
  ) rethrows {
    try rowNorms.withUnsafeBufferPointer { rowNorms in
      try columnNorms.withUnsafeBufferPointer { columnNorms in
        try products.withUnsafeBufferPointer { products in
          try body(
            DistanceTile(
              rows: rows, columns: columns, rowNorms: rowNorms.baseAddress!,
              columnNorms: columnNorms.baseAddress!, products: products.baseAddress!))
        }
      }
    }
  }

  /// The distances of one row to the columns.
  func distances(ofRow row: Int) -> SquaredDistances {
    let place = row - rows.lowerBound
    return SquaredDistances(
      point: row, others: columns, norm: rowNorms[place], norms: columnNorms,
      products: products + place * columns.count)
  }

  /// Calls `body` for ranges that cover the rows, in parallel.
  func forEachRowRange(_ body: @Sendable (Range<Int>) -> Void) {
    forEachRange(rows, of: 64, body)
  }

  /// Calls `body` for the distances of each row to the columns, in parallel.
  func forEachRow(_ body: @Sendable (SquaredDistances) -> Void) {
    forEachRowRange { range in
      for row in range { body(distances(ofRow: row)) }
    }
  }

  /// Calls `body` for the distances of each column to the rows, in parallel.
  func forEachColumn(_ body: @Sendable (SquaredDistances) -> Void) {
    // As many columns as fit a cache line are transposed into rows. Rows a power of two apart would contend
    // for the same cache lines; with the padding they rarely are.
    let line = 16
    forEachRange(columns, of: line) { range in
      let length = rows.count + Self.padding.count
      withUnsafeTemporaryAllocation(of: Float.self, capacity: line * length) { turned in
        turned.initialize(repeating: .nan)
        let first = range.lowerBound - columns.lowerBound
        for row in 0..<rows.count {
          let source = products + (row * columns.count + first)
          for place in 0..<range.count { turned[place * length + row] = source[place] }
        }
        for (place, column) in range.enumerated() {
          body(
            SquaredDistances(
              point: column, others: rows, norm: columnNorms[first + place], norms: rowNorms,
              products: UnsafePointer(turned.baseAddress! + place * length)))
        }
      }
    }
  }
}

/// The squared distances of one point to a range of others.
struct SquaredDistances {
  typealias Vector = SIMD16<Float>

  let point: Int
  let others: Range<Int>
  fileprivate let norm: Float
  fileprivate let norms: UnsafePointer<Float>
  fileprivate let products: UnsafePointer<Float>

  /// The square at an index of the others. Values made negative by rounding become 0; NaN stays.
  subscript(_ place: Int) -> Float { max(norm + norms[place] - 2 * products[place], 0) }

  /// The squares from an index on, with negative ones unchanged, and undefined past the last.
  private func vector(_ place: Int) -> Vector {
    let norms = UnsafeRawPointer(norms + place).loadUnaligned(as: Vector.self)
    let products = UnsafeRawPointer(products + place).loadUnaligned(as: Vector.self)
    return norm + norms - 2 * products
  }

  /// Calls `body` for the squares below a limit, in order. NaN never is.
  ///
  /// - Parameter body: Gets the other point and the square, and returns the new limit.
  @inline(__always)
  func forEach(below start: Float, _ body: (_ other: Int, _ square: Float) -> Float) {
    var limit = start
    for first in stride(from: 0, to: others.count, by: Vector.scalarCount) {
      // Few vectors contain any.
      guard any(vector(first) .< limit) else { continue }
      for place in first..<min(first + Vector.scalarCount, others.count)
      where self[place] < limit {
        limit = body(others.lowerBound + place, self[place])
      }
    }
  }

  /// Calls `body` for the squares below a common limit or the other point's own, in order.
  ///
  /// - Parameter limits: From the first of the others on, and padded.
  @inline(__always)
  func forEach(
    below limit: Float, or limits: UnsafePointer<Float>,
    _ body: (_ other: Int, _ square: Float) -> Void
  ) {
    for first in stride(from: 0, to: others.count, by: Vector.scalarCount) {
      let own = UnsafeRawPointer(limits + first).loadUnaligned(as: Vector.self)
      let squares = vector(first)
      guard any((squares .< limit) .| (squares .< own)) else { continue }
      for place in first..<min(first + Vector.scalarCount, others.count)
      where self[place] < limit || self[place] < limits[place] {
        body(others.lowerBound + place, self[place])
      }
    }
  }
}

/// Calls `body` for parts of a range, in parallel.
private func forEachRange(
  _ range: Range<Int>, of size: Int, _ body: @Sendable (Range<Int>) -> Void
) {
  concurrently((range.count + size - 1) / size) { index in
    let first = range.lowerBound + index * size
    body(first..<min(first + size, range.upperBound))
  }
}
