import Compute
import Foundation
import Testing

@testable import ComputeCPU

/// Operands that end where a page begins, or begin where one ends, that nobody may touch: what reads or
/// writes beyond them ends the program.
@Suite struct GuardPageTests {
  /// Pages between two that are closed.
  private final class GuardedMemory {
    private let start: UnsafeMutableRawPointer
    private let bytes: Int
    private let page = 4096

    init(_ floats: Int) {
      bytes = (4 * floats + page - 1) / page * page + 2 * page
      start = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
      mprotect(start, page, PROT_NONE)
      mprotect(start + bytes - page, page, PROT_NONE)
    }

    deinit { munmap(start, bytes) }

    /// The last floats, or the first.
    func buffer(_ values: [Float], atEnd: Bool) -> CPUBuffer {
      let memory = atEnd ? start + bytes - page - 4 * values.count : start + page
      memory.assumingMemoryBound(to: Float.self).update(from: values, count: values.count)
      return CPUBuffer(borrowing: memory, count: values.count, elementType: .float32)
    }
  }

  private static func numbers(_ count: Int, _ seed: Int) -> [Float] {
    (0..<count).map { Float(($0 &* 7919 &+ seed &* 104_729) % 17 - 8) / 4 }
  }

  /// Eighths and few of them, so that every sum is exact in any order.
  private static func product(_ shape: Matmul, _ a: [Float], _ b: [Float], _ bias: [Float])
    -> [Float]
  {
    var c = [Float](repeating: 1, count: shape.m * shape.n)
    for i in 0..<shape.m {
      for j in 0..<shape.n {
        var sum: Float = (shape.accumulate ? 1 : 0) + bias[j]
        for k in 0..<shape.k {
          sum +=
            a[shape.transposeA ? k * shape.m + i : i * shape.k + k]
            * b[shape.transposeB ? j * shape.k + k : k * shape.n + j]
        }
        c[i * shape.n + j] = shape.activation == .relu ? max(0, sum) : sum
      }
    }
    return c
  }

  @Test(arguments: InstructionSet.available, [true, false])
  func products(_ set: InstructionSet, _ atEnd: Bool) throws {
    let device = CPUDevice(threads: 2, instructionSet: set)
    let memories = (0..<4).map { _ in GuardedMemory(70 * 600) }
    var wrong: [Matmul] = []
    func check(_ shape: Matmul) throws {
      let a = Self.numbers(shape.m * shape.k, 1)
      let b = Self.numbers(shape.k * shape.n, 2)
      let bias = Self.numbers(shape.n, 3)
      let c = memories[3].buffer(
        [Float](repeating: 1, count: shape.m * shape.n), atEnd: atEnd)
      try device.matmul(
        shape, memories[0].buffer(a, atEnd: atEnd), memories[1].buffer(b, atEnd: atEnd),
        bias: memories[2].buffer(bias, atEnd: atEnd), into: c)
      if try device.download(c) != Self.product(shape, a, b, bias) { wrong.append(shape) }
    }
    for (transposeA, transposeB) in [(false, false), (false, true), (true, false), (true, true)] {
      func shape(_ m: Int, _ n: Int, _ k: Int) -> Matmul {
        Matmul(
          m: m, n: n, k: k, transposeA: transposeA, transposeB: transposeB,
          accumulate: (m + n + k) % 2 == 0, activation: k % 3 == 0 ? .relu : .identity)
      }
      for m in [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 17] {
        for n in [1, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 65] {
          for k in [1, 2, 7, 8, 9, 17] { try check(shape(m, n, k)) }
        }
      }
      // More than one slice of the depth; more than one block of rows; columns for packing `a`.
      for (m, n, k) in [(9, 33, 513), (70, 17, 600), (1, 65, 600), (65, 1, 600), (13, 257, 150)] {
        try check(shape(m, n, k))
      }
    }
    #expect(wrong.isEmpty, "\(wrong.count) products are wrong, such as \(wrong[0])")
  }

  @Test(arguments: InstructionSet.available, [true, false])
  func convolutions(_ set: InstructionSet, _ atEnd: Bool) throws {
    let device = CPUDevice(threads: 2, instructionSet: set)
    let free = CPUDevice(threads: 1, instructionSet: set)
    let memories = (0..<5).map { _ in GuardedMemory(40_000) }
    let plain = [
      (3, 3, 1, 1), (5, 7, 3, 5), (6, 6, 16, 7), (9, 10, 17, 33), (12, 14, 32, 64),
    ].map { height, width, inputs, outputs in
      Convolution(
        batch: 2, height: height, width: width, inputChannels: inputs, outputChannels: outputs)
    }
    let others = [(4, 2, 1, 3, 32), (3, 1, 1, 16, 20), (1, 1, 0, 8, 32), (5, 3, 2, 2, 33)].map {
      size, stride, padding, inputs, outputs in
      Convolution(
        batch: 2, height: 9, width: 11, inputChannels: inputs, outputChannels: outputs, size: size,
        stride: stride, padding: padding)
    }
    for shape in plain + others {
      let x = Self.numbers(shape.inputCount, 1)
      let w = Self.numbers(shape.weightCount, 2)
      let bias = Self.numbers(shape.outputChannels, 3)
      let dy = Self.numbers(shape.outputCount, 4)
      func results(
        _ device: CPUDevice, _ operand: (_ index: Int, _ values: [Float]) throws -> Buffer
      ) throws -> [[Float]] {
        let (x, w) = (try operand(0, x), try operand(1, w))
        let (bias, dy) = (try operand(2, bias), try operand(3, dy))
        func result(_ count: Int, _ run: (Buffer) throws -> Void) throws -> [Float] {
          let buffer = try operand(4, [Float](repeating: 0, count: count))
          try run(buffer)
          return try device.download(buffer)
        }
        return try [
          result(shape.outputCount) {
            try device.conv2d(shape, x, weights: w, bias: bias, into: $0)
          },
          result(shape.inputCount) {
            try device.conv2dInputGradient(
              shape, weights: w, outputGradient: dy, into: $0, accumulate: true)
          },
          result(shape.weightCount) {
            try device.conv2dWeightGradient(
              shape, x, outputGradient: dy, into: $0, accumulate: true)
          },
        ]
      }
      let guarded = try results(device) { memories[$0].buffer($1, atEnd: atEnd) }
      let usual = try results(free) { try free.makeBuffer($1) }
      #expect(guarded == usual, "\(shape)")
    }
  }
}
