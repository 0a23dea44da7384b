import Compute
import Foundation

/// Storage that slices share.
final class NaiveBuffer: Buffer, @unchecked Sendable {
  let storage: UnsafeMutableRawPointer
  let owner: NaiveBuffer?

  override init(count: Int, elementType: ElementType) {
    // Room behind the end, so that mutations stay inside what is allocated.
    storage = .allocate(byteCount: count * elementType.size + 64, alignment: 64)
    owner = nil
    super.init(count: count, elementType: elementType)
    memset(storage, 0x7F, byteCount + 64)
  }

  init(sliceOf buffer: NaiveBuffer, offset: Int, count: Int) {
    storage = buffer.storage + offset * buffer.elementType.size
    owner = buffer
    super.init(count: count, elementType: buffer.elementType)
  }

  deinit { if owner == nil { storage.deallocate() } }
}

extension Buffer {
  var bytes: UnsafeMutableRawPointer {
    guard let buffer = self as? NaiveBuffer else { preconditionFailure("a foreign buffer") }
    return buffer.storage
  }
  var floats: UnsafeMutablePointer<Float> { bytes.assumingMemoryBound(to: Float.self) }
  var integers: UnsafeMutablePointer<Int32> { bytes.assumingMemoryBound(to: Int32.self) }
}

/// The contract in plain single-precision loops, right or with one mistake.
final class NaiveDevice: Device, @unchecked Sendable {
  let mutation: Mutation?
  var calls = 0

  init(_ mutation: Mutation? = nil) { self.mutation = mutation }

  func has(_ mutation: Mutation) -> Bool { self.mutation == mutation }

  var description: DeviceDescription {
    DeviceDescription(
      name: mutation.map { "naive with \($0)" } ?? "naive", kind: .cpu, platform: "Tests",
      driver: "", memory: 0, computeUnits: 1, kernels: "naive")
  }

  // MARK: Memory

  func makeBuffer(count: Int, type: ElementType) throws(DeviceError) -> Buffer {
    NaiveBuffer(count: count, elementType: type)
  }

  func slice(_ buffer: Buffer, offset: Int, count: Int) throws(DeviceError) -> Buffer {
    guard let buffer = buffer as? NaiveBuffer else { preconditionFailure("a foreign buffer") }
    precondition(
      offset % sliceAlignment(of: buffer.elementType) == 0 && offset + count <= buffer.count)
    if has(.sliceLosesArena) {
      let copy = NaiveBuffer(count: count, elementType: buffer.elementType)
      memcpy(copy.storage, buffer.storage + offset * buffer.elementType.size, copy.byteCount)
      return copy
    }
    return NaiveBuffer(
      sliceOf: buffer, offset: has(.sliceOffsetIgnored) ? 0 : offset, count: count)
  }

  func write(_ bytes: UnsafeRawBufferPointer, to buffer: Buffer) throws(DeviceError) {
    precondition(bytes.count == buffer.byteCount)
    guard let base = bytes.baseAddress else { return }
    memcpy(buffer.bytes, base, bytes.count)
    // Of one case alone: in another, several threads write at a time.
    if has(.writeKeepsHostBytes) && buffer.count == 100_003 {
      (late, lateSource) = (buffer, base)
    }
  }

  // The mutation `writeKeepsHostBytes` copies once more before it reads.
  private var late: Buffer?
  private var lateSource: UnsafeRawPointer?

  func read(_ buffer: Buffer, into bytes: UnsafeMutableRawBufferPointer) throws(DeviceError) {
    precondition(bytes.count == buffer.byteCount)
    if let late, late === buffer, let lateSource {
      memcpy(late.bytes, lateSource, late.byteCount)
    }
    if let base = bytes.baseAddress { memcpy(base, buffer.bytes, bytes.count) }
  }

  func fill(_ buffer: Buffer, with value: Float) throws(DeviceError) {
    for i in 0..<buffer.count + (has(.fillOnePast) ? 1 : 0) { buffer.floats[i] = value }
  }

  func copy(_ source: Buffer, to destination: Buffer) throws(DeviceError) {
    memmove(
      destination.bytes, source.bytes,
      source.byteCount - (has(.copyOneShort) ? source.elementType.size : 0))
  }

  func synchronize() throws(DeviceError) {}

  // MARK: Elementwise

  func value(_ function: UnaryFunction, _ x: Float) -> Float {
    switch function {
    case .identity: x
    case .relu: has(.reluLeaks) ? max(x, 0.01 * x) : max(x, 0)
    case .sigmoid: has(.sigmoidSaturates) && x < -16 ? 0 : 1 / (1 + exp(-x))
    case .softplus:
      has(.softplusOverflows)
        ? log(1 + exp(x))
        : has(.softplusCancels)
          ? max(x, 0) + log(1 + exp(-abs(x))) : max(x, 0) + log1p(exp(-abs(x)))
    case .exp: has(.expClamped) ? exp(min(x, 80)) : exp(x)
    case .tanh: has(.tanhCancels) ? 1 - 2 / (exp(2 * x) + 1) : tanh(x)
    case .leakyRelu: x < 0 ? x * (has(.leakyReluSlope) ? 0.1 : 0.01) : x
    case .squareRoot: x.squareRoot()
    case .reciprocal: 1 / x
    case .log: log(has(.logOfPositive) ? abs(x) : x)
    case .square: x * x
    case .absolute: abs(x)
    case .gelu:
      has(.geluByTanh)
        ? x * (1 + tanh(0.797_884_6 * (x + 0.044_715 * x * x * x))) / 2
        : x * erfc(-x * Float(0.5).squareRoot()) / 2
    case .silu:
      x < 0 || has(.siluOfOverflow) ? x * exp(x) / (1 + exp(x)) : x / (1 + exp(-x))
    }
  }

  func map(_ function: UnaryFunction, _ x: Buffer, into y: Buffer) throws(DeviceError) {
    for i in 0..<y.count {
      if has(.mapTailUnwritten), i == y.count - 1, y.count % 4 != 0 { continue }
      y.floats[i] = value(function, x.floats[has(.mapReadsAhead) && i % 64 == 63 ? i + 1 : i])
    }
    if has(.mapOnePast) { y.floats[y.count] = 0 }
  }

  /// f′ where the value of f is y, or the argument.
  func slope(_ function: UnaryFunction, at y: Float) -> Float {
    switch function {
    case .identity: 1
    case .relu: y > 0 ? 1 : 0
    case .sigmoid: y * (1 - y)
    case .softplus: has(.mapGradientOfInput) ? 1 / (1 + exp(-y)) : -expm1(-y)
    case .exp: y
    case .tanh: 1 - y * y
    case .leakyRelu: y > 0 ? 1 : 0.01
    case .squareRoot: 0.5 / y
    case .reciprocal: -y * y
    case .log: has(.logGradientOfOutput) ? exp(-y) : 1 / y
    case .square: 2 * y
    case .absolute: y > 0 ? 1 : y < 0 || has(.absoluteGradientAtZero) ? -1 : 0
    case .gelu:
      erfc(-y * Float(0.5).squareRoot()) / 2
        + (has(.geluGradientNoDensity) ? 0 : y * exp(-y * y / 2))
        / (2 * Float.pi).squareRoot()
    case .silu: (1 + y / (1 + exp(y))) / (1 + exp(-y))
    }
  }

  func mapGradient(
    _ function: UnaryFunction, at y: Buffer, outputGradient dy: Buffer, into dx: Buffer,
    accumulate: Bool
  ) throws(DeviceError) {
    for i in 0..<dx.count {
      let slope = slope(function, at: y.floats[i])
      let old = accumulate && !has(.mapGradientIgnoresAccumulate) ? dx.floats[i] : 0
      dx.floats[i] = old + dy.floats[i] * slope
    }
  }

  func zip(_ function: BinaryFunction, _ a: Buffer, _ b: Buffer, into c: Buffer)
    throws(DeviceError)
  {
    for i in 0..<c.count {
      let (x, y) = (a.floats[i], b.floats[i])
      if has(.zipOverwritesInput) { a.floats[i] = 0 }
      c.floats[i] = value(function, x, y)
    }
  }

  func value(_ function: BinaryFunction, _ x: Float, _ y: Float) -> Float {
    switch function {
    case .add: x + y
    case .subtract: has(.zipSwapsOperands) ? y - x : x - y
    case .multiply: x * y
    case .divide: has(.divideInverted) ? y / x : x / y
    case .maximum: x.isNaN && !has(.maximumDropsNaN) || x > y ? x : y
    case .minimum: x.isNaN || x < y ? x : y
    case .greater: x > y || (has(.greaterIsOrEqual) && x == y) ? 1 : 0
    case .greaterOrEqual: x >= y || (has(.greaterOrEqualOfNaN) && !(x < y)) ? 1 : 0
    case .equal: x == y || (has(.equalOfBits) && x.bitPattern == y.bitPattern) ? 1 : 0
    }
  }

  func scaledAdd(_ alpha: Float, _ x: Buffer, _ beta: Float, into y: Buffer) throws(DeviceError) {
    for i in 0..<y.count {
      let old = beta == 0 && !has(.scaledAddReadsOld) ? 0 : y.floats[i]
      y.floats[i] = alpha * x.floats[i] + (has(.scaledAddIgnoresBeta) && beta != 0 ? 1 : beta) * old
    }
  }

  // MARK: Linear algebra and reductions

  func matmul(_ shape: Matmul, _ a: Buffer, _ b: Buffer, bias: Buffer?, into c: Buffer)
    throws(DeviceError)
  {
    if has(.throwsError) { throw DeviceError(call: "matmul", code: -5, detail: "on purpose") }
    let (m, n) = (shape.m, shape.n)
    let k = shape.k - (has(.matmulDropsLastTerm) ? 1 : has(.matmulReadsOneMore) ? -1 : 0)
    let transposeA = shape.transposeA != (has(.matmulWrongTranspose) && shape.transposeB)
    let (x, y, z, offsets) = (a.floats, b.floats, c.floats, bias?.floats)
    for i in 0..<m {
      for j in 0..<n {
        var sum: Float = 0
        for l in 0..<k {
          let left = transposeA ? x[l * m + i] : x[i * shape.k + l]
          sum += left * (shape.transposeB ? y[j * shape.k + l] : y[l * n + j])
        }
        if has(.matmulHalfPrecision) { sum = Float(Double(Int(sum * 65536)) / 65536) }
        if shape.accumulate, !has(.matmulIgnoresAccumulate) { sum += z[i * n + j] }
        let offset = has(.matmulNoBias) ? 0 : offsets?[has(.matmulBiasPerRow) ? i % n : j] ?? 0
        if has(.matmulTailUnwritten), i == m - 1, j == n - 1, m > 4 { continue }
        if has(.matmulWrongTile), i >= 64, j >= 64 { sum = 0 }
        z[i * n + j] =
          has(.matmulBiasAfterActivation)
          ? value(shape.activation, sum) + offset : value(shape.activation, sum + offset)
      }
    }
  }

  func denseGradient(
    _ shape: Matmul, _ x: Buffer, outputGradient dy: Buffer, into weightGradient: Buffer,
    bias biasGradient: Buffer
  ) throws(DeviceError) {
    try matmul(shape, x, dy, bias: nil, into: weightGradient)
    if has(.denseGradientNoBias) { return }
    for c in 0..<shape.n {
      let isAdded = shape.accumulate && !has(.denseGradientIgnoresAccumulate)
      var sum = isAdded ? biasGradient.floats[c] : 0
      for r in 0..<(has(.denseGradientOfFirstRow) ? 1 : shape.k) {
        sum += dy.floats[r * shape.n + c]
      }
      biasGradient.floats[c] = sum
    }
  }
}
