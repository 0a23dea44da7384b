import Compute

/// A buffer on the bench, with its contents before and after.
final class Operand {
  /// What the kernel sees.
  let buffer: Buffer
  /// The whole storage: the buffer itself, or an arena with guards around it.
  let storage: Buffer
  /// The storage before the operation.
  let before: [UInt8]
  /// The storage after the operation.
  fileprivate(set) var after: [UInt8] = []
  /// The bytes of `storage` that the operation may change.
  let writable: Range<Int>
  /// The bytes of `buffer` in `storage`.
  let extent: Range<Int>

  init(
    _ device: any Device, contents: [UInt8], type: ElementType, isWritable: Bool,
    placement: Workbench.Placement
  ) throws {
    let count = contents.count / type.size
    switch placement {
    case .buffer:
      storage = try device.makeBuffer(count: count, type: type)
      buffer = storage
      before = contents
      extent = 0..<contents.count
    case .slice:
      let unit = sliceAlignment(of: type)
      let padding = unit - count % unit
      let total = unit + count + padding + unit
      storage = try device.makeBuffer(count: total, type: type)
      buffer = try device.slice(storage, offset: unit, count: count)
      extent = unit * type.size..<(unit + count) * type.size
      var bytes = type.canaries(total)
      bytes.replaceSubrange(extent, with: contents)
      before = bytes
    }
    writable = isWritable ? extent : 0..<0
  }

  /// The contents after the operation.
  func contents<Element: BufferElement>(as: Element.Type = Element.self) -> [Element] {
    after[extent].withUnsafeBytes { bytes in
      (0..<bytes.count / MemoryLayout<Element>.size).map {
        bytes.loadUnaligned(fromByteOffset: $0 * MemoryLayout<Element>.size, as: Element.self)
      }
    }
  }
}

extension ElementType {
  /// Bytes for `count` elements that no operation should produce: NaN for floats, so that a mistaken read
  /// spoils the result.
  fileprivate func canaries(_ count: Int) -> [UInt8] {
    let pattern: [UInt8] =
      switch self {
      case .float32: [0xAD, 0xDE, 0xC0, 0x7F]
      case .int32: [0xEF, 0xBE, 0xAD, 0x5E]
      case .uint8: [0xA5]
      }
    return (0..<count).flatMap { _ in pattern }
  }
}

/// Runs a case: makes its operands, runs its operation, and judges the results.
///
/// Every operand lies between guards; a destination holds NaN before the operation unless the case
/// gives it contents. The operation runs twice from the same bytes. So each case also detects unwritten
/// elements, writes outside the destination, modified inputs, reads beyond an input, and results that vary
/// from run to run.
final class Workbench {
  /// How operands are stored.
  enum Placement: Sendable {
    /// In a slice of an arena, with canaries on both sides.
    case slice
    /// In a buffer of exactly their size.
    case buffer
  }

  let device: any Device
  /// The source of inputs.
  var random = HostRandom()
  /// What has been found so far.
  private(set) var deviation = Deviation()
  private let placement: Placement
  private var operands: [Operand] = []

  init(_ device: any Device, placement: Placement) {
    self.device = device
    self.placement = placement
  }

  /// An operand that the operation only reads.
  func input<Element: BufferElement>(_ values: [Element]) throws -> Operand {
    try operand(values.rawBytes, Element.elementType, isWritable: false)
  }

  /// An operand that the operation reads and replaces, or adds to.
  func updated<Element: BufferElement>(_ values: [Element]) throws -> Operand {
    try operand(values.rawBytes, Element.elementType, isWritable: true)
  }

  /// An operand that the operation fills; with old contents if given.
  func output(_ count: Int, _ type: ElementType = .float32, old: [Float]? = nil) throws -> Operand {
    try operand(old?.rawBytes ?? type.canaries(count), type, isWritable: true)
  }

  /// The gradient of a result of each row, all different or all the same, and its numbers.
  func rowGradient(_ rows: Int, isSame: Bool) throws -> (RowGradient, [Float]) {
    if isSame { return (.all(-0.7), [Float](repeating: -0.7, count: rows)) }
    let numbers = random.floats(rows)
    return (.each(try input(numbers).buffer), numbers)
  }

  private func operand(
    _ contents: [UInt8], _ type: ElementType, isWritable: Bool
  ) throws -> Operand {
    let operand = try Operand(
      device, contents: contents, type: type, isWritable: isWritable, placement: placement)
    operands.append(operand)
    return operand
  }

  /// Runs an operation twice from the same contents and checks what holds for every operation.
  func run(_ operation: (any Device) throws -> Void) throws {
    for isRepeat in [false, true] {
      for operand in operands {
        try operand.before.withUnsafeBytes { try device.write($0, to: operand.storage) }
      }
      try operation(device)
      for (number, operand) in operands.enumerated() {
        var bytes = [UInt8](repeating: 0, count: operand.before.count)
        try bytes.withUnsafeMutableBytes { try device.read(operand.storage, into: $0) }
        checkGuards(operand, bytes, number)
        if isRepeat, bytes != operand.after {
          deviation.record(fault: "a second run gives other bytes in operand \(number)")
        }
        operand.after = bytes
      }
    }
  }

  private func checkGuards(_ operand: Operand, _ bytes: [UInt8], _ number: Int) {
    guard
      let byte = bytes.indices.first(where: {
        bytes[$0] != operand.before[$0] && !operand.writable.contains($0)
      })
    else { return }
    let element = (byte - operand.extent.lowerBound).quotientRoundedDown(
      by: operand.buffer.elementType.size)
    deviation.record(
      fault: operand.extent.contains(byte)
        ? "changes its input, operand \(number), at element \(element)"
        : "writes element \(element) of operand \(number), which has \(operand.buffer.count)")
  }

  /// Compares a result with the oracle.
  func expect(_ operand: Operand, _ expected: [Measured], within tolerance: Tolerance) {
    let actual = operand.contents(as: Float.self)
    precondition(actual.count == expected.count, "the oracle gives \(expected.count) elements")
    for i in actual.indices {
      deviation.record(
        actual[i], expected: expected[i], within: tolerance, "element \(i) of \(actual.count)")
    }
  }

  /// Compares a result with exact values.
  func expect<Element: BufferElement & Equatable>(_ operand: Operand, exactly expected: [Element]) {
    expect(operand.contents(as: Element.self), exactly: expected)
  }

  /// Compares values read from the device with exact ones.
  func expect<Element: Equatable>(_ actual: [Element], exactly expected: [Element]) {
    guard let i = actual.indices.first(where: { actual[$0] != expected[$0] }) else { return }
    deviation.record(fault: "element \(i) of \(actual.count) is \(actual[i]), not \(expected[i])")
  }

  /// Records another fault unless the condition holds.
  func require(_ condition: Bool, _ fault: @autoclosure () -> String) {
    if !condition { deviation.record(fault: fault()) }
  }
}

extension Array where Element: BufferElement {
  fileprivate var rawBytes: [UInt8] { withUnsafeBytes { [UInt8]($0) } }
}

extension Int {
  fileprivate func quotientRoundedDown(by divisor: Int) -> Int {
    self >= 0 ? self / divisor : (self - divisor + 1) / divisor
  }
}
