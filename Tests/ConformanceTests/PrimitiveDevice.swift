import Compute
import Foundation

/// A device that knows the primitive operations alone, in plain loops, and composes all others of them: the
/// least that a new device has to do.
final class PrimitiveDevice: Device, @unchecked Sendable {
  let description = DeviceDescription(
    name: "primitive", kind: .cpu, platform: "Tests", driver: "", memory: 0, computeUnits: 1,
    kernels: "plain loops")

  func makeBuffer(count: Int, type: ElementType) throws(DeviceError) -> Buffer {
    NaiveBuffer(count: count, elementType: type)
  }

  func slice(_ buffer: Buffer, offset: Int, count: Int) throws(DeviceError) -> Buffer {
    guard let buffer = buffer as? NaiveBuffer else { preconditionFailure("a foreign buffer") }
    return NaiveBuffer(sliceOf: buffer, offset: offset, count: count)
  }

  func write(_ bytes: UnsafeRawBufferPointer, to buffer: Buffer) throws(DeviceError) {
    memcpy(buffer.bytes, bytes.baseAddress!, bytes.count)
  }

  func read(_ buffer: Buffer, into bytes: UnsafeMutableRawBufferPointer) throws(DeviceError) {
    memcpy(bytes.baseAddress!, buffer.bytes, bytes.count)
  }

  func synchronize() throws(DeviceError) {}

  func enqueue<Call: DeviceOperation>(_ operation: Call) throws(DeviceError) {
    switch operation {
    case let o as FillOperation: each(o.buffer) { _ in o.value }
    case let o as CopyOperation: memmove(o.destination.bytes, o.source.bytes, o.source.byteCount)
    case let o as StridedCopyOperation: stridedCopy(o)
    case let o as MapOperation: each(o.y) { value(o.function, o.x.floats[$0]) }
    case let o as ZipOperation: each(o.c) { value(o.function, o.a.floats[$0], o.b.floats[$0]) }
    case let o as SelectOperation:
      each(o.y) { o.condition.floats[$0] != 0 ? o.a.floats[$0] : o.b.floats[$0] }
    case let o as ReduceOperation: reduce(o)
    case let o as MatmulOperation: matmul(o)
    case let o as Conv2DOperation: convolve(o)
    case let o as Conv2DInputGradientOperation: inputGradient(o)
    case let o as Conv2DWeightGradientOperation: weightGradient(o)
    case let o as PoolOperation: pool(o)
    case let o as PoolGradientOperation: poolGradient(o)
    case let o as GatherOperation: gather(o)
    case let o as ArgmaxOperation: argmax(o)
    case let o as EqualOperation:
      each(o.y) { o.a.integers[$0] == o.b.integers[$0] ? 1 : 0 }
    case let o as RandomOperation: random(o)
    case let o as PermutationOperation:
      let permutation = Permutation(count: o.y.count, stream: o.stream)
      for i in 0..<o.y.count { o.y.integers[i] = Int32(permutation(i)) }
    default: try operation.compose(on: self)
    }
  }

  private func each(_ y: Buffer, _ value: (Int) -> Float) {
    for i in 0..<y.count { y.floats[i] = value(i) }
  }

  private func value(_ function: UnaryFunction, _ x: Float) -> Float {
    switch function {
    case .identity: x
    case .relu: max(x, 0)
    case .sigmoid: 1 / (1 + exp(-x))
    case .softplus: max(x, 0) + log1p(exp(-abs(x)))
    case .exp: exp(x)
    case .tanh: tanh(x)
    case .leakyRelu: x < 0 ? x * 0.01 : x
    case .squareRoot: x.squareRoot()
    case .reciprocal: 1 / x
    case .log: log(x)
    case .square: x * x
    case .absolute: abs(x)
    case .gelu: x * erfc(-x * Float(0.5).squareRoot()) / 2
    case .silu: x < 0 ? x * exp(x) / (1 + exp(x)) : x / (1 + exp(-x))
    }
  }

  private func value(_ function: BinaryFunction, _ x: Float, _ y: Float) -> Float {
    switch function {
    case .add: x + y
    case .subtract: x - y
    case .multiply: x * y
    case .divide: x / y
    case .maximum: x.isNaN || x > y ? x : y
    case .minimum: x.isNaN || x < y ? x : y
    case .greater: x > y ? 1 : 0
    case .greaterOrEqual: x >= y ? 1 : 0
    case .equal: x == y ? 1 : 0
    }
  }

  /// Visits every index of some extents, row by row.
  private func forEach(_ extents: [Int], _ body: ([Int]) -> Void) {
    for i in 0..<extents.reduce(1, *) {
      var (index, rest) = (extents, i)
      for axis in extents.indices.reversed() {
        (index[axis], rest) = (rest % extents[axis], rest / extents[axis])
      }
      body(index)
    }
  }

  private func stridedCopy(_ o: StridedCopyOperation) {
    func place(_ layout: Layout, _ index: [Int]) -> Int {
      layout.offset + Swift.zip(layout.strides, index).reduce(0) { $0 + $1.0 * $1.1 }
    }
    forEach(o.shape.extents) { index in
      let (from, to) = (place(o.source, index), place(o.target, index))
      if o.accumulate {
        o.y.floats[to] += o.x.floats[from]
      } else {
        o.y.integers[to] = o.x.integers[from]
      }
    }
  }

  private func reduce(_ o: ReduceOperation) {
    let r = o.reduction
    each(o.y) { i in
      var result: Float = r.function == .sum ? 0 : r.function == .maximum ? -.infinity : .infinity
      for step in 0..<r.length {
        let x = o.x.floats[(i / r.inner * r.length + step) * r.inner + i % r.inner]
        switch r.function {
        case .sum: result += x
        case .maximum: result = value(.maximum, x, result)
        case .minimum: result = value(.minimum, x, result)
        }
      }
      return r.scale * result + (r.accumulate ? o.y.floats[i] : 0)
    }
  }

  private func matmul(_ o: MatmulOperation) {
    let s = o.shape
    each(o.c) { place in
      let (i, j) = (place / s.n, place % s.n)
      var sum: Float = 0
      for l in 0..<s.k {
        sum +=
          o.a.floats[s.transposeA ? l * s.m + i : i * s.k + l]
          * o.b.floats[s.transposeB ? j * s.k + l : l * s.n + j]
      }
      if s.accumulate { sum += o.c.floats[place] }
      return value(s.activation, sum + (o.bias?.floats[j] ?? 0))
    }
  }

  /// Visits each product of a convolution: the places of output, input and weight.
  private func forEachTerm(_ s: Convolution, _ body: (Int, Int, Int) -> Void) {
    forEach([s.batch, s.outputHeight, s.outputWidth, s.rows.size, s.columns.size]) { i in
      let row = i[1] * s.rows.stride + i[3] - s.rows.before
      let column = i[2] * s.columns.stride + i[4] - s.columns.before
      guard 0..<s.height ~= row && 0..<s.width ~= column else { return }
      let output = ((i[0] * s.outputHeight + i[1]) * s.outputWidth + i[2]) * s.outputChannels
      let input = ((i[0] * s.height + row) * s.width + column) * s.inputChannels
      let weight = (i[3] * s.columns.size + i[4]) * s.inputChannels * s.outputChannels
      for c in 0..<s.inputChannels {
        for f in 0..<s.outputChannels {
          body(output + f, input + c, weight + c * s.outputChannels + f)
        }
      }
    }
  }

  private func convolve(_ o: Conv2DOperation) {
    let y = o.y.floats
    each(o.y) { _ in 0 }
    forEachTerm(o.shape) { y[$0] += o.x.floats[$1] * o.weights.floats[$2] }
    each(o.y) {
      value(o.shape.activation, y[$0] + (o.bias?.floats[$0 % o.shape.outputChannels] ?? 0))
    }
  }

  private func inputGradient(_ o: Conv2DInputGradientOperation) {
    let (dx, dy) = (o.xGradient.floats, o.outputGradient.floats)
    if !o.accumulate { each(o.xGradient) { _ in 0 } }
    forEachTerm(o.shape) { dx[$1] += dy[$0] * o.weights.floats[$2] }
  }

  private func weightGradient(_ o: Conv2DWeightGradientOperation) {
    let (dw, dy) = (o.weightsGradient.floats, o.outputGradient.floats)
    if !o.accumulate { each(o.weightsGradient) { _ in 0 } }
    forEachTerm(o.shape) { dw[$2] += dy[$0] * o.x.floats[$1] }
  }

  /// The places of the window of an output.
  private func window(_ s: Pooling, _ output: Int) -> [Int] {
    let pixel = output / s.channels
    let line = pixel / s.outputWidth
    return s.rows.covered(by: line % s.outputHeight, of: s.height).flatMap { row in
      s.columns.covered(by: pixel % s.outputWidth, of: s.width).map { column in
        ((line / s.outputHeight * s.height + row) * s.width + column) * s.channels
          + output % s.channels
      }
    }
  }

  private func pool(_ o: PoolOperation) {
    each(o.y) { output in
      let x = window(o.shape, output).map { o.x.floats[$0] }
      return o.shape.function == .average
        ? x.reduce(0, +) / Float(x.count) : x.reduce(-.infinity) { value(.maximum, $1, $0) }
    }
  }

  private func poolGradient(_ o: PoolGradientOperation) {
    let (x, dx) = (o.x.floats, o.xGradient.floats)
    if !o.accumulate { each(o.xGradient) { _ in 0 } }
    for output in 0..<o.shape.outputCount {
      let places = window(o.shape, output)
      let dy = o.outputGradient.floats[output]
      if o.shape.function == .average {
        for place in places { dx[place] += dy / Float(places.count) }
      } else {
        dx[places.dropFirst().reduce(places[0]) { x[$1] > x[$0] ? $1 : $0 }] += dy
      }
    }
  }

  private func gather(_ o: GatherOperation) {
    let (width, bytes) = (o.gather.width, o.table.bytes.assumingMemoryBound(to: UInt8.self))
    for i in 0..<o.y.count {
      let row = Int(o.indices.integers[o.gather.first + i / width])
      let isThere = 0..<o.table.count / width ~= row
      let place = isThere ? row * width + i % width : 0
      if o.y.elementType == .int32 {
        o.y.integers[i] = isThere ? Int32(bytes[place]) : -1
      } else {
        let isNumber = o.table.elementType == .float32
        let value = isNumber ? o.table.floats[place] : Float(bytes[place])
        o.y.floats[i] = isThere ? o.gather.scale * value : .nan
      }
    }
  }

  private func argmax(_ o: ArgmaxOperation) {
    for row in 0..<o.shape.rows {
      let x = o.x.floats + row * o.shape.columns
      var best = 0
      for i in 1..<max(1, o.shape.columns) where x[i] > x[best] || (x[i].isNaN && !x[best].isNaN) {
        best = i
      }
      o.y.integers[row] = Int32(best)
    }
  }

  private func random(_ o: RandomOperation) {
    for i in 0..<o.y.count {
      let block = SIMD4<UInt32>(UInt32(i / 4), 0, 0, 0)
      let words = threefry(key: o.stream.key, counter: o.stream.counter &+ block)
      switch o.distribution {
      case .bits: o.y.integers[i] = Int32(bitPattern: words[i % 4])
      case .uniform: o.y.floats[i] = Float(words[i % 4] >> 8) * 0x1p-24
      case .normal:
        let (a, b) = (Float(words[i & 2] >> 8), Float(words[i % 4 | 1] >> 8))
        let angle = 2 * Float.pi * b * 0x1p-24
        o.y.floats[i] =
          (-2 * log((a + 1) * 0x1p-24)).squareRoot() * (i % 2 == 0 ? cos(angle) : sin(angle))
      }
    }
  }
}
