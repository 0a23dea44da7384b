import Autograd
import Compute
import Conformance

extension GradientCase {
  static let rows: [GradientCase] =
    [Rows(3, 5), Rows(1, 7), Rows(6, 1)].map { shape in
      GradientCase("normalizedRows \(shape.rows) × \(shape.columns)", [shape]) {
        try $0[0].normalizedRows()
      } exact: {
        Oracle.normalizeRows(shape, $0[0]).map(\.value)
      }
    } + [
      // The gradient of ‖Σû‖², of which a mean cosine is made.
      GradientCase("the square of a sum of directions", [Rows(4, 3)]) {
        let ones = try Tensor([1, 1, 1, 1], Rows(1, 4), on: $0[0].device)
        let zeros = try Tensor([0, 0, 0], Rows(1, 3), on: $0[0].device)
        let sum = try ones.dense(try $0[0].normalizedRows(), zeros)
        return try sum.multiplied(by: sum)
      } exact: {
        let directions = Oracle.normalizeRows(Rows(4, 3), $0[0]).map(\.value)
        return (0..<3).map { c in
          let sum = (0..<4).reduce(0) { $0 + directions[3 * $1 + c] }
          return sum * sum
        }
      }
    ]
}
