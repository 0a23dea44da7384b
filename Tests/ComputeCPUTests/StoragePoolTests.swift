import Compute
import Foundation
import Testing

@testable import ComputeCPU

@Suite struct StoragePoolTests {
  private let device = CPUDevice(threads: 1)

  private func address(_ buffer: Buffer) -> UnsafeMutableRawPointer { buffer.bytes }

  @Test func freedStorageIsUsedAgain() throws {
    var first: Buffer? = try device.makeBuffer(count: 1000, type: .float32)
    let memory = try address(#require(first))
    let second = try device.makeBuffer(count: 1000, type: .float32)
    #expect(address(second) != memory, "both are alive")
    first = nil
    // The C library would hand out the same memory too, if the pool had given it back.
    let thieves = (0..<8).map { _ in aligned_alloc(64, 4032) }
    defer { for thief in thieves { free(thief) } }
    let other = try device.makeBuffer(count: 2000, type: .float32)
    #expect(address(other) != memory, "another size")
    let third = try device.makeBuffer(count: 4000, type: .uint8)
    #expect(address(third) == memory, "as many bytes")
  }

  /// Sizes that are never asked for again don't stay for good; those of a repeated step do.
  @Test func thePoolIsBounded() throws {
    let step = (0..<8).map { 100_000 + $0 }
    func once() throws { _ = try step.map { try device.makeBuffer(count: $0, type: .uint8) } }
    for size in 1...400 {
      _ = try device.makeBuffer(count: 1_000_000 + 64 * size, type: .uint8)
      if size % 10 == 0 { try once() }
      #expect(device.storage.pooledBytes <= 64 << 20)
    }
    let before = device.storage.pooledBytes
    try once()
    #expect(device.storage.pooledBytes == before, "a step finds its own sizes")
  }

  /// What buffers had together at once, the pool may hold, however much it was.
  @Test func thePoolHoldsASteps() throws {
    let big = {
      try (0..<10).map { _ in try self.device.makeBuffer(count: 10 << 20, type: .uint8) }
    }
    _ = try big()
    #expect(device.storage.pooledBytes == 100 << 20)
  }

  @Test func storageIsAligned() throws {
    for count in [1, 3, 63, 64, 65, 1000] {
      let buffer = try device.makeBuffer(count: count, type: .uint8)
      #expect(Int(bitPattern: address(buffer)) % 64 == 0)
    }
  }

  @Test func slicesKeepTheirArena() throws {
    var arena: Buffer? = try device.makeBuffer((0..<512).map { Float($0) })
    let memory = try address(#require(arena))
    var slice: Buffer? = try device.slice(#require(arena), offset: 256, count: 3)
    arena = nil
    let other = try device.makeBuffer(count: 512, type: .float32)
    #expect(address(other) != memory, "the slice still holds the storage")
    #expect(try device.download(#require(slice)) == [256, 257, 258] as [Float])
    slice = nil
    #expect(try address(device.makeBuffer(count: 512, type: .float32)) == memory)
  }

  @Test func buffersOutliveTheirDevice() throws {
    var device: CPUDevice? = CPUDevice(threads: 2)
    let buffer = try #require(device).makeBuffer([Float(1), 2, 3])
    device = nil
    #expect(try self.device.download(buffer) == [1, 2, 3] as [Float])
  }

  @Test func tooMuchIsAnError() {
    let error = #expect(throws: DeviceError.self) {
      _ = try device.makeBuffer(count: 1 << 50, type: .float32)
    }
    #expect(error?.description.contains("\(1 << 52) bytes") == true)
  }
}
