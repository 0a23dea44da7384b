/// The dimensions of an operation that treats each row independently.
public struct Rows: Sendable, Hashable {
  /// The number of rows, usually the images of a batch.
  public var rows: Int
  /// The width of a row: pixels, or the latent dimension.
  public var columns: Int

  /// A size of rows × columns.
  public init(_ rows: Int, _ columns: Int) {
    self.rows = rows
    self.columns = columns
  }

  /// The number of elements.
  public var count: Int { rows * columns }
}

/// See ``Device/softmax(_:_:into:)``.
public struct SoftmaxOperation: DeviceOperation {
  public static let name = "softmax"
  /// The extents of the matrix.
  public let shape: Rows
  /// The matrix.
  public let x: Buffer
  /// The result, rows × columns.
  public let y: Buffer

  public var results: [Buffer] { [y] }
  public var cost: Cost { Cost(operations: 4 * Double(shape.count), [x, y]) }
  public var extents: [Int] { [shape.rows, shape.columns] }

  public func check() {
    x.require(shape.count, "the input of softmax")
    y.require(shape.count, "the output of softmax")
  }

  /// The exponentials relative to the maximum, divided by their sum.
  public func compose(on device: any Device) throws(DeviceError) {
    try Intermediate(x, shape, on: device).softmax().give(to: y)
  }
}

/// See ``Device/argmax(_:_:into:)``.
public struct ArgmaxOperation: DeviceOperation {
  public static let name = "argmax"
  /// The extents of the matrix.
  public let shape: Rows
  /// The matrix.
  public let x: Buffer
  /// `int32`, a column for each row.
  public let y: Buffer

  public var results: [Buffer] { [y] }
  public var cost: Cost { Cost(operations: Double(shape.count), [x, y]) }
  public var extents: [Int] { [shape.rows, shape.columns] }

  public func check() {
    x.require(shape.count, "the input of argmax")
    y.require(shape.rows, "the output of argmax", type: .int32)
  }
}

/// See ``Device/equal(_:_:into:)``.
public struct EqualOperation: DeviceOperation {
  public static let name = "equal"
  /// `int32`.
  public let a: Buffer
  /// `int32`, as many.
  public let b: Buffer
  /// `float32`, 1 where they are equal and 0 elsewhere.
  public let y: Buffer

  public var results: [Buffer] { [y] }
  public var cost: Cost { Cost([a, b, y]) }

  public func check() {
    a.require(y.count, "the first input of equal", type: .int32)
    b.require(y.count, "the second input of equal", type: .int32)
    y.require(y.count, "the output of equal")
  }
}

/// See ``Device/scaleColumns(_:_:by:adding:into:)``.
public struct ScaleColumnsOperation: DeviceOperation {
  public static let name = "scaleColumns"
  /// The extents of the matrix.
  public let shape: Rows
  /// The matrix.
  public let x: Buffer
  /// The factor of each column.
  public let scale: Buffer
  /// The summand of each column.
  public let shift: Buffer
  /// The result, rows × columns.
  public let y: Buffer

  public var results: [Buffer] { [y] }
  public var cost: Cost { Cost(operations: 2 * Double(shape.count), [x, scale, shift, y]) }
  public var extents: [Int] { [shape.rows, shape.columns] }

  public func check() {
    x.require(shape.count, "the input of scaleColumns")
    scale.require(shape.columns, "the scale of scaleColumns")
    shift.require(shape.columns, "the shift of scaleColumns")
    y.require(shape.count, "the output of scaleColumns")
  }

  /// A product and a sum with a row.
  public func compose(on device: any Device) throws(DeviceError) {
    try Intermediate(x, shape, on: device)
      .zip(.multiply, Intermediate(scale, [shape.columns], on: device))
      .zip(.add, Intermediate(shift, [shape.columns], on: device)).give(to: y)
  }
}

/// See ``Device/normalizeRows(_:_:into:)``.
public struct NormalizeRowsOperation: DeviceOperation {
  public static let name = "normalizeRows"
  /// The extents of the matrix.
  public let shape: Rows
  /// The matrix.
  public let x: Buffer
  /// The result, rows × columns.
  public let y: Buffer

  public var results: [Buffer] { [y] }
  public var cost: Cost { Cost(operations: 3 * Double(shape.count), [x, y]) }
  public var extents: [Int] { [shape.rows, shape.columns] }

  public func check() {
    x.require(shape.count, "the input of normalizeRows")
    y.require(shape.count, "the output of normalizeRows")
  }

  /// Divides by the greatest magnitude, so that squares neither overflow nor vanish, then by the norm of
  /// the result.
  public func compose(on device: any Device) throws(DeviceError) {
    let x = Intermediate(x, shape, on: device)
    let one = try Intermediate(1, on: device)
    let greatest = try x.map(.absolute).reduced(.maximum, axis: 1)
    let scaled = try x.zip(.divide, greatest.select(greatest, one))
    let norm = try scaled.map(.square).reduced(.sum, axis: 1).map(.squareRoot)
    try scaled.zip(.divide, norm.select(norm, one)).give(to: y)
  }
}

extension Device {
  /// `y[r, c] = exp(x[r, c]) / Σ exp(x[r, :])` without overflow. `y` may be `x`.
  public func softmax(_ shape: Rows, _ x: Buffer, into y: Buffer) throws(DeviceError) {
    try perform(SoftmaxOperation(shape: shape, x: x, y: y))
  }

  /// The first column of the greatest element of each row, as `int32`. A NaN counts as greatest.
  public func argmax(_ shape: Rows, _ x: Buffer, into y: Buffer) throws(DeviceError) {
    try perform(ArgmaxOperation(shape: shape, x: x, y: y))
  }

  /// `y[i] = a[i] = b[i] ? 1 : 0` for `int32` inputs.
  public func equal(_ a: Buffer, _ b: Buffer, into y: Buffer) throws(DeviceError) {
    try perform(EqualOperation(a: a, b: b, y: y))
  }

  /// `y[r, c] = x[r, c]·scale[c] + shift[c]`. `y` may be `x`.
  public func scaleColumns(
    _ shape: Rows, _ x: Buffer, by scale: Buffer, adding shift: Buffer, into y: Buffer
  ) throws(DeviceError) {
    try perform(ScaleColumnsOperation(shape: shape, x: x, scale: scale, shift: shift, y: y))
  }

  /// `y[r, :] = x[r, :] / ‖x[r, :]‖`; a row of zeros stays zeros. `y` may be `x`.
  public func normalizeRows(_ shape: Rows, _ x: Buffer, into y: Buffer) throws(DeviceError) {
    try perform(NormalizeRowsOperation(shape: shape, x: x, y: y))
  }
}

extension Intermediate {
  /// Softmax of the rows of a matrix.
  func softmax() throws(DeviceError) -> Intermediate {
    let exponentials = try zip(.subtract, reduced(.maximum, axis: 1)).map(.exp)
    return try exponentials.zip(.divide, exponentials.reduced(.sum, axis: 1))
  }

  /// The log-sum-exp of each row of a matrix.
  func logSumExp() throws(DeviceError) -> Intermediate {
    let greatest = try reduced(.maximum, axis: 1)
    return try zip(.subtract, greatest).map(.exp).reduced(.sum, axis: 1).map(.log)
      .zip(.add, greatest)
  }

  /// The one-hot matrix of the labels, `int32`, one for each row.
  static func oneHot(_ labels: Buffer, _ shape: Rows, on device: any Device) throws(DeviceError)
    -> Intermediate
  {
    let whole = Shape(shape)
    let columns = try device.makeBuffer((0..<shape.columns).map { Int32($0) })
    let wanted = try Intermediate(labels, [shape.rows, 1], on: device).repeated(whole)
    let here = try Intermediate(columns, [shape.columns], on: device).repeated(whole)
    let isThere = try device.makeBuffer(count: shape.count, type: .float32)
    try device.equal(wanted.buffer, here.buffer, into: isThere)
    return Intermediate(isThere, whole, on: device)
  }
}
