import Autograd
import Compute
import ComputeCPU
import ComputeOpenCL
import Conformance
import Datasets
import Files
import Foundation
import NeuralNetwork
import Profiling
import TestSupport
import Testing
import Training

/// Opens the devices of this machine, with their commands recorded.
struct ProfiledDevice: CustomStringConvertible {
  var description: String
  var open: @Sendable () throws -> any Device

  static let all: [ProfiledDevice] =
    [ProfiledDevice(description: "cpu") { CPUDevice() }]
    + OpenCLDevice.available().devices.flatMap { handle in
      KernelFamily.allCases.map { family in
        ProfiledDevice(description: "\(handle.description.name), \(family)") {
          var settings = OpenCLSettings()
          settings.recordsCommands = true
          return try handle.makeDevice(kernels: family, settings: settings)
        }
      }
    }

  static let openCL = all.filter { $0.description != "cpu" }
}

/// Trains two epochs of ten steps, and returns the weights.
@discardableResult
func train(on device: any Device, epochs: Int = 2) throws -> [[[Float]]] {
  let model = try Model(
    { p in Sequential(try Dense(64, 20, .relu, p["hidden"]), try Dense(20, 10, p["output"])) },
    on: device)
  let test = try DeviceDataset(Blobs.dataset(50, side: 8, seed: 2), on: device)
  let loop = try TrainingLoop(
    ClassificationTask(
      model.network, try Adam(model.parameters, learningRate: 0.01), measuring: ["test": test]),
    data: try DeviceDataset(Blobs.dataset(200, side: 8), on: device),
    TrainingSettings(epochs: epochs, batchSize: 20, reportInterval: 3))
  #expect(try loop.train(save: { _ in }))
  return try loop.task.optimizers[0].allValues()
}

@Suite(.serialized) struct ProfilingTests {
  private let folder: TemporaryFolder
  private var path: String { folder["trace.json"] }

  init() throws { folder = try TemporaryFolder() }

  // MARK: What is in a trace

  @Test(arguments: ProfiledDevice.all)
  func theTableIsTheSumOfTheTrace(_ device: ProfiledDevice) throws {
    let profiler = try Profiler(path)
    try train(on: profiler.device(try device.open(), label: "it"))
    let profile = profiler.finish()
    let trace = try TraceFile(path)
    #expect(profile.failure == nil)
    let use = profile.devices[0]
    #expect(!use.operations.isEmpty && use.untimedCommands == 0)
    for operation in use.operations {
      #expect(trace.times[operation.name] == Int(operation.nanoseconds), "\(operation)")
      let calls = trace.events.count {
        $0.track.isHost && $0.name == operation.name && $0.phase == "X"
      }
      #expect(calls == operation.calls, "\(operation)")
      let commands = trace.events.count {
        !$0.track.isHost && $0.operation == operation.name && $0.category != "run"
      }
      #expect(commands == operation.commands, "\(operation)")
    }
    #expect(Set(trace.times.keys) == Set(use.operations.map(\.name)))
    #expect(use.operations.map(\.nanoseconds) == use.operations.map(\.nanoseconds).sorted(by: >))
    // What isn't in any operation is what is left of the whole time.
    #expect(profile.operationNanoseconds < profile.nanoseconds)
    #expect(trace.events.allSatisfy { $0.end <= Int(profile.nanoseconds) })
    // The work is that of the operations: 20 steps, 2 evaluations in parts of 50.
    let layer = try #require(use.operations.first { $0.name == "matmul 20x64x20 NN" })
    #expect(layer.calls == 20 && layer.cost.operations == 1_024_000)
    let floats = 20 * 64 + 64 * 20 + 20 + 20 * 20
    #expect(layer.cost.bytes == Double(20 * 4 * floats))
    #expect(use.bytesRead > 0 && use.bytesWritten > 200 * 64)
    let transfers = trace.events.filter { $0.category == "read" }
    if device.description != "cpu" {
      #expect(use.waits >= transfers.count && use.waitNanoseconds > 0 && !transfers.isEmpty)
    }
  }

  @Test(arguments: ProfiledDevice.all)
  func operationsAreInsideThePhases(_ device: ProfiledDevice) throws {
    let profiler = try Profiler(path)
    try train(on: profiler.device(try device.open(), label: "it"))
    _ = profiler.finish()
    let trace = try TraceFile(path)
    #expect(trace.overlaps.isEmpty, "\(trace.overlaps.prefix(3))")
    let phases = trace.events.filter { $0.category == "phase" }
    #expect(phases.count { $0.name == "training step" } == 20)
    #expect(phases.count { $0.name.hasPrefix("epoch ") } == 2)
    #expect(phases.count { $0.name == "evaluation" } == 2)
    for operation in trace.events where operation.name == "matmul 20x64x20 NN" {
      guard operation.track.isHost else { continue }
      let names = trace.enclosing(operation).map(\.name)
      #expect(names.dropFirst() == ["training step", "forward"], "\(names)")
      #expect(names.first?.hasPrefix("epoch ") ?? false)
    }
    let adam = try #require(
      trace.events.first { $0.name.hasPrefix("adamStep") && $0.track.isHost })
    #expect(trace.enclosing(adam).map(\.name) == ["epoch 1", "training step", "update"])
    // On the host's tracks whatever ends first is written first, whatever else the file holds.
    let ends = trace.events.filter { $0.track.isHost && $0.phase == "X" }.map(\.end)
    #expect(ends == ends.sorted())
  }

  @Test(arguments: ProfiledDevice.openCL)
  func commandsRunAfterTheirCall(_ device: ProfiledDevice) throws {
    let profiler = try Profiler(path)
    let profiled = profiler.device(try device.open(), label: "it")
    let buffer = try profiled.makeBuffer([Float](repeating: 1, count: 1 << 20))
    for _ in 0..<20 {
      try profiled.map(.exp, buffer, into: buffer)
      _ = try profiled.download(buffer)
    }
    let profile = profiler.finish()
    let trace = try TraceFile(path)
    let kernels = trace.events.filter { $0.category == "launch" }
    let calls = trace.events.filter { $0.track.isHost && $0.name.hasPrefix("map") }
    let reads = trace.events.filter { $0.track.isHost && $0.name.hasPrefix("read") }
    #expect(kernels.count == 20 && calls.count == 20 && reads.count == 20)
    let error = try #require(profile.devices[0].clockError)
    // Clocks of one machine: the comparison takes microseconds, or milliseconds where others use the cores.
    #expect((0...10_000_000).contains(error))
    for ((kernel, call), read) in zip(zip(kernels, calls), reads) {
      #expect(kernel.start >= call.start && kernel.end <= read.end + error, "\(kernel) \(read)")
    }
  }

  @Test(arguments: ProfiledDevice.all)
  func theSameBytesWithAndWithout(_ device: ProfiledDevice) throws {
    let profiler = try Profiler(path)
    let profiled = try train(on: profiler.device(try device.open(), label: "it"))
    _ = profiler.finish()
    #expect(try train(on: device.open()) == profiled)
  }

  @Test(arguments: ProfiledDevice.all)
  func memoryReturnsToZero(_ device: ProfiledDevice) throws {
    let profiler = try Profiler(path)
    try train(on: profiler.device(try device.open(), label: "it"))
    let profile = profiler.finish()
    let used = try TraceFile(path).events.compactMap { $0.values["in buffers"] }
    #expect(used.last == 0 && used.max() == profile.devices[0].mostMemory)
    #expect(profile.devices[0].mostMemory > 20_000)
  }

  @Test func allOfAnOperationsWorkIsCounted() throws {
    let profiler = try Profiler(path)
    let counted = CountingDevice(CPUDevice())
    let device = profiler.device(counted, label: "it")
    let workbench = Conformance.cases(.selfCheck)
    _ = ConformanceReport(workbench, on: device, withVariants: false)
    let profile = profiler.finish()
    #expect(counted.calls > 100)
    let operations = profile.devices[0].operations.filter {
      !$0.name.hasPrefix("read ") && !$0.name.hasPrefix("write ")
    }
    #expect(operations.reduce(0) { $0 + $1.calls } == counted.calls)
    #expect(operations.reduce(0) { $0 + $1.cost.bytes } == counted.cost.bytes)
    #expect(try TraceFile(path).overlaps.isEmpty)
  }

  @Test func rowsThatDependOnDataDoNotPileUp() throws {
    let profiler = try Profiler(path)
    let device = profiler.device(CPUDevice(), label: "it")
    for count in 1...3000 {
      try device.fill(try device.makeBuffer(count: count, type: .float32), with: 0)
    }
    let operations = profiler.finish().devices[0].operations
    #expect(operations.reduce(0) { $0 + $1.calls } == 3000)
    #expect(
      operations.count == 2001 && operations.contains { $0.name == "fill" && $0.calls == 1000 })
  }
}

/// Counts the operations, and their work.
private final class CountingDevice: ForwardingDevice, @unchecked Sendable {
  var calls = 0
  var cost = Cost()

  override func enqueue<Call: DeviceOperation>(_ operation: Call) throws(DeviceError) {
    calls += 1
    cost += operation.cost
    try base.enqueue(operation)
  }
}
