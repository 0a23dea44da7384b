import Compute
import Foundation

extension Oracle {
  /// The random words of a stream, by `threefry` of `Compute`.
  package static func bits(_ stream: RandomStream, count: Int) -> [UInt32] {
    let blocks = (0..<(count + 3) / 4).flatMap { block -> [UInt32] in
      let offset = SIMD4(UInt32(truncatingIfNeeded: block), 0, 0, 0)
      let words = threefry(key: stream.key, counter: stream.counter &+ offset)
      return [words.x, words.y, words.z, words.w]
    }
    return Array(blocks.prefix(count))
  }

  /// `(word >> 8)·2⁻²⁴`, exact in single precision.
  package static func uniform(_ stream: RandomStream, count: Int) -> [Float] {
    bits(stream, count: count).map { Float($0 >> 8) * 0x1p-24 }
  }

  /// `u < rate ? 0 : x / (1 − rate)`.
  package static func dropout(_ rate: Float, _ stream: RandomStream, _ x: [Float]) -> [Measured] {
    Swift.zip(x, uniform(stream, count: x.count)).map { x, u in
      u < rate ? .zero : Measured(x) / (1 - Double(rate))
    }
  }

  /// The Box–Muller transform of each pair of words.
  package static func normal(_ stream: RandomStream, count: Int) -> [Measured] {
    let words = bits(stream, count: count + count % 2)
    return (0..<count).map { i in
      let (first, second) = (words[i - i % 2], words[i - i % 2 + 1])
      let radius = (-2 * log((Double(first >> 8) + 1) * 0x1p-24)).squareRoot()
      let angle = 2 * Double.pi * Double(second >> 8) * 0x1p-24
      // The rounded angle shifts the result by up to its slope, the radius, times 2π.
      return Measured(
        value: radius * (i % 2 == 0 ? cos(angle) : sin(angle)), scale: 2 * .pi * radius)
    }
  }

  /// The published known-answer vectors of Threefry-4x32-20.
  package static let knownAnswers: [(stream: RandomStream, words: [UInt32])] = [
    (
      RandomStream(key: .zero, counter: .zero),
      [0x9c6c_a96a, 0xe17e_ae66, 0xfc10_ecd4, 0x5256_a7d8]
    ),
    (
      RandomStream(key: SIMD4(repeating: .max), counter: SIMD4(repeating: .max)),
      [0x2a88_1696, 0x5701_2287, 0xf6c7_446e, 0xa16a_6732]
    ),
    (
      RandomStream(
        key: SIMD4(0xa409_3822, 0x299f_31d0, 0x082e_fa98, 0xec4e_6c89),
        counter: SIMD4(0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344)),
      [0x59cd_1dbb, 0xb887_9579, 0x86b5_d00c, 0xac8b_6d84]
    ),
  ]
}
