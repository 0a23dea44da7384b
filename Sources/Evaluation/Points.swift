import Autograd
import Compute
import Models

/// Points in a space of many dimensions, brought to the device by parts.
package struct Points {
  let count: Int
  let width: Int
  let device: any Device
  private let part: (Range<Int>) throws(DeviceError) -> Tensor

  /// Points on the host, count × width.
  init(_ values: [Float], width: Int, on device: any Device) {
    count = values.count / width
    self.width = width
    self.device = device
    part = { (range) throws(DeviceError) in
      try Tensor(
        Array(values[range.lowerBound * width..<range.upperBound * width]),
        Rows(range.count, width), on: device)
    }
  }

  /// The images of a data set.
  package init(_ data: DeviceDataset) {
    count = data.count
    width = data.images.pixels
    device = data.device
    part = { (range) throws(DeviceError) in try data.batch(range) }
  }

  /// The squares of the distances to all of `others`, in tiles, so that memory is bounded.
  ///
  /// ‖a − b‖² = ‖a‖² + ‖b‖² − 2ab: one matrix product a tile. In single precision, so a distance that
  /// is small beside the norms has the rounding of those.
  ///
  /// - Parameter body: Gets the rows (points), the columns (others), and rows × columns squares.
  func squaredDistances(
    to others: Points, tile: Int = 2000,
    body: (_ rows: Range<Int>, _ columns: Range<Int>, _ squares: UnsafeBufferPointer<Float>) throws
      -> Void
  ) throws {
    precondition(width == others.width, "points of \(width) and of \(others.width) dimensions")
    for columns in others.ranges(of: tile) {
      let right = try others.part(columns)
      let rightNorms = try squaredNorms(right)
      for rows in ranges(of: tile) {
        let left = try part(rows)
        let leftNorms = try squaredNorms(left)
        let product = try device.makeBuffer(count: rows.count * columns.count, type: .float32)
        try device.matmul(
          Matmul(m: rows.count, n: columns.count, k: width, transposeB: true), left.buffer,
          right.buffer, bias: nil, into: product)
        var squares = try device.download(product)
        try squares.withUnsafeMutableBufferPointer { squares in
          rightNorms.withUnsafeBufferPointer { rightNorms in
            for row in 0..<rows.count {
              let (start, norm) = (row * columns.count, leftNorms[row])
              for column in 0..<columns.count {
                squares[start + column] = max(
                  0, norm + rightNorms[column] - 2 * squares[start + column])
              }
            }
          }
          try body(rows, columns, UnsafeBufferPointer(squares))
        }
      }
    }
  }

  private func ranges(of size: Int) -> [Range<Int>] {
    stride(from: 0, to: count, by: size).map { $0..<min($0 + size, count) }
  }

  private func squaredNorms(_ points: Tensor) throws(DeviceError) -> [Float] {
    let squares = try device.makeBuffer(count: points.shape.count, type: .float32)
    let norms = try device.makeBuffer(count: points.shape.rows, type: .float32)
    try device.zip(.multiply, points.buffer, points.buffer, into: squares)
    try device.reduce(Reduction(.sum, .perRow, points.shape), squares, into: norms)
    return try device.download(norms)
  }
}

extension Points {
  /// The point of another set that is nearest to a point.
  struct Neighbour {
    var index = -1
    var square = Float.infinity
  }

  /// The nearest of `others` to each point.
  func nearest(in others: Points, tile: Int = 2000) throws -> [Neighbour] {
    var result = [Neighbour](repeating: Neighbour(), count: count)
    try squaredDistances(to: others, tile: tile) { rows, columns, squares in
      for (offset, row) in rows.enumerated() {
        var best = result[row]
        for column in 0..<columns.count {
          let square = squares[offset * columns.count + column]
          if square < best.square {
            best = Neighbour(index: columns.lowerBound + column, square: square)
          }
        }
        result[row] = best
      }
    }
    return result
  }

  /// The square of the distance of each point to the `k`-th nearest of the others in its own set.
  package func squaredRadii(_ k: Int, tile: Int = 2000) throws -> [Float] {
    precondition(k >= 1 && k < count, "\(count) points have no neighbour number \(k)")
    var nearest = [Float](repeating: .infinity, count: count * k)  // ascending for each point
    try squaredDistances(to: self, tile: tile) { rows, columns, squares in
      nearest.withUnsafeMutableBufferPointer { nearest in
        for (offset, row) in rows.enumerated() {
          let last = row * k + k - 1
          for column in 0..<columns.count where columns.lowerBound + column != row {
            let square = squares[offset * columns.count + column]
            guard square < nearest[last] else { continue }
            var place = last
            while place > row * k && nearest[place - 1] > square {
              nearest[place] = nearest[place - 1]
              place -= 1
            }
            nearest[place] = square
          }
        }
      }
    }
    return (0..<count).map { nearest[$0 * k + k - 1] }
  }
}
