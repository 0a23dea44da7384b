import Compute

/// Deterministic inputs, made on the host so that no device has to be trusted.
package struct HostRandom {
  private var stream = RandomStream(seed: 0xD161_7A11, purpose: 0)

  package init() {}

  private mutating func words(_ count: Int) -> [UInt32] {
    defer { stream.counter.z &+= 1 }
    return Oracle.bits(stream, count: count)
  }

  /// Uniform numbers in a range, the first of them replaced by `special`.
  package mutating func floats(
    _ count: Int, in range: ClosedRange<Float> = -1...1, special: [Float] = []
  ) -> [Float] {
    let width = range.upperBound - range.lowerBound
    let even = words(count).map { range.lowerBound + Float($0 >> 8) * 0x1p-24 * width }
    return Array(special.prefix(count) + even.dropFirst(special.count))
  }

  /// Uniform bytes.
  package mutating func bytes(_ count: Int) -> [UInt8] {
    words(count).map { UInt8($0 >> 24) }
  }

  /// Integers from `0..<bound`.
  package mutating func integers(_ count: Int, below bound: Int) -> [Int32] {
    words(count).map { Int32(Int($0 >> 1) % bound) }
  }
}
