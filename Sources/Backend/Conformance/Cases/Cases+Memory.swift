import Compute
import Synchronization
import Threads

extension Conformance {
  static func memoryCases(_ size: Size) -> [ConformanceCase] {
    let lengths = counts(size)
    return lengths.flatMap { count in
      [
        transferCase(count, "float32") { $0.random.floats(count) },
        transferCase(count, "int32") { $0.random.integers(count, below: 1 << 30) },
        transferCase(count, "uint8") { $0.random.bytes(count) },
        fillCase(count, value: 0), fillCase(count, value: -0.1),
      ]
    } + [
      slicesCase, nestedSliceCase, lifetimeCase, reusedBytesCase, recycledStorageCase, threadsCase,
    ]
  }

  /// Writes, copies, and reads back.
  private static func transferCase<Element: BufferElement & Equatable>(
    _ count: Int, _ type: String, _ values: @escaping @Sendable (Workbench) -> [Element]
  ) -> ConformanceCase {
    ConformanceCase(.memory, "copy of \(count) × \(type)") { bench in
      let values = values(bench)
      let source = try bench.input(values)
      let destination = try bench.output(count, Element.elementType)
      try bench.run { try $0.copy(source.buffer, to: destination.buffer) }
      bench.expect(destination, exactly: values)
    }
  }

  private static func fillCase(_ count: Int, value: Float) -> ConformanceCase {
    ConformanceCase(.memory, "fill of \(count) with \(value)") { bench in
      let destination = try bench.output(count)
      try bench.run { try $0.fill(destination.buffer, with: value) }
      bench.expect(destination, exactly: [Float](repeating: value, count: count))
    }
  }

  /// Adjacent slices of one arena copy each other's values.
  private static var slicesCase: ConformanceCase {
    ConformanceCase(.memory, "slices of one arena") { bench in
      let (unit, device) = (sliceAlignment, bench.device)
      let values = bench.random.floats(3 * unit)
      let arena = try device.makeBuffer(values)
      let slices = try [(0, unit), (unit, 7), (2 * unit, unit)].map { offset, count in
        try device.slice(arena, offset: offset, count: count)
      }
      bench.expect(try device.download(slices[1]), exactly: Array(values[unit..<unit + 7]))
      try device.copy(slices[2], to: slices[0])
      try device.fill(slices[1], with: 3)
      let expected =
        values[2 * unit..<3 * unit] + [Float](repeating: 3, count: 7)
        + values[(unit + 7)..<3 * unit]
      bench.expect(try device.download(arena), exactly: Array(expected))
    }
  }

  private static var nestedSliceCase: ConformanceCase {
    ConformanceCase(.memory, "slice of a slice") { bench in
      let (unit, device) = (sliceAlignment, bench.device)
      let values = bench.random.floats(4 * unit)
      let arena = try device.makeBuffer(values)
      let outer = try device.slice(arena, offset: unit, count: 2 * unit + 5)
      let inner = try device.slice(outer, offset: unit, count: 9)
      bench.expect(try device.download(inner), exactly: Array(values[2 * unit..<2 * unit + 9]))
      try device.fill(inner, with: 2)
      let expected =
        values[..<(2 * unit)] + [Float](repeating: 2, count: 9) + values[(2 * unit + 9)...]
      bench.expect(try device.download(arena), exactly: Array(expected))
    }
  }

  /// A slice keeps the storage alive when nothing else does.
  private static var lifetimeCase: ConformanceCase {
    ConformanceCase(.memory, "slice outlives its arena") { bench in
      let device = bench.device
      let values = bench.random.floats(2 * sliceAlignment)
      func firstSlice() throws -> Buffer {
        try device.slice(device.makeBuffer(values), offset: 0, count: 33)
      }
      let slice = try firstSlice()
      let other = try device.makeBuffer(count: values.count, type: .float32)
      try device.fill(other, with: 9)
      bench.expect(try device.download(slice), exactly: Array(values.prefix(33)))
    }
  }

  /// The host may reuse its bytes as soon as `write` returns.
  private static var reusedBytesCase: ConformanceCase {
    ConformanceCase(.memory, "host bytes reused after write") { bench in
      let values = bench.random.floats(100_003)
      let buffer = try bench.device.makeBuffer(count: values.count, type: .float32)
      var staging = values
      try staging.withUnsafeMutableBytes { bytes in
        try bench.device.write(UnsafeRawBufferPointer(bytes), to: buffer)
        for i in bytes.indices { bytes[i] = 0xFF }
      }
      bench.expect(try bench.device.download(buffer), exactly: values)
    }
  }

  /// Returned storage is not reused before the operations that read it are done.
  private static var recycledStorageCase: ConformanceCase {
    ConformanceCase(.memory, "storage recycled behind an operation") { bench in
      let device = bench.device
      let values = bench.random.floats(100_003)
      let result = try device.makeBuffer(count: values.count, type: .float32)
      for _ in 0..<3 {
        let temporary = try device.makeBuffer(values)
        try device.copy(temporary, to: result)
      }
      let other = try device.makeBuffer([Float](repeating: 7, count: values.count))
      bench.expect(try device.download(result), exactly: values)
      try device.synchronize()
      bench.expect(try device.download(other), exactly: [Float](repeating: 7, count: values.count))
    }
  }

  /// Threads with separate buffers do not disturb each other.
  private static var threadsCase: ConformanceCase {
    ConformanceCase(.memory, "calls from four threads") { bench in
      let device = bench.device
      let faults = Mutex<[String]>([])
      concurrently(4, threads: 4) { thread in
        do {
          for round in 0..<8 {
            let value = Float(8 * thread + round)
            let buffer = try device.makeBuffer([Float](repeating: value, count: 1000 + thread))
            let copy = try device.makeBuffer(count: buffer.count, type: .float32)
            try device.copy(buffer, to: copy)
            let isRight = try device.download(copy).allSatisfy { $0 == value }
            if !isRight { faults.withLock { $0.append("thread \(thread) reads wrong values") } }
          }
        } catch {
          faults.withLock { $0.append("\(error)") }
        }
      }
      let found = faults.withLock { $0 }
      bench.require(found.isEmpty, found.first ?? "")
    }
  }
}
