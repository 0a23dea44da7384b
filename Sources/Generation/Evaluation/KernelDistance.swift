import Autograd
import Compute
import Generation

/// The squared maximum mean discrepancy of two sets of points with the kernel (x·y / D + 1)³, by the
/// unbiased estimator, as the mean over disjoint blocks of points (Bińkowski et al., 2018).
public struct KernelDistance: Codable, Sendable, Hashable {
  /// The mean over the blocks; it may be negative if the two distributions are alike.
  public var value: Double
  /// The standard error of the mean, if there are several blocks.
  public var error: Double?

  /// The usual number of points in a block.
  static let blockSize = 1000

  /// Compares equally many points of both sets, count × width each, in order.
  init(_ x: [Float], _ y: [Float], width: Int, on device: any Device) throws(DeviceError) {
    let count = min(x.count, y.count) / width
    let size = min(Self.blockSize, count)
    precondition(size >= 2, "a discrepancy needs two points of each")
    var blocks: [Double] = []
    for block in 0..<count / size {
      let range = block * size * width..<(block + 1) * size * width
      blocks.append(try Self.squared(Array(x[range]), Array(y[range]), width, on: device))
    }
    value = blocks.reduce(0, +) / Double(blocks.count)
    if blocks.count > 1 { error = standardError(blocks) }
  }

  private static func squared(
    _ x: [Float], _ y: [Float], _ width: Int, on device: any Device
  ) throws(DeviceError) -> Double {
    let count = x.count / width
    let shape = Rows(count, width)
    func scaled(_ values: [Float]) throws(DeviceError) -> Buffer {
      let buffer = try device.makeBuffer(values)
      try device.scaledAdd(1 / Float(width).squareRoot(), buffer, 0, into: buffer)
      return buffer
    }
    let (a, b) = (try scaled(x), try scaled(y))
    let one = try device.makeBuffer([Float](repeating: 1, count: count))

    /// The sum of the kernel over all pairs.
    func sum(_ a: Buffer, _ b: Buffer) throws(DeviceError) -> Double {
      let pairs = Rows(count, count)
      let kernel = try device.makeBuffer(count: pairs.count, type: .float32)
      let cube = try device.makeBuffer(count: pairs.count, type: .float32)
      let rows = try device.makeBuffer(count: count, type: .float32)
      try device.matmul(
        Matmul(m: count, n: count, k: shape.columns, transposeB: true), a, b, bias: one,
        into: kernel)
      try device.zip(.multiply, kernel, kernel, into: cube)
      try device.zip(.multiply, cube, kernel, into: cube)
      try device.reduce(Reduction(.sum, .perRow, pairs), cube, into: rows)
      return try device.download(rows).reduce(0) { $0 + Double($1) }
    }
    /// The sum over the pairs of a point with itself.
    func diagonal(_ values: [Float]) -> Double {
      (0..<count).reduce(0) { total, point in
        let own = values[point * width..<(point + 1) * width]
        let k = own.reduce(0) { $0 + Double($1) * Double($1) } / Double(width) + 1
        return total + k * k * k
      }
    }
    let n = Double(count)
    let within = try sum(a, a) - diagonal(x) + sum(b, b) - diagonal(y)
    return within / (n * (n - 1)) - 2 * (try sum(a, b)) / (n * n)
  }
}
