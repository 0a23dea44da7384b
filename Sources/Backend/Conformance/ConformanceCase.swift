import Compute

/// One operation with one shape and one set of options: inputs, a run on a device, and the
/// comparison with the oracle.
public struct ConformanceCase: Sendable, CustomStringConvertible {
  /// The operation under test.
  public let operation: OperationGroup
  /// The shape and the options, such as `7×8×9 aᵀ + bias`.
  public let label: String
  /// Whether the case runs once more on each of a device's variants.
  let coversVariants: Bool
  private let placement: Workbench.Placement
  private let body: @Sendable (Workbench) throws -> Void

  init(
    _ operation: OperationGroup, _ label: String, coversVariants: Bool = false,
    placement: Workbench.Placement = .slice, _ body: @escaping @Sendable (Workbench) throws -> Void
  ) {
    self.operation = operation
    self.label = label
    self.coversVariants = coversVariants
    self.placement = placement
    self.body = body
  }

  /// The operation and the label.
  public var description: String { "\(operation.rawValue) \(label)" }

  /// Runs the case on a device and returns the errors of its results.
  ///
  /// - Throws: Any error of the device.
  public func run(on device: any Device) throws -> Deviation {
    let bench = Workbench(device, placement: placement)
    try body(bench)
    return bench.deviation
  }

  /// The same case with operands in separate buffers rather than in slices.
  var inWholeBuffers: ConformanceCase {
    ConformanceCase(
      operation, label + ", whole buffers", coversVariants: coversVariants, placement: .buffer,
      body)
  }
}
