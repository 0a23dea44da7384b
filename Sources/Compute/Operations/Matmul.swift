/// A matrix product `c = f(op(a)·op(b) + (accumulate ? c : 0) + bias)`.
///
/// `op(a)` is m × k, `op(b)` is k × n and `c` is m × n, all row-major and dense.
public struct Matmul: Sendable, Hashable {
  /// The rows of `c`.
  public var m: Int
  /// The columns of `c`.
  public var n: Int
  /// The length of the inner products.
  public var k: Int
  /// `a` is stored as k × m.
  public var transposeA: Bool
  /// `b` is stored as n × k.
  public var transposeB: Bool
  /// Add to `c` rather than replace it.
  public var accumulate: Bool
  /// The function applied last.
  public var activation: UnaryFunction

  /// Describes a product.
  public init(
    m: Int, n: Int, k: Int, transposeA: Bool = false, transposeB: Bool = false,
    accumulate: Bool = false, activation: UnaryFunction = .identity
  ) {
    self.m = m
    self.n = n
    self.k = k
    self.transposeA = transposeA
    self.transposeB = transposeB
    self.accumulate = accumulate
    self.activation = activation
  }

  /// Stops the program unless the operands have the extents of this product.
  public func check(_ a: Buffer, _ b: Buffer, bias: Buffer?, into c: Buffer) {
    a.require(m * k, "the left factor of matmul")
    b.require(k * n, "the right factor of matmul")
    bias?.require(n, "the bias of matmul")
    c.require(m * n, "the product of matmul")
  }

  /// Stops the program unless this is the product of the gradient of a dense layer.
  public func checkGradient() {
    precondition(
      transposeA && !transposeB && activation == .identity, "\(self) is not the product xᵀ·dy")
  }

  /// The reduction of the right factor that goes with that product.
  public var biasGradient: Reduction {
    Reduction(.sum, .perColumn, Rows(k, n), accumulate: accumulate)
  }

  /// The floating point operations of the product: two for each multiply-add.
  public var operations: Double { 2 * Double(m) * Double(n) * Double(k) }
}
