import Compute
import Files
import Foundation
import Testing

import class TestSupport.TemporaryFolder

@testable import ComputeOpenCL

@Suite(.enabled(if: TestDevice.any, "no OpenCL device here")) struct ProgramStoreTests {
  let place: TemporaryFolder
  let cache: ProgramCache
  let folder: ProgramFolder
  let handle: OpenCLDeviceHandle
  let device: OpenCLDevice

  init() throws {
    place = try TemporaryFolder()
    var cache = ProgramCache(folder: place["programs"])
    cache.servesAll = true
    self.cache = cache
    folder = try ProgramFolder(cache)
    handle = try #require(OpenCLDevice.available().devices.first)
    device = try handle.makeDevice()
  }

  func source(_ factor: Int) -> String {
    "__kernel void scale(__global float *x) { x[get_global_id(0)] *= \(factor); }"
  }

  func key(_ factor: Int, identity: String = "this driver\n") -> ProgramKey {
    ProgramKey(identity: identity, options: Program.options(""), source: source(factor))
  }

  /// What a program from a new store of the folder makes of the numbers from 1 to 4.
  func run(_ factor: Int, identity: String = "this driver\n") throws -> [Float] {
    let store = ProgramStore(folder, identity: identity)
    let program = try store.program(
      device.context, name: "scale", source: source(factor), defines: "", kernel: "scale")
    let x = try device.makeBuffer([1, 2, 3, 4] as [Float])
    let kernel = try Kernel(program, "scale")
    try kernel.set([.buffer(x)])
    try kernel.enqueue(device.context, Grid([4], of: [1]))
    return try device.download(x)
  }

  func names() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
  }

  @Test func keepsPrograms() throws {
    let name = key(3).name
    #expect(try run(3) == [3, 6, 9, 12])
    #expect(try names() == ["\(name).new"])
    for _ in 0..<2 {
      #expect(try run(3) == [3, 6, 9, 12])
      #expect(try names() == [name])
    }
  }

  @Test func runsWhatItKept() throws {
    #expect(try run(3) == [3, 6, 9, 12])
    let (binary, _) = try #require(folder.take(key(3)))
    try folder.store(binary, key(5))
    #expect(try run(5) == [3, 6, 9, 12])
  }

  @Test func anotherDriverBuildsItsOwn() throws {
    #expect(try run(3) == [3, 6, 9, 12])
    let entry = try readFile("\(folder.path)/\(key(3).name).new")
    let other = key(3, identity: "that driver\n")
    // Not even under its name, nor that of another source.
    for key in [other, key(5)] {
      try writeAtomically(entry, to: "\(folder.path)/\(key.name)")
    }
    #expect(try run(3, identity: "that driver\n") == [3, 6, 9, 12])
    #expect(try run(5) == [5, 10, 15, 20])
    #expect(
      try names() == [key(3).name, other.name, key(5).name].map { "\($0).new" }.sorted())
  }

  @Test func damagedEntriesAreReplaced() throws {
    #expect(try run(3) == [3, 6, 9, 12])
    let path = "\(folder.path)/\(key(3).name)"
    let entry = try readFile("\(path).new")
    for count in 0..<entry.count {
      #expect(ProgramEntry.binary(in: Array(entry[..<count]), key(3)) == nil)
    }
    for index in stride(from: 0, to: entry.count, by: max(1, entry.count / 500)) {
      var damaged = entry
      damaged[index] ^= 1 << UInt8(index % 8)
      #expect(ProgramEntry.binary(in: damaged, key(3)) == nil)
    }
    for part in 0..<6 {
      let index = part * (entry.count - 1) / 5
      var flipped = entry
      flipped[index] ^= 4
      for damaged in [Array(entry[..<index]), flipped] {
        try writeAtomically(damaged, to: path)
        unlink("\(path).new")
        #expect(try run(3) == [3, 6, 9, 12], "at \(index)")
        #expect(try names() == ["\(key(3).name).new"])
        #expect(try readFile("\(path).new") != damaged)
      }
    }
  }

  @Test func refusedEntriesAreReplaced() throws {
    try folder.store((0..<200).map { UInt8(truncatingIfNeeded: 37 * $0) }, key(3))
    #expect(try run(3) == [3, 6, 9, 12])
    // Whole, but of a program without the kernel.
    let other = try Program(
      device.context, name: "other", source: "__kernel void other(__global int *x) { *x = 1; }",
      options: "")
    try folder.store(#require(other.binary(limit: 1 << 20)), key(5))
    #expect(try run(5) == [5, 10, 15, 20])
    #expect(try run(5) == [5, 10, 15, 20])
    #expect(try names().contains(key(5).name))
  }

  @Test func driversThatCrashedAreNotAskedAgain() throws {
    // As a process leaves it that ends while its driver makes a binary, or takes one back.
    #expect(try folder.mark(key(3)))
    #expect(try run(3) == [3, 6, 9, 12])
    #expect(try names() == ["\(key(3).name).tried"])
    #expect(try run(5) == [5, 10, 15, 20])
    #expect(folder.take(key(5)) != nil)
    #expect(try run(5) == [5, 10, 15, 20])
    #expect(try names() == [key(3).name, key(5).name].map { "\($0).tried" }.sorted())
  }

  @Test func failedBuildsLeaveNothing() throws {
    let store = ProgramStore(folder, identity: "")
    let error = #expect(throws: DeviceError.self) {
      _ = try store.program(
        device.context, name: "broken", source: "__kernel void f() { nonsense(; }", defines: "",
        kernel: "f")
    }
    #expect(error?.buildLog?.isEmpty == false)
    #expect(try names().isEmpty)
  }

  @Test func severalAtOnce() async throws {
    for factor in 3..<9 {
      let values = [1, 2, 3, 4].map { Float($0 * factor) }
      try await withThrowingTaskGroup(of: [Float].self) { group in
        for _ in 0..<6 { group.addTask { try self.run(factor) } }
        for try await result in group { #expect(result == values) }
      }
      #expect(try run(factor) == values)
      #expect(try run(factor) == values)
    }
    #expect(try names() == (3..<9).map { key($0).name }.sorted())
  }

  /// A file system of a few pages, if this process may mount one.
  static let disk: (folder: TemporaryFolder, path: String)? = {
    guard geteuid() == 0, let folder = try? TemporaryFolder() else { return nil }
    return mount("none", folder.path, "tmpfs", 0, "size=16k") == 0 ? (folder, folder.path) : nil
  }()

  @Test(.enabled(if: disk != nil, "no file system can be mounted here"))
  func fullDisksAreLeftAlone() throws {
    let path = try #require(Self.disk?.path)
    defer { umount2(path, Int32(MNT_DETACH)) }
    let folder = try ProgramFolder(ProgramCache(folder: "\(path)/programs"))
    let store = ProgramStore(folder, identity: "")
    for factor in 2...4 {
      let source = source(factor) + String(repeating: "\n", count: 20_000)
      let program = try store.program(
        device.context, name: "scale", source: source, defines: "", kernel: "scale")
      #expect((try? Kernel(program, "scale")) != nil)
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
  }

  @Test func devicesUseIt() throws {
    var settings = OpenCLSettings()
    settings.programCache = cache
    for turn in 0..<3 {
      let device = try handle.makeDevice(settings: settings)
      let x = try device.makeBuffer(numbers(100))
      let y = try device.makeBuffer(count: 100, type: .float32)
      try device.permute(x, Shape([4, 25]), axes: [1, 0], into: y)
      let expected = (0..<100).map { numbers(100)[$0 % 4 * 25 + $0 / 4] }
      #expect(try device.download(y) == expected)
      #expect(try names().count { $0.hasSuffix(".new") } == (turn == 0 ? 1 : 0))
      #expect(try names().count == 1)
    }
  }

  @Test func devicesDoWithout() throws {
    try writeAtomically("", to: place["file"])
    var settings = OpenCLSettings()
    settings.programCache = ProgramCache(folder: place["file"])
    settings.programCache?.servesAll = true
    let device = try handle.makeDevice(settings: settings)
    let x = try device.makeBuffer(count: 10, type: .float32)
    try device.fill(x, with: 2)
    #expect(try device.download(x) == [Float](repeating: 2, count: 10))
  }
}
