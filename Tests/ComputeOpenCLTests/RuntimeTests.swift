import Compute
import Testing

@testable import ComputeOpenCL

@Suite struct DiscoveryTests {
  @Test func findsDevicesOrSaysWhyNot() {
    let (devices, problems) = OpenCLDevice.available()
    #expect(!devices.isEmpty || !problems.isEmpty)
    for (index, handle) in devices.enumerated() {
      #expect(handle.index == index)
      #expect(!handle.description.name.isEmpty && handle.description.memory > 0)
      #expect(
        handle.description.kernels == (handle.description.kind == .cpu ? "cpu" : "gpu"))
    }
  }

  @Test func readsVersions() {
    #expect(isAtLeastOpenCL12("OpenCL 3.0 CUDA"))
    #expect(isAtLeastOpenCL12("OpenCL 1.2 pocl"))
    #expect(!isAtLeastOpenCL12("OpenCL 1.1 old"))
    #expect(!isAtLeastOpenCL12("nonsense"))
  }

  @Test func namesCodes() {
    let error = #expect(throws: DeviceError.self) {
      try check(-5, "clEnqueueNDRangeKernel", "map")
    }
    #expect(
      error?.description == "clEnqueueNDRangeKernel failed with CL_OUT_OF_RESOURCES (-5): map")
  }
}

@Suite(.enabled(if: TestDevice.any, "no OpenCL device here")) struct RuntimeTests {
  @Test(arguments: TestDevice.all) func keepsBytes(_ test: TestDevice) throws {
    let device = test.device
    let values = numbers(300_001)
    let x = try device.makeBuffer(values)
    let y = try device.makeBuffer(count: x.count, type: .float32)
    try device.copy(x, to: y)
    #expect(try device.download(y) == values)
    try device.fill(y, with: 2.5)
    #expect(try device.download(y).allSatisfy { $0 == 2.5 })
    let bytes = (0..<77).map { UInt8($0) }
    #expect(try device.download(device.makeBuffer(bytes), as: UInt8.self) == bytes)
  }

  @Test(arguments: TestDevice.all) func slicesShareStorage(_ test: TestDevice) throws {
    let device = test.device
    let whole = try device.makeBuffer(numbers(2048))
    let slice = try device.slice(whole, offset: 512, count: 1000)
    let inner = try device.slice(slice, offset: 256, count: 10)
    try device.fill(inner, with: 7)
    var expected = numbers(2048)
    for i in 768..<778 { expected[i] = 7 }
    #expect(try device.download(whole) == expected)
    #expect(try device.download(slice) == Array(expected[512..<1512]))
  }

  @Test(arguments: TestDevice.all) func slicesKeepStorageAlive(_ test: TestDevice) throws {
    let device = test.device
    var whole: Buffer? = try device.makeBuffer(numbers(5003))
    let slice = try device.slice(#require(whole), offset: 256, count: 300)
    whole = nil
    // Of the same size, so it would get the storage were it back in the pool.
    let other = try device.makeBuffer(count: 5003, type: .float32)
    try device.fill(other, with: 0)
    #expect(try device.download(slice) == Array(numbers(5003)[256..<556]))
  }

  @Test(arguments: TestDevice.all) func slicesDoNotEnterThePool(_ test: TestDevice) throws {
    let device = test.device
    let whole = try device.makeBuffer(numbers(2048))
    var slice: Buffer? = try device.slice(whole, offset: 256, count: 333)
    #expect(slice?.count == 333)
    slice = nil
    let other = try device.makeBuffer(count: 333, type: .float32)
    try device.fill(other, with: 0)
    #expect(try device.download(whole) == numbers(2048))
  }

  @Test func poolReusesStorage() throws {
    let device = try #require(OpenCLDevice.available().devices.first).makeDevice()
    var buffer: Buffer? = try device.makeBuffer(count: 1234, type: .float32)
    let object = storage(of: try #require(buffer)).object
    #expect(device.pool.byteCount == 0)
    buffer = nil
    #expect(device.pool.byteCount == 1234 * 4)
    let again = try device.makeBuffer(count: 1234, type: .float32)
    #expect(storage(of: again).object == object)
    #expect(device.pool.byteCount == 0)
  }

  @Test func poolEmptiesItselfWhenMemoryRunsOut() throws {
    let device = try #require(OpenCLDevice.available().devices.first).makeDevice()
    _ = try device.makeBuffer(count: 4096, type: .float32)
    #expect(device.pool.byteCount > 0)
    var attempts = 0
    try device.pool.withRetry { () throws(DeviceError) in
      attempts += 1
      if attempts == 1 { try check(-4, "clCreateBuffer") }
    }
    #expect(attempts == 2)
    #expect(device.pool.byteCount == 0)
    #expect(throws: DeviceError.self) {
      try device.pool.withRetry { () throws(DeviceError) in try check(-5, "clCreateBuffer") }
    }
  }

  // Oclgrind, which is itself not safe to call from several threads, is left out.
  @Test(arguments: TestDevice.all.filter { $0.device.description.platform != "Oclgrind" })
  func servesSeveralThreads(_ test: TestDevice) async throws {
    let device = test.device
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for task in 0..<4 {
        group.addTask {
          let x = try device.makeBuffer(count: 3000 + task % 2, type: .float32)
          try device.fill(x, with: 0)
          for _ in 0..<50 {
            let one = try device.makeBuffer(count: x.count, type: .float32)
            try device.fill(one, with: Float(task))
            try device.zip(.add, x, one, into: x)
          }
          return try device.download(x).allSatisfy { $0 == Float(50 * task) }
        }
      }
      for try await right in group { #expect(right) }
    }
  }

  @Test func impossibleAllocationsThrow() throws {
    let device = try #require(OpenCLDevice.available().devices.first).makeDevice()
    #expect(throws: DeviceError.self) {
      _ = try device.makeBuffer(count: 1 << 40, type: .float32)
    }
  }

  @Test(arguments: TestDevice.all) func failedBuildsCarryTheLog(_ test: TestDevice) throws {
    let error = #expect(throws: DeviceError.self) {
      _ = try Program(
        test.device.context, name: "broken", source: "__kernel void f() { nonsense(; }",
        options: test.device.tuning.defines(group: test.device.tuning.group))
    }
    #expect(error?.symbol == "CL_BUILD_PROGRAM_FAILURE")
    #expect(error?.detail.contains("broken.cl") == true)
    #expect(error?.buildLog?.isEmpty == false)
  }

  @Test func includedFilesAreInPlace() throws {
    let source = try Program.source("matmul")
    #expect(source.contains("#define PITCH (TILE + 4)"))
    #expect(!source.contains("#include"))
  }

  @Test func missingKernelFilesThrow() {
    #expect(throws: DeviceError.self) { try Program.source("nowhere") }
  }
}
