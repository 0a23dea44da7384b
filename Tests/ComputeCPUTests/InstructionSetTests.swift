import Compute
import Foundation
import Testing

@testable import ComputeCPU

@Suite struct InstructionSetTests {
  @Test func portableIsAlwaysThere() {
    #expect(InstructionSet.available.first == .portable)
    #expect(Set(InstructionSet.available).count == InstructionSet.available.count)
  }

  /// Only what the processor lists, and what it lists where the build has it.
  @Test func followsTheProcessor() {
    let flags = Set((processorField("flags") ?? "").split(separator: " "))
    let available = InstructionSet.available
    if !flags.contains("avx2") { #expect(!available.contains(.avx2)) }
    if !flags.contains("avx512f") { #expect(!available.contains(.avx512)) }
    if available.contains(.avx512) { #expect(available.contains(.avx2)) }
  }

  @Test func theWidestIsTaken() {
    let device = CPUDevice()
    #expect(device.description.kernels == InstructionSet.available.last?.rawValue)
    #expect(device.description.computeUnits == ProcessInfo.processInfo.activeProcessorCount)
    #expect(device.description.kind == .cpu)
    #expect(!device.description.name.isEmpty)
    #expect(device.description.memory > 1 << 20)
  }

  @Test(arguments: InstructionSet.available)
  func anyOfThemCanBeForced(_ set: InstructionSet) throws {
    let device = CPUDevice(threads: 2, instructionSet: set)
    #expect(device.description.kernels == set.rawValue)
    #expect(device.description.computeUnits == 2)
    let x = try device.makeBuffer((0..<37).map { Float($0) })
    let y = try device.makeBuffer(count: 37, type: .float32)
    try device.scaledAdd(2, x, 0, into: y)
    #expect(try device.download(y) == (0..<37).map { Float(2 * $0) })
  }
}
