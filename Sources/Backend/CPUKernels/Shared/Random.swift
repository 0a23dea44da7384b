import CPUKernels
import Compute

/// Threefry-4x32-20 on consecutive blocks, one per lane of a vector.
@inline(__always)
private func threefry(_ stream: RandomStream, _ block: UInt32) -> (
  Integers, Integers, Integers, Integers
) {
  let key = stream.key
  let parity = 0x1BD1_1BDA ^ key.x ^ key.y ^ key.z ^ key.w
  var lane = Integers.zero
  for i in 0..<lanes { lane[i] = UInt32(truncatingIfNeeded: i) }
  var a = lane &+ (stream.counter.x &+ block &+ key.x)
  var b = Integers(repeating: stream.counter.y &+ key.y)
  var c = Integers(repeating: stream.counter.z &+ key.z)
  var d = Integers(repeating: stream.counter.w &+ key.w)

  @inline(__always)
  func mix(_ x: inout Integers, _ y: inout Integers, _ rotation: UInt32) {
    x &+= y
    y = ((y &<< rotation) | (y &>> (32 - rotation))) ^ x
  }
  @inline(__always)
  func fourRounds(
    _ first: (UInt32, UInt32), _ second: (UInt32, UInt32), _ third: (UInt32, UInt32),
    _ fourth: (UInt32, UInt32), _ injection: UInt32, _ k: SIMD4<UInt32>
  ) {
    mix(&a, &b, first.0)
    mix(&c, &d, first.1)
    mix(&a, &d, second.0)
    mix(&c, &b, second.1)
    mix(&a, &b, third.0)
    mix(&c, &d, third.1)
    mix(&a, &d, fourth.0)
    mix(&c, &b, fourth.1)
    a &+= k.x
    b &+= k.y
    c &+= k.z
    d &+= k.w &+ injection
  }
  fourRounds((10, 26), (11, 21), (13, 27), (23, 5), 1, SIMD4(key.y, key.z, key.w, parity))
  fourRounds((6, 20), (17, 11), (25, 10), (18, 20), 2, SIMD4(key.z, key.w, parity, key.x))
  fourRounds((10, 26), (11, 21), (13, 27), (23, 5), 3, SIMD4(key.w, parity, key.x, key.y))
  fourRounds((6, 20), (17, 11), (25, 10), (18, 20), 4, SIMD4(parity, key.x, key.y, key.z))
  fourRounds((10, 26), (11, 21), (13, 27), (23, 5), 5, SIMD4(key.x, key.y, key.z, key.w))
  return (a, b, c, d)
}

/// (word >> 8)·2⁻²⁴
@inline(__always)
private func uniform(_ word: Integers) -> Vector {
  // 24 bits under the exponent of 2²³ would not fit; two halves of 12 are exact.
  let high = unsafeBitCast((word &>> 20) | 0x4B00_0000, to: Vector.self) - 8_388_608
  let low = unsafeBitCast(((word &>> 8) & 0xFFF) | 0x4B00_0000, to: Vector.self) - 8_388_608
  return multiplyAdd(high, Vector(repeating: 4096), low) * (1 / 16_777_216)
}

/// Two normal numbers from two words, by the Box–Muller transform.
@inline(__always)
private func normal(_ a: Integers, _ b: Integers) -> (Integers, Integers) {
  let radius = squareRoot(logarithm(uniform(a) + 1 / 16_777_216) * -2)
  let (cosine, sine) = turn(uniform(b))
  return (
    unsafeBitCast(radius * cosine, to: Integers.self),
    unsafeBitCast(radius * sine, to: Integers.self)
  )
}

/// Fills `y` with 32-bit words, integers or floats, of the blocks from `block` on.
@Sendable func random(
  _ distribution: Distribution, _ stream: RandomStream, _ block: Int,
  _ y: UnsafeMutablePointer<UInt32>, _ count: Int
) {
  let words = 4 &* lanes
  withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 &* words) { room in
    let columns = room.baseAddress!
    let rest = columns + words
    let bits = UnsafeMutableRawPointer(y).assumingMemoryBound(to: Float.self)
    for i in stride(from: 0, to: count, by: words) {
      var (a, b, c, d) = threefry(stream, UInt32(truncatingIfNeeded: block &+ i / 4))
      switch distribution {
      case .bits: break
      case .uniform:
        a = unsafeBitCast(uniform(a), to: Integers.self)
        b = unsafeBitCast(uniform(b), to: Integers.self)
        c = unsafeBitCast(uniform(c), to: Integers.self)
        d = unsafeBitCast(uniform(d), to: Integers.self)
      case .normal:
        (a, b) = normal(a, b)
        (c, d) = normal(c, d)
      }
      // The four words of a block are adjacent.
      store(unsafeBitCast(a, to: Vector.self), columns)
      store(unsafeBitCast(b, to: Vector.self), columns + lanes)
      store(unsafeBitCast(c, to: Vector.self), columns + 2 &* lanes)
      store(unsafeBitCast(d, to: Vector.self), columns + 3 &* lanes)
      let target = i &+ words <= count ? bits + i : rest
      for lane in stride(from: 0, to: lanes, by: 4) {
        turn4x4(columns + lane, lanes, target + 4 &* lane, 4)
      }
      if target == rest { (bits + i).update(from: rest, count: count &- i) }
    }
  }
}
