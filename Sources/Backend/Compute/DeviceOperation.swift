/// Something for a device to do: what it computes, and the buffers that it reads and writes.
///
/// Each is declared once, in this module or any other, beside the typed call of ``Device`` that makes it,
/// checks it and enqueues it. Its members are the arguments of that call.
public protocol DeviceOperation: Sendable {
  /// The name in traces and errors: that of the typed call.
  static var name: String { get }

  /// The buffers that it writes.
  var results: [Buffer] { get }

  /// The cost of its work.
  var cost: Cost { get }

  /// The extents of its work, which traces add to its name: the elements of the first result unless it says
  /// otherwise.
  var extents: [Int] { get }

  /// What else tells calls apart in traces, in a word or two, such as the function of a map; nothing unless it
  /// says so.
  var detail: String { get }

  /// Stops the program unless the operands match: a size mismatch is a programming error.
  func check()

  /// Does the same with other operations, for a device that doesn't implement this one. A primitive
  /// operation, which every device must implement, stops the program.
  /// - Throws: What those throw.
  func compose(on device: any Device) throws(DeviceError)
}

/// The least that an operation costs, however a device runs it.
public struct Cost: Sendable, Hashable {
  /// The floating point operations, two for each multiply-add; a function such as exp counts as one.
  public var operations: Double
  /// The bytes that are read and written, each once.
  public var bytes: Double

  /// A cost.
  public init(operations: Double = 0, bytes: Double = 0) {
    self.operations = operations
    self.bytes = bytes
  }

  /// The cost of some operations on some buffers.
  public init(operations: Double = 0, _ buffers: [Buffer?]) {
    self.operations = operations
    bytes = buffers.reduce(0) { $0 + Double($1?.byteCount ?? 0) }
  }

  /// Adds the work of another operation.
  public static func += (sum: inout Cost, other: Cost) {
    sum.operations += other.operations
    sum.bytes += other.bytes
  }
}

extension DeviceOperation {
  /// The number of elements of the first result.
  public var extents: [Int] { [results.first?.count ?? 0] }
  /// Nothing.
  public var detail: String { "" }

  /// Stops the program: there is nothing to compose it of.
  public func compose(on device: any Device) throws(DeviceError) {
    fatalError(
      "\(device.description.name) doesn't know the operation \(Self.name), which is made of no other"
    )
  }
}

extension Device {
  /// Checks an operation and enqueues it, as all typed calls do.
  /// - Throws: As ``enqueue(_:)``.
  @inlinable
  public func perform(_ operation: some DeviceOperation) throws(DeviceError) {
    operation.check()
    try enqueue(operation)
  }
}
