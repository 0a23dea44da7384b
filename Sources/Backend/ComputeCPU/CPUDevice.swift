import CPUKernels
import Compute
import Foundation
import Synchronization
import Threads

/// The pure-Swift device: SIMD inner loops for the instruction set of the processor, on all cores.
///
/// Operations are done when they return. Results do not depend on the number of threads.
public final class CPUDevice: Device {
  public let description: DeviceDescription
  /// The number of threads it computes with, and why.
  public let threads: ThreadCount

  let kernels: KernelTable
  let pool: ThreadPool
  let storage = HostMemory()
  /// Room for packed panels and partial results.
  let scratch = Mutex(Scratch())
  /// Makes operations atomic; an operation may run others inside it.
  let turn = NSRecursiveLock()

  /// Makes a device.
  ///
  /// - Parameters:
  ///   - threads: The number of threads; by default, the processors that the process may use: those of its
  ///     affinity, or of its container's quota if that is fewer. If the system grants fewer, those.
  ///   - instructionSet: The inner loops to use; by default the widest that the processor supports. The
  ///     program stops if the processor lacks it.
  public init(threads: Int? = nil, instructionSet: InstructionSet? = nil) {
    let set = instructionSet ?? InstructionSet.available.last ?? .portable
    stopUnless(
      InstructionSet.available.contains(set), "this processor or build has no \(set) loops")
    kernels = set.kernels
    let wanted =
      threads.map { ThreadCount(count: $0, reason: "asked for") } ?? Processors.threads
    pool = ThreadPool(threads: wanted.count)
    self.threads = wanted.made(pool.threads)
    description = DeviceDescription(
      name: processorField("model name") ?? "processor", kind: .cpu, platform: "Swift",
      driver: "built in", memory: Int(clamping: ProcessInfo.processInfo.physicalMemory),
      computeUnits: pool.threads, kernels: set.rawValue)
  }

  /// Runs `body(first, count)` over ranges that cover `count` elements, in parallel.
  ///
  /// - Parameters:
  ///   - count: The number of elements.
  ///   - grain: The number of elements of each range but the last.
  ///   - body: Treats one range; it runs on several threads at a time.
  public func forEachRange(
    _ count: Int, grain: Int = 8192, _ body: (_ first: Int, _ count: Int) -> Void
  ) {
    pool.run((count + grain - 1) / grain) { task, _ in
      let first = task * grain
      body(first, min(grain, count - first))
    }
  }

  /// Runs `body(row)` over all rows, in parallel, in groups of about 8192 elements.
  func forEachRow(_ shape: Rows, _ body: (_ row: Int) -> Void) {
    forEachRange(shape.rows, grain: max(1, 8192 / shape.columns)) { first, count in
      for row in first..<first + count { body(row) }
    }
  }
}

/// Memory that one operation at a time borrows.
struct Scratch: ~Copyable {
  private var numbers: [Float] = []
  /// How many times in a row a quarter of it would have sufficed.
  private var idle = 0

  /// Lends room for `count` numbers with undefined contents, from the start of a cache line.
  ///
  /// It is untouched before: so the pages of a thread's part are placed where that thread runs.
  mutating func borrow<Result>(_ count: Int, _ body: (Output) -> Result) -> Result {
    let line = 64 / MemoryLayout<Float>.stride
    idle = 4 * (count + line) < numbers.count ? idle + 1 : 0
    // Once large, it must not stay so forever.
    if numbers.count < count + line || idle > 1000 {
      idle = 0
      numbers = []
      numbers = [Float](unsafeUninitializedCapacity: count + line) { $1 = count + line }
    }
    return numbers.withUnsafeMutableBufferPointer { numbers in
      body(
        UnsafeMutableRawPointer(numbers.baseAddress!).alignedUp(toMultipleOf: 64)
          .assumingMemoryBound(to: Float.self))
    }
  }
}
