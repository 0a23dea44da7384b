import Compute

/// A piece of work to measure.
public struct BenchmarkCase: Sendable {
  /// The parts of the benchmark.
  public enum Group: String, Sendable, Codable, CaseIterable {
    /// The best that the device can do.
    case peak
    /// Matrix products alone.
    case matmul
    /// The other operations of a device.
    case operations
    /// Whole loops: training steps, encoding, decoding, classifying, scoring.
    case loops
  }

  /// Which part of the benchmark it belongs to.
  public var group: Group
  /// What is done, with its dimensions, such as `matmul 128x784x500 NN`; no two cases share a name.
  public var name: String
  /// The work of one call.
  public var work: Work
  /// Makes the operands on a device and returns the call to measure, which enqueues and does not
  /// wait. The operands live as long as the call.
  let prepare: @Sendable (any Device) throws -> Call
  /// The same with the operands, which are the same numbers on every device; nil where they are not only buffers
  /// of normal numbers.
  let prepareOperands: (@Sendable (any Device) throws -> (operands: [Buffer], call: Call))?

  typealias Call = () throws -> Void

  init(
    _ group: Group, _ name: String, _ work: Work,
    prepare: @escaping @Sendable (any Device) throws -> Call
  ) {
    self.group = group
    self.name = name
    self.work = work
    self.prepare = prepare
    prepareOperands = nil
  }

  /// A case whose operands are buffers of normal numbers, some of which the call overwrites.
  init(
    _ group: Group, _ name: String, _ work: Work, _ extents: [Int],
    _ call: @escaping @Sendable (any Device, [Buffer]) throws -> Void
  ) {
    self.group = group
    self.name = name
    self.work = work
    let prepareOperands = { @Sendable (device: any Device) -> (operands: [Buffer], call: Call) in
      let buffers = try extents.map { try normal($0, on: device) }
      return (buffers, { try call(device, buffers) })
    }
    self.prepareOperands = prepareOperands
    prepare = { try prepareOperands($0).call }
  }

  /// Every case, in the order of the report.
  public static func all(_ settings: BenchmarkSettings) -> [BenchmarkCase] {
    let cases =
      products(settings) + operations(settings) + convolutions(settings) + training(settings)
      + inference(settings)
    // Layers may have the same dimensions, and a batch those of a chunk.
    var seen: Set<String> = []
    return cases.filter { seen.insert($0.name).inserted }
  }
}

/// The work of one call; nil where a count would be meaningless.
public struct Work: Sendable, Hashable, Codable {
  /// Floating point operations: two for each multiply-add.
  public var operations: Double?
  /// The fewest bytes that must be moved: every operand read or written once.
  public var bytes: Double?
  /// Images.
  public var images: Double?

  /// Describes a call.
  public init(operations: Double? = nil, bytes: Double? = nil, images: Double? = nil) {
    self.operations = operations
    self.bytes = bytes
    self.images = images
  }

  /// Reading and writing `count` floats in total.
  static func floats(_ count: Int) -> Work { Work(bytes: 4 * Double(count)) }
}

/// The dimensions of the model, and how long to measure.
public struct BenchmarkSettings: Sendable, Hashable, Codable {
  /// The images of a training step.
  public var batch: Int
  /// The number of images scored at a time.
  public var chunk: Int
  /// D, the dimension of the latent space.
  public var latentDimension: Int
  /// The number of timings of each case; the report has their median.
  public var repeats: Int
  /// The shortest duration of one timing in seconds; calls are repeated to fill it.
  public var seconds: Double

  /// The settings behind the figures in the documentation.
  public init(
    batch: Int = 128, chunk: Int = 200, latentDimension: Int = 20, repeats: Int = 7,
    seconds: Double = 0.1
  ) {
    precondition(
      batch > 0 && chunk > 0 && latentDimension > 0 && repeats > 0 && seconds >= 0,
      "extents and repeats must be positive")
    self.batch = batch
    self.chunk = chunk
    self.latentDimension = latentDimension
    self.repeats = repeats
    self.seconds = seconds
  }
}

/// Makes a buffer of standard normal numbers, always the same.
func normal(_ count: Int, on device: any Device) throws(DeviceError) -> Buffer {
  let buffer = try device.makeBuffer(count: count, type: .float32)
  try device.random(.normal, RandomStream(seed: 1, purpose: 0), into: buffer)
  return buffer
}
