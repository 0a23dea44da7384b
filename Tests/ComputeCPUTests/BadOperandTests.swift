import Autograd
import Compute
import ComputeCPU
import Foundation
import Testing

/// What a caller does wrong stops the program, in an optimised build too, and names the values that do not
/// fit.
@Suite struct BadOperandTests {
  private func text(_ result: ExitTest.Result?) throws -> String {
    String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
  }

  @Test func shapesThatDoNotFitEachOther() async throws {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      let device = CPUDevice(threads: 1)
      let x = try Tensor([1, 2, 3, 4, 5, 6], [2, 3], on: device)
      _ = try x + Tensor([1, 2, 3, 4, 5, 6], [3, 2], on: device)
    }
    #expect(try text(result).contains("2 × 3 does not fit 3 × 2"))
  }

  @Test func aBufferOfAnotherExtent() async throws {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      let device = CPUDevice(threads: 1)
      let x = try device.makeBuffer([1, 2, 3] as [Float])
      try device.map(.exp, x, into: try device.makeBuffer(count: 4, type: .float32))
    }
    #expect(
      try text(result).contains("the input of map must hold 4 × float32, but holds 3 × float32"))
  }

  @Test func aDimensionThatIsNotThere() async throws {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      let x = try Tensor([1, 2], [2], on: CPUDevice(threads: 1))
      _ = try x.sum([1])
    }
    #expect(try text(result).contains("2 has no dimension 1"))
  }

  @Test func anExtentThatOverflows() async throws {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = Shape([1 << 40, 1 << 40])
    }
    #expect(try text(result).contains("1099511627776 × 1099511627776 has more elements"))
  }

  @Test func noElements() async throws {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = Shape([3, 0])
    }
    #expect(try text(result).contains("3 × 0 has no elements"))
  }

  @Test func aNegativeStride() async throws {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = Window(3, stride: -1)
    }
    #expect(try text(result).contains("a stride of -1"))
  }

  @Test func aWindowLargerThanItsImage() async throws {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = Convolution(batch: 1, height: 4, width: 9, inputChannels: 1, outputChannels: 1, size: 5)
    }
    #expect(try text(result).contains("a window of 5 does not fit 4 pixels"))
  }

  @Test func aCopyBeyondTheEnd() async throws {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      let device = CPUDevice(threads: 1)
      let x = try device.makeBuffer([1, 2, 3, 4] as [Float])
      let y = try device.makeBuffer(count: 4, type: .float32)
      try device.stridedCopy(
        [2, 2], x, from: Layout(strides: [2, 2]), into: y, at: Layout([2, 2]))
    }
    #expect(try text(result).contains("reaches from 0 to 4 of 4 elements"))
  }

  @Test func aCopyThatWritesTwice() async throws {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      let device = CPUDevice(threads: 1)
      let x = try device.makeBuffer([1, 2, 3, 4] as [Float])
      let y = try device.makeBuffer(count: 4, type: .float32)
      try device.stridedCopy(
        [2, 2], x, from: Layout([2, 2]), into: y, at: Layout(strides: [1, 1]))
    }
    #expect(try text(result).contains("strides of [1, 1] write an element of 2 × 2 twice"))
  }

  @Test func aBufferOfAnotherDevice() async throws {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      final class Foreign: Buffer, @unchecked Sendable {}
      let device = CPUDevice(threads: 1)
      let y = try device.makeBuffer(count: 2, type: .float32)
      try device.map(.exp, Foreign(count: 2, elementType: .float32), into: y)
    }
    #expect(try text(result).contains("another device"))
  }
}
