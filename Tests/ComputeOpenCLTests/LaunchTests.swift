import Compute
import Testing

@testable import ComputeOpenCL

/// Launches in parts, and in smaller work-groups than the device allows.
@Suite(.enabled(if: TestDevice.any, "no OpenCL device here")) struct LaunchTests {
  private func device(_ pace: Pace? = nil) throws -> OpenCLDevice {
    let handle = try #require(OpenCLDevice.available().devices.first)
    return try OpenCLDevice(handle, kernels: .gpu, pace: pace)
  }

  /// A product in tiles, sums of rows, a convolution, and a kernel whose rows are work-groups.
  private func work(on device: OpenCLDevice) throws -> [[Float]] {
    let shape = Matmul(m: 150, n: 70, k: 90)
    let a = try device.makeBuffer(numbers(shape.m * shape.k))
    let b = try device.makeBuffer(numbers(shape.k * shape.n, seed: 2))
    let c = try device.makeBuffer(count: shape.m * shape.n, type: .float32)
    try device.matmul(shape, a, b, bias: nil, into: c)
    let rows = Rows(shape.m, shape.n)
    let sums = try device.makeBuffer(count: rows.rows, type: .float32)
    try device.reduce(Reduction(.sum, .perRow, rows), c, into: sums)
    let softmax = try device.makeBuffer(count: rows.count, type: .float32)
    try device.softmax(rows, c, into: softmax)
    let layer = Convolution(
      batch: 3, height: 9, width: 10, inputChannels: 5, outputChannels: 7)
    let x = try device.makeBuffer(numbers(layer.inputCount))
    let weights = try device.makeBuffer(numbers(layer.weightCount))
    let y = try device.makeBuffer(count: layer.outputCount, type: .float32)
    try device.conv2d(layer, x, weights: weights, bias: nil, into: y)
    return try [c, sums, softmax, y].map { try device.download($0, as: Float.self) }
  }

  /// As on a GPU that is so slow that each work-group needs a launch of its own.
  @Test func partsGiveTheSameResults() throws {
    let whole = try device()
    let pace = Pace(limit: 1e-12, computeUnits: 1, megahertz: 1)
    let parts = try device(pace)
    #expect(try work(on: parts) == work(on: whole))
    #expect(pace.groups(of: 1 << 20) == 1)
  }

  @Test func paceFollowsWhatWasMeasured() {
    let pace = Pace(limit: 100, computeUnits: 10, megahertz: 1000)
    // 8 operations for each unit and cycle: 80 million in a millisecond.
    #expect(pace.groups(of: 800_000_000) == 10)
    #expect(pace.groups(of: 0) == 65_535 && pace.groups(of: 1) == 65_535)
    #expect(pace.groups(of: .max) == 1)
    pace.measured(8e9, took: 1000)
    #expect(pace.groups(of: 800_000_000) == 1)
    pace.measured(8e9, took: 1e-3)
    #expect(pace.groups(of: 800_000_000) == 4)
    pace.measured(8e9, took: 0)
    #expect(pace.groups(of: 800_000_000) == 4)
    let endless = Pace(limit: .infinity, computeUnits: 1, megahertz: 1)
    #expect(endless.groups(of: .max) == 65_535)
  }

  @Test(arguments: [1, 3, 16, 70]) func kernelsGoDownToTheirLimits(_ limit: Int) throws {
    let device = try device()
    for name in ["softmax", "equal"] { device.kernels.limit("softmax", name, to: limit) }
    device.kernels.limit("reduce", "reduce_rows", to: limit)
    device.kernels.limit("matmul", "matmul", to: limit)
    device.kernels.limit("conv2d", "conv2d_forward", to: limit)
    for (values, expected) in try zip(work(on: device), work(on: self.device())) {
      expectClose(values, expected.map(Double.init), tolerance: 1e-5)
    }
  }

  @Test func powersOfTwo() {
    #expect([0, 1, 2, 3, 63, 64, 65].map(powerOfTwo) == [1, 1, 2, 2, 32, 64, 64])
  }

  @Test func memoryOfItsOwnServesASingleWorkItem() throws {
    let tuning = Tuning(family: .gpu, maximumGroup: 256, localMemory: 0, computeUnits: 4)
    #expect(tuning.group == 1 && tuning.tiles == [.smallest])
    #expect(Tile.smallest.localMemory == 0)
    #expect(try Program.source("softmax").contains("#define SHARED __private"))
  }
}

/// What a tuning can choose between.
@Suite(.enabled(if: TestDevice.any, "no OpenCL device here")) struct DecisionTests {
  @Test(arguments: [KernelFamily.gpu, .cpu]) func everyWayIsRight(_ family: KernelFamily) throws {
    let handle = try #require(OpenCLDevice.available().devices.first)
    let device = try handle.makeDevice(kernels: family)
    let shape = Matmul(m: 70, n: 40, k: 600)
    func product(on device: any Device) throws -> [Float] {
      let a = try device.makeBuffer(numbers(shape.m * shape.k))
      let b = try device.makeBuffer(numbers(shape.k * shape.n, seed: 2))
      let c = try device.makeBuffer(count: shape.m * shape.n, type: .float32)
      try device.matmul(shape, a, b, bias: nil, into: c)
      return try device.download(c, as: Float.self)
    }
    let usual = try product(on: device)
    let decisions = try device.decisions { _ = try product(on: $0) }
    let decision = try #require(decisions.first { $0.name == "matmul 70x600x40" })
    #expect(decision.ways.contains(decision.taken) && decision.ways.count > 4)
    for way in decision.ways {
      let other = device.deciding([decision.name: way])
      expectClose(try product(on: other), usual.map(Double.init), tolerance: 1e-4, way)
      let taken = try other.decisions { _ = try product(on: $0) }
      #expect(taken.first { $0.name == decision.name }?.taken == way)
    }
    // What a damaged or foreign file may hold.
    let foreign = device.deciding([decision.name: "tiles of 4096 × 4096", "no such work": "at all"])
    #expect(try product(on: foreign) == usual)
  }

  @Test func settingsDecide() throws {
    let handle = try #require(OpenCLDevice.available().devices.first)
    var settings = OpenCLSettings()
    settings.ways = { _ in ["groups of fill": "32"] }
    let device = try handle.makeDevice(kernels: .gpu, settings: settings)
    let decisions = try device.decisions {
      try $0.fill(try $0.makeBuffer(count: 1000, type: .float32), with: 1)
    }
    #expect(decisions.map(\.name) == ["groups of fill"] && decisions[0].taken == "32")
  }
}
