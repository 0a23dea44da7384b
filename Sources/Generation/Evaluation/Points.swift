import Autograd
import Compute
import Models
import Training

/// Points in a high-dimensional space, uploaded to the device in parts.
package struct Points {
  let count: Int
  let width: Int
  let device: any Device
  private let part: (Range<Int>) throws -> Tensor

  /// Points on the host, count × width.
  package init(_ values: [Float], width: Int, on device: any Device) {
    count = values.count / width
    self.width = width
    self.device = device
    part = { (range) throws(DeviceError) in
      let shape = Rows(range.count, width)
      let buffer = try device.makeBuffer(count: shape.count, type: .float32)
      try values.withUnsafeBufferPointer { values throws(DeviceError) in
        let part = values[range.lowerBound * width..<range.upperBound * width]
        try device.write(
          UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: part)), to: buffer)
      }
      return Tensor(buffer, shape, on: device)
    }
  }

  /// The images of a data set.
  package init(_ data: DeviceDataset) {
    count = data.count
    width = data.pixels
    device = data.device
    part = { try data.images($0) }
  }

  /// The default number of points along a side of a tile.
  package static let tile = 2000

  /// The squared distances to all of `others`, in tiles, so that memory grows with the number of points and
  /// not with its square.
  ///
  /// ‖a − b‖² = ‖a‖² + ‖b‖² − 2ab: one matrix product per tile. It is in single precision, so a distance
  /// that is small relative to the norms has their rounding error.
  ///
  /// - Parameter body: Gets the tiles in turn, those of the same columns with ascending rows.
  func squaredDistances(
    to others: Points, tile: Int = tile, body: (DistanceTile) throws -> Void
  ) throws {
    precondition(width == others.width, "points of \(width) and of \(others.width) dimensions")
    let left = try ranges(of: tile).map { try block($0) }
    for columns in others.ranges(of: tile) {
      let right = try others.block(columns)
      try forEachTile(left.map { ($0, right) }, body)
    }
  }

  /// The squared distances between all of the points themselves: by symmetry, only the tiles on the
  /// diagonal, and those whose rows come before their columns.
  func squaredDistances(tile: Int = tile, body: (DistanceTile) throws -> Void) throws {
    let blocks = try ranges(of: tile).map { try block($0) }
    try forEachTile(
      blocks.indices.flatMap { column in blocks[...column].map { ($0, blocks[column]) } }, body)
  }

  private func ranges(of size: Int) -> [Range<Int>] {
    stride(from: 0, to: count, by: size).map { $0..<min($0 + size, count) }
  }
}

extension Points {
  /// Points on the device, and their squared norms on the host, padded by a vector.
  private struct Block {
    let range: Range<Int>
    let buffer: Buffer
    let norms: [Float]
  }

  private func block(_ range: Range<Int>) throws -> Block {
    let points = try part(range)
    let squares = try device.makeBuffer(count: points.shape.count, type: .float32)
    let norms = try device.makeBuffer(count: range.count, type: .float32)
    try device.zip(.multiply, points.buffer, points.buffer, into: squares)
    try device.reduce(Reduction(.sum, .perRow, points.shape.matrix), squares, into: norms)
    return Block(
      range: range, buffer: points.buffer,
      norms: try device.download(norms) + DistanceTile.padding)
  }

  private func forEachTile(
    _ pairs: [(rows: Block, columns: Block)], _ body: (DistanceTile) throws -> Void
  ) throws {
    func product(_ pair: (rows: Block, columns: Block)) throws(DeviceError) -> Buffer {
      let (m, n) = (pair.rows.range.count, pair.columns.range.count)
      let product = try device.makeBuffer(count: m * n, type: .float32)
      try device.matmul(
        Matmul(m: m, n: n, k: width, transposeB: true), pair.rows.buffer, pair.columns.buffer,
        bias: nil, into: product)
      return product
    }
    guard let first = pairs.first else { return }
    var next = try product(first)
    // One buffer for all: fresh pages for each tile would cost as much as the copy.
    let largest = pairs.map { $0.rows.range.count * $0.columns.range.count }.max() ?? 0
    var products = [Float](repeating: 0, count: largest) + DistanceTile.padding
    for (index, pair) in pairs.enumerated() {
      try products.withUnsafeMutableBytes { bytes in
        try device.read(
          next, into: UnsafeMutableRawBufferPointer(rebasing: bytes[..<next.byteCount]))
      }
      // The device can compute it while the host processes this one.
      if index + 1 < pairs.count { next = try product(pairs[index + 1]) }
      try DistanceTile.with(
        pair.rows.range, pair.columns.range, rowNorms: pair.rows.norms,
        columnNorms: pair.columns.norms, products: products, body)
    }
  }
}
