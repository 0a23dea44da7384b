import Compute
import Foundation
import Testing

@testable import ComputeOpenCL

@Suite(.enabled(if: TestDevice.any, "no OpenCL device here")) struct RandomTests {
  @Test(arguments: TestDevice.all) func knownAnswers(_ test: TestDevice) throws {
    let y = try test.device.makeBuffer(count: 4, type: .int32)
    for (word, expected) in [
      (0, [0x9c6c_a96a, 0xe17e_ae66, 0xfc10_ecd4, 0x5256_a7d8]),
      (UInt32.max, [0x2a88_1696, 0x5701_2287, 0xf6c7_446e, 0xa16a_6732]),
    ] as [(UInt32, [UInt32])] {
      let stream = RandomStream(key: SIMD4(repeating: word), counter: SIMD4(repeating: word))
      try test.device.random(.bits, stream, into: y)
      #expect(try test.device.download(y, as: Int32.self).map(UInt32.init(bitPattern:)) == expected)
    }
  }

  @Test(arguments: TestDevice.all) func numbersBlocksFromTheCounter(_ test: TestDevice) throws {
    // The first word wraps round after a few blocks.
    let stream = RandomStream(key: SIMD4(1, 2, 3, 4), counter: SIMD4(UInt32.max - 5, 7, 8, 9))
    for count in [1, 3, 66, 1031] {
      let words = (0..<count).map { i in
        threefry(key: stream.key, counter: stream.counter &+ SIMD4(UInt32(i / 4), 0, 0, 0))[i % 4]
      }
      let bits = try test.device.makeBuffer(count: count, type: .int32)
      try test.device.random(.bits, stream, into: bits)
      #expect(
        try test.device.download(bits, as: Int32.self).map(UInt32.init(bitPattern:)) == words)

      let y = try test.device.makeBuffer(count: count, type: .float32)
      try test.device.random(.uniform, stream, into: y)
      #expect(try test.device.download(y) == words.map { Float($0 >> 8) * 0x1p-24 })

      try test.device.random(.normal, stream, into: y)
      let normals = (0..<count).map { i in
        let block = threefry(
          key: stream.key, counter: stream.counter &+ SIMD4(UInt32(i / 4), 0, 0, 0))
        let (a, b) = i % 4 < 2 ? (block.x, block.y) : (block.z, block.w)
        let radius = sqrt(-2 * log(Double((a >> 8) + 1) * 0x1p-24))
        let angle = 2 * Double.pi * Double(b >> 8) * 0x1p-24
        return radius * (i % 2 == 0 ? cos(angle) : sin(angle))
      }
      expectClose(try test.device.download(y), normals)
    }
  }

  @Test(arguments: TestDevice.all) func permutes(_ test: TestDevice) throws {
    for count in [1, 2, 5, 1000, 4097] {
      let stream = RandomStream(seed: 5, purpose: 6, step: 7)
      let y = try test.device.makeBuffer(count: count, type: .int32)
      try test.device.permutation(stream, into: y)
      let permutation = Permutation(count: count, stream: stream)
      #expect(
        try test.device.download(y, as: Int32.self) == (0..<count).map { Int32(permutation($0)) })
    }
  }
}
