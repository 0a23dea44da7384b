/// A distribution of random numbers.
public enum Distribution: String, Sendable, CaseIterable {
  /// Raw 32-bit integers.
  case bits
  /// Uniform on [0, 1), multiples of 2⁻²⁴.
  case uniform
  /// Normal with mean 0 and variance 1, by the Box–Muller transform.
  case normal
}

/// A position in the random numbers of Threefry-4x32-20 (Salmon et al., SC 2011).
///
/// Numbers are a function only of key and counter: element `i` of a buffer is word `i % 4` of the
/// block whose counter is `counter + [i / 4, 0, 0, 0]` (the first word wraps round). The integers are
/// the same on every device. From the words (a, b, c, d) of a block come
/// - uniform numbers `(word >> 8)·2⁻²⁴`;
/// - normal numbers `r·cos(2πu), r·sin(2πu)` with `u = (b >> 8)·2⁻²⁴` and
///   `r = √(−2 log(((a >> 8) + 1)·2⁻²⁴))` from a and b, and likewise from c and d.
public struct RandomStream: Sendable, Hashable {
  /// The key of the generator.
  public var key: SIMD4<UInt32>
  /// The counter of the first block.
  public var counter: SIMD4<UInt32>

  /// The stream with this key, from this counter on.
  public init(key: SIMD4<UInt32>, counter: SIMD4<UInt32>) {
    self.key = key
    self.counter = counter
  }

  /// The stream of a seed for one purpose, such as noise or shuffling, at one step of it. Streams
  /// with different arguments share no block.
  public init(seed: UInt64, purpose: UInt32, step: UInt64 = 0) {
    key = SIMD4(
      UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32), purpose, 0)
    counter = SIMD4(
      0, 0, UInt32(truncatingIfNeeded: step), UInt32(truncatingIfNeeded: step >> 32))
  }
}

extension RandomStream {
  /// The first stream of a seed, of which ``split(_:)-(String)`` makes others.
  public init(seed: UInt64) { self.init(seed: seed, purpose: 0) }

  /// A stream of its own under this one, for a use of that name: its key is this key's encryption of the
  /// name and of the position, so that streams of different paths share nothing.
  public func split(_ name: String) -> RandomStream {
    // FNV-1a, 64 bits.
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return split(hash)
  }

  /// A stream of its own under this one, for one of several alike, such as a layer.
  public func split(_ number: Int) -> RandomStream { split(UInt64(bitPattern: Int64(number))) }

  private func split(_ name: UInt64) -> RandomStream {
    let words = SIMD4(
      UInt32(truncatingIfNeeded: name), UInt32(truncatingIfNeeded: name >> 32), 0x5EED, 0)
    return RandomStream(
      key: threefry(key: key, counter: counter ^ words), counter: SIMD4(repeating: 0))
  }

  /// The stream at one step of its use, such as an epoch or a batch.
  public func step(_ step: Int) -> RandomStream {
    var stream = self
    (stream.counter.z, stream.counter.w) = (
      UInt32(truncatingIfNeeded: step), UInt32(truncatingIfNeeded: step >> 32)
    )
    return stream
  }
}

/// Threefry-4x32-20 on one block: the reference for every device, and for use on the host.
///
/// - Returns: Four words, the encryption of `counter` under `key`.
public func threefry(key: SIMD4<UInt32>, counter: SIMD4<UInt32>) -> SIMD4<UInt32> {
  let parity = 0x1BD1_1BDA ^ key.x ^ key.y ^ key.z ^ key.w
  let schedule = [key.x, key.y, key.z, key.w, parity]
  var x = counter &+ key
  for round in 0..<20 {
    let (first, second) = threefryRotations[round % 8]
    if round % 2 == 0 {
      (x.x, x.y) = mix(x.x, x.y, first)
      (x.z, x.w) = mix(x.z, x.w, second)
    } else {
      (x.x, x.w) = mix(x.x, x.w, first)
      (x.z, x.y) = mix(x.z, x.y, second)
    }
    if round % 4 == 3 {
      let injection = round / 4 + 1
      for word in 0..<4 { x[word] &+= schedule[(injection + word) % 5] }
      x.w &+= UInt32(injection)
    }
  }
  return x
}

/// The rotation distances of Threefry-4x32, for the two mixes of each of eight rounds.
private let threefryRotations: [(UInt32, UInt32)] = [
  (10, 26), (11, 21), (13, 27), (23, 5), (6, 20), (17, 11), (25, 10), (18, 20),
]

private func mix(_ a: UInt32, _ b: UInt32, _ rotation: UInt32) -> (UInt32, UInt32) {
  let sum = a &+ b
  return (sum, (b << rotation | b >> (32 - rotation)) ^ sum)
}

/// A random permutation of `0..<count` that needs no memory: eight rounds of a Feistel network on
/// the smallest square power of two that holds `count`, walked until it falls inside.
///
/// Integer arithmetic only, so every device computes the same permutation.
public struct Permutation: Sendable, Hashable {
  /// The number of elements.
  public let count: Int
  /// The bits of each half of an index.
  public let halfBits: UInt32
  /// The keys of the eight rounds: the first two blocks of the stream.
  public let roundKeys: [UInt32]

  /// The permutation selected by a stream.
  public init(count: Int, stream: RandomStream) {
    self.count = count
    var bits: UInt32 = 1
    while 1 << (2 * bits) < count { bits += 1 }
    halfBits = bits
    roundKeys = (0..<2).flatMap { block -> [UInt32] in
      let words = threefry(
        key: stream.key, counter: stream.counter &+ SIMD4(UInt32(block), 0, 0, 0))
      return (0..<4).map { words[$0] }
    }
  }

  /// The image of `index`. The round function is the finaliser of MurmurHash3.
  public func callAsFunction(_ index: Int) -> Int {
    let mask: UInt32 = (1 << halfBits) - 1
    var value = UInt32(index)
    repeat {
      var left = value >> halfBits
      var right = value & mask
      for key in roundKeys {
        var hash = right ^ key
        hash = (hash ^ (hash >> 16)) &* 0x85EB_CA6B
        hash = (hash ^ (hash >> 13)) &* 0xC2B2_AE35
        hash ^= hash >> 16
        (left, right) = (right, left ^ (hash & mask))
      }
      value = left << halfBits | right
    } while value >= count
    return Int(value)
  }
}

/// See ``Device/random(_:_:into:)``.
public struct RandomOperation: DeviceOperation {
  public static let name = "random"
  /// The distribution.
  public let distribution: Distribution
  /// Where its numbers begin.
  public let stream: RandomStream
  /// What is filled: `int32` for bits, otherwise `float32`.
  public let y: Buffer

  public var results: [Buffer] { [y] }
  public var cost: Cost { Cost([y]) }
  public var detail: String { distribution.rawValue }

  public func check() {
    y.require(
      y.count, "the destination of random", type: distribution == .bits ? .int32 : .float32)
  }
}

/// See ``Device/permutation(_:into:)``.
public struct PermutationOperation: DeviceOperation {
  public static let name = "permutation"
  /// What determines the permutation.
  public let stream: RandomStream
  /// The permutation, `int32`.
  public let y: Buffer

  public var results: [Buffer] { [y] }
  public var cost: Cost { Cost([y]) }

  public func check() { y.require(y.count, "the destination of permutation", type: .int32) }
}

/// See ``Device/dropout(_:_:_:into:)``.
public struct DropoutOperation: DeviceOperation {
  public static let name = "dropout"
  /// The part of the elements that become 0.
  public let rate: Float
  /// The numbers that decide which.
  public let stream: RandomStream
  /// The elements.
  public let x: Buffer
  /// The result.
  public let y: Buffer

  public var results: [Buffer] { [y] }
  public var cost: Cost { Cost(operations: Double(y.count), [x, y]) }

  public func check() {
    stopUnless(rate >= 0 && rate < 1, "a dropout rate lies in 0..<1, not \(rate)")
    x.require(y.count, "the input of dropout")
    y.require(y.count, "the output of dropout")
  }

  /// Keeps the elements whose random number is not below the rate.
  public func compose(on device: any Device) throws(DeviceError) {
    let uniform = Intermediate(
      try device.makeBuffer(count: y.count, type: .float32), [y.count], on: device)
    try device.random(.uniform, stream, into: uniform.buffer)
    let scaled = try Intermediate(x, [y.count], on: device).zip(.divide, 1 - rate)
    try uniform.zip(.greaterOrEqual, rate).select(scaled, Intermediate(0, on: device)).give(to: y)
  }
}

extension Device {
  /// Fills `y` with random numbers of a distribution; see ``RandomStream`` for the numbering.
  /// `.bits` needs an `int32` buffer, the others `float32`.
  public func random(_ distribution: Distribution, _ stream: RandomStream, into y: Buffer)
    throws(DeviceError)
  {
    try perform(RandomOperation(distribution: distribution, stream: stream, y: y))
  }

  /// Fills the `int32` buffer `y` with a random permutation of `0..<y.count`; see
  /// ``Permutation``.
  public func permutation(_ stream: RandomStream, into y: Buffer) throws(DeviceError) {
    try perform(PermutationOperation(stream: stream, y: y))
  }

  /// `y[i] = uᵢ < rate ? 0 : x[i] / (1 − rate)` with the uniform numbers u of a stream: the same
  /// elements on every device. It is its own gradient. `y` may be `x`.
  public func dropout(_ rate: Float, _ stream: RandomStream, _ x: Buffer, into y: Buffer)
    throws(DeviceError)
  {
    try perform(DropoutOperation(rate: rate, stream: stream, x: x, y: y))
  }
}
