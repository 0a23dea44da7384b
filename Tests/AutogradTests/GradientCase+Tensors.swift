import Autograd
import Compute
import Conformance
import Foundation

extension GradientCase {
  static let broadcasting: [GradientCase] =
    [BinaryFunction.add, .subtract, .multiply, .divide, .maximum, .minimum].flatMap { function in
      [([2, 3], [3]), ([2, 1, 3], [4, 1]), ([2, 3], []), ([3], [2, 3]), ([2, 3], [2, 3])].map {
        (a: Shape, b: Shape) in
        GradientCase("\(function) of \(a) and \(b)", of: [a, b], areApart: true) {
          // A divisor well away from 0.
          try $0[0].zip(function, function == .divide ? $0[1].map(.exp) : $0[1])
        } exact: {
          let (x, y) = (
            Oracle.broadcast($0[0], a, to: a.broadcast(with: b)),
            Oracle.broadcast($0[1], b, to: a.broadcast(with: b))
          )
          return x.indices.map { i in
            let (x, y) = (Double(x[i]), Double(y[i]))
            switch function {
            case .add: return x + y
            case .subtract: return x - y
            case .multiply: return x * y
            case .divide: return x / exp(y)
            case .maximum: return max(x, y)
            default: return min(x, y)
            }
          }
        }
      }
    } + [
      GradientCase("select", of: [[2, 3], [3]]) {
        let condition = try Tensor([1, 0, -2, 0, 0, 1], [2, 3], on: $0[0].device)
        return try condition.select($0[0], $0[1])
      } exact: {
        let (a, b) = ($0[0], $0[1])
        return [1, 0, -2, 0, 0, 1].enumerated().map { Double($1 != 0 ? a[$0] : b[$0 % 3]) }
      },
      GradientCase("clamped", of: [[3, 5]], areApart: true) {
        try $0[0].clamped(to: -0.6...0.9)
      } exact: {
        $0[0].map { Double(min(max($0, -0.6), 0.9)) }
      },
      GradientCase("−(x·2 − y)/x", of: [[3], [2, 3]]) {
        try -(($0[0].scaled(by: 2) - $0[1]) / $0[0])
      } exact: {
        let (x, y) = ($0[0], $0[1])
        return y.indices.map { -(2 * Double(x[$0 % 3]) - Double(y[$0])) / Double(x[$0 % 3]) }
      },
    ]

  /// The elements that each result combines, of a tensor whose dimensions `axes` are reduced.
  private static func groups(_ x: [Float], _ shape: Shape, _ axes: [Int]) -> [[Double]] {
    var groups: [[Int]: [Double]] = [:]
    var order: [[Int]] = []
    for (index, value) in zip(Oracle.indices(of: shape), x) {
      let key = index.indices.filter { !axes.contains($0) }.map { index[$0] }
      if groups[key] == nil { order.append(key) }
      groups[key, default: []].append(Double(value))
    }
    return order.map { groups[$0]! }
  }

  private static func logSumExp(_ x: [Double]) -> Double {
    log(x.reduce(0) { $0 + exp($1) })
  }

  static let reductions: [GradientCase] =
    [([3, 4], [1]), ([3, 4], [0]), ([2, 3, 4], [1]), ([2, 3, 4, 2], [0, 2]), ([5], [0])].flatMap {
      (shape: Shape, axes: [Int]) -> [GradientCase] in
      let reductions:
        [(
          String, @Sendable (Tensor, Bool) throws -> Tensor, @Sendable ([Double]) -> Double
        )] = [
          ("sum", { try $0.sum(axes, keepingDimensions: $1) }, { $0.reduce(0, +) }),
          (
            "mean", { try $0.mean(axes, keepingDimensions: $1) },
            { $0.reduce(0, +) / Double($0.count) }
          ),
          (
            "variance", { try $0.variance(axes, keepingDimensions: $1) },
            { x in
              let mean = x.reduce(0, +) / Double(x.count)
              return x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(x.count)
            }
          ),
          ("maximum", { try $0.maximum(axes, keepingDimensions: $1) }, { $0.max()! }),
          ("minimum", { try $0.minimum(axes, keepingDimensions: $1) }, { $0.min()! }),
          ("logSumExp", { try $0.logSumExp(axes, keepingDimensions: $1) }, logSumExp),
        ]
      return reductions.flatMap { name, onDevice, exact in
        [false, true].map { keeping in
          GradientCase("\(name) \(axes) of \(shape)\(keeping ? ", kept" : "")", of: [shape]) {
            try onDevice($0[0], keeping)
          } exact: {
            groups($0[0], shape, axes).map(exact)
          }
        }
      }
    }
    + [0, 1, 2].flatMap { axis in
      [false, true].map { isLog in
        let shape: Shape = [2, 3, 4]
        return GradientCase("\(isLog ? "logS" : "s")oftmax along \(axis)", of: [shape]) {
          isLog ? try $0[0].logSoftmax(axis) : try $0[0].softmax(axis)
        } exact: {
          let sums = groups($0[0], shape, [axis]).map(logSumExp)
          let places = Oracle.broadcast(
            sums.indices.map { Float($0) }, shape.replacing(axis, with: 1), to: shape)
          return zip($0[0], places).map {
            isLog ? Double($0) - sums[Int($1)] : exp(Double($0) - sums[Int($1)])
          }
        }
      }
    }

  /// A case that gives some elements of its first input, by their places; −1 gives 0.
  private static func places(
    _ name: String, _ shape: Shape, _ places: [Int],
    _ onDevice: @escaping @Sendable (Tensor) throws -> Tensor
  ) -> GradientCase {
    GradientCase(name, of: [shape]) {
      try onDevice($0[0])
    } exact: { x in
      places.map { $0 < 0 ? 0 : Double(x[0][$0]) }
    }
  }

  static let moving = orders + joined

  private static let orders: [GradientCase] = [
    places("reshaped", [2, 3], [0, 1, 2, 3, 4, 5]) { try $0.reshaped([3, 1, 2]) },
    places("transposed", [2, 3], [0, 3, 1, 4, 2, 5]) { try $0.transposed() },
    places("permuted", [2, 1, 3], [0, 3, 1, 4, 2, 5]) { try $0.permuted([2, 1, 0]) },
    places("sliced", [2, 4], [1, 2, 5, 6]) { try $0.sliced(1, 1..<3) },
    places("sliced by 2", [2, 5], [0, 2, 4, 5, 7, 9]) { try $0.sliced(-1, 0..<5, by: 2) },
    places("flipped", [2, 3], [2, 1, 0, 5, 4, 3]) { try $0.flipped(1) },
    places("flipped rows", [2, 3], [3, 4, 5, 0, 1, 2]) { try $0.flipped(0) },
    places("broadcast", [2, 1], [0, 0, 1, 1, 0, 0, 1, 1]) { try $0.broadcast(to: [2, 2, 2]) },
    places("repeated", [2, 2], [0, 1, 0, 1, 2, 3, 2, 3]) { try $0.repeated(1, count: 2) },
    places("repeated rows", [2, 2], [0, 1, 2, 3, 0, 1, 2, 3]) { try $0.repeated(0, count: 2) },
    places("padded", [1, 2], [-1, -1, -1, -1, -1, -1, 0, 1]) {
      try $0.padded([(1, 0), (2, 0)])
    },
    places("rows by index", [3, 2], [4, 5, 0, 1, 4, 5]) {
      try $0.rows(at: $0.device.makeBuffer([2, 0, 2] as [Int32]))
    },
    places("a matrix with itself", [2, 2], [0, 1, 2, 3, 0, 2, 1, 3]) {
      try Tensor.concatenated([$0, $0.transposed()], 0)
    },
  ]

  private static let joined: [GradientCase] = [
    GradientCase("concatenated", of: [[2, 1], [2, 3], [2, 1]]) {
      try Tensor.concatenated($0, 1)
    } exact: { (x: [[Float]]) -> [Double] in
      let order: [(Int, Int)] = [
        (0, 0), (1, 0), (1, 1), (1, 2), (2, 0), (0, 1), (1, 3), (1, 4), (1, 5), (2, 1),
      ]
      return order.map { Double(x[$0.0][$0.1]) }
    },
    GradientCase("concatenated rows", of: [[1, 2], [2, 2]]) {
      try Tensor.concatenated($0, 0)
    } exact: { (x: [[Float]]) -> [Double] in
      (x[0] + x[1]).map { Double($0) }
    },
  ]

  static let products: [GradientCase] = {
    let shapes: [(Shape, Shape)] = [
      ([2, 3], [3, 4]), ([2, 2, 3], [3, 4]), ([2, 3], [2, 3, 4]), ([2, 1, 2, 3], [3, 3, 4]),
    ]
    return shapes.flatMap { a, b in
      [(false, false), (true, false), (false, true), (true, true)].map { productCase(a, b, $0, $1) }
    }
  }()

  private static func productCase(
    _ a: Shape, _ b: Shape, _ transposeA: Bool, _ transposeB: Bool
  ) -> GradientCase {
    func stored(_ shape: Shape, _ isTransposed: Bool) -> Shape {
      guard isTransposed else { return shape }
      return Shape(shape.extents.dropLast(2) + [shape[-1], shape[-2]])
    }
    let (left, right) = (stored(a, transposeA), stored(b, transposeB))
    let label = "product of \(left) and \(right)"
    return GradientCase(
      label + (transposeA ? " aᵀ" : "") + (transposeB ? " bᵀ" : ""), of: [left, right]
    ) {
      try $0[0].matmul($0[1], transposeA: transposeA, transposeB: transposeB)
    } exact: {
      product($0[0], left, transposeA, $0[1], right, transposeB)
    }
  }

  private static func product(
    _ a: [Float], _ left: Shape, _ transposeA: Bool, _ b: [Float], _ right: Shape,
    _ transposeB: Bool
  ) -> [Double] {
    let (m, k) = transposeA ? (left[-1], left[-2]) : (left[-2], left[-1])
    let n = transposeB ? right[-2] : right[-1]
    let batches = Shape(Array(left.extents.dropLast(2)))
    let others = Shape(Array(right.extents.dropLast(2)))
    let batch = batches.broadcast(with: others)
    func numbers(_ shape: Shape) -> [Int] {
      Oracle.broadcast(Array(0..<shape.count), shape, to: batch)
    }
    return zip(numbers(batches), numbers(others)).flatMap { i, j in
      (0..<m * n).map { place in
        (0..<k).reduce(0) { sum, l in
          let x = transposeA ? l * m + place / n : place / n * k + l
          let y = transposeB ? place % n * k + l : l * n + place % n
          return sum + Double(a[i * m * k + x]) * Double(b[j * k * n + y])
        }
      }
    }
  }
}
