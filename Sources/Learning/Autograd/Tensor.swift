import Compute

/// An array on a device of up to five dimensions, with its gradient once a ``Tape`` has been played back.
///
/// It is row-major; layers and losses treat a tensor as a matrix whose rows run along the last dimension: a
/// batch of images is images × pixels.
public final class Tensor {
  /// The device that holds the elements.
  public let device: any Device
  /// The elements.
  public package(set) var buffer: Buffer
  /// The shape.
  public let shape: Shape
  /// Whether gradients flow into, or through, this tensor; steps already on a tape are unaffected.
  public var requiresGradient: Bool
  /// The gradient of the loss with respect to this tensor, valid only while ``hasGradient``. The result of
  /// an operation has none after the playback: it is used up on the way to the inputs.
  public private(set) var gradient: Buffer?
  /// Whether the playback in progress has reached this tensor.
  public private(set) var hasGradient = false
  /// Each element of the gradient, while it is not stored.
  private var number: Float?

  /// The tape that recorded the operation which made this tensor.
  weak var tape: Tape?
  /// The function that the operation applied last.
  var activation: UnaryFunction = .identity
  /// Whether the gradient is that before the activation already.
  private var isBeforeActivation = false
  /// The recorded operations that use the tensor.
  private var uses = 0

  /// Wraps a buffer.
  ///
  /// - Parameters:
  ///   - buffer: As many elements as the shape has.
  ///   - shape: The shape.
  ///   - device: The device of the buffer.
  ///   - requiresGradient: Whether gradients flow into the tensor.
  ///   - gradient: Storage for the gradient, such as a part of an arena; allocated on demand unless
  ///     given.
  public init(
    _ buffer: Buffer, _ shape: Shape, on device: any Device, requiresGradient: Bool = false,
    gradient: Buffer? = nil
  ) {
    buffer.require(shape.count, "the buffer of a tensor")
    self.device = device
    self.buffer = buffer
    self.shape = shape
    self.requiresGradient = requiresGradient
    self.gradient = gradient
  }

  /// Wraps a buffer as a matrix.
  public convenience init(
    _ buffer: Buffer, _ rows: Rows, on device: any Device, requiresGradient: Bool = false,
    gradient: Buffer? = nil
  ) {
    self.init(
      buffer, Shape(rows), on: device, requiresGradient: requiresGradient, gradient: gradient)
  }

  /// A tensor that holds `values`.
  /// - Throws: `DeviceError` when the device is out of memory.
  public convenience init(
    _ values: [Float], _ shape: Shape, on device: any Device, requiresGradient: Bool = false
  ) throws(DeviceError) {
    self.init(
      try device.makeBuffer(values), shape, on: device, requiresGradient: requiresGradient)
  }

  /// A matrix that holds `values`.
  /// - Throws: `DeviceError` when the device is out of memory.
  public convenience init(
    _ values: [Float], _ rows: Rows, on device: any Device, requiresGradient: Bool = false
  ) throws(DeviceError) {
    try self.init(values, Shape(rows), on: device, requiresGradient: requiresGradient)
  }

  /// A scalar, for operations with tensors of any shape.
  /// - Throws: `DeviceError` when the device is out of memory.
  public convenience init(_ number: Float, on device: any Device) throws(DeviceError) {
    try self.init([number], [], on: device)
  }

  /// Standard normal numbers.
  /// - Throws: `DeviceError` when the device fails.
  public static func normal(_ shape: Shape, _ stream: RandomStream, on device: any Device)
    throws(DeviceError) -> Tensor
  {
    let numbers = try device.makeBuffer(count: shape.count, type: .float32)
    try device.random(.normal, stream, into: numbers)
    return Tensor(numbers, shape, on: device)
  }

  /// A matrix of standard normal numbers.
  /// - Throws: `DeviceError` when the device fails.
  public static func normal(_ rows: Rows, _ stream: RandomStream, on device: any Device)
    throws(DeviceError) -> Tensor
  {
    try normal(Shape(rows), stream, on: device)
  }

  /// A tensor of undefined contents, for the result of an operation on `inputs`.
  convenience init(_ shape: Shape, from inputs: [Tensor]) throws(DeviceError) {
    self.init(
      shape, holding: try inputs[0].device.makeBuffer(count: shape.count, type: .float32),
      from: inputs)
  }

  /// The result of an operation on `inputs` that has been computed already.
  convenience init(_ shape: Shape, holding buffer: Buffer, from inputs: [Tensor]) {
    let isRecording = Tape.isRecording
    self.init(
      buffer, shape, on: inputs[0].device,
      requiresGradient: isRecording && inputs.contains { $0.requiresGradient })
    if isRecording { for input in inputs { input.uses += 1 } }
  }

  /// A matrix of undefined contents, for the result of an operation on `inputs`.
  convenience init(_ rows: Rows, from inputs: [Tensor]) throws(DeviceError) {
    try self.init(Shape(rows), from: inputs)
  }

  /// The tensor as an intermediate result.
  var intermediate: Intermediate { Intermediate(buffer, shape, on: device) }

  /// The elements, copied to the host.
  public func values() throws(DeviceError) -> [Float] { try device.download(buffer) }

  /// Adds a contribution to the gradient: `body` gets the storage, and whether to add to its contents or
  /// replace them.
  func addGradient(_ body: (_ gradient: Buffer, _ accumulate: Bool) throws(DeviceError) -> Void)
    throws(DeviceError)
  {
    guard requiresGradient else { return }
    try body(try storedGradient(), hasGradient)
    hasGradient = true
  }

  /// Adds the same number to each element of the gradient. If it `isUsedUp` by the tape in progress, it is
  /// not stored before it must be.
  func addGradient(ofAll value: Float, isUsedUp: Bool) throws(DeviceError) {
    if isUsedUp && requiresGradient && !hasGradient {
      (number, hasGradient) = (value, true)
      return
    }
    try addGradient { (gradient, accumulate) throws(DeviceError) in
      let added =
        accumulate ? try device.makeBuffer(count: shape.count, type: .float32) : gradient
      try device.fill(added, with: value)
      if accumulate { try device.scaledAdd(1, added, 1, into: gradient) }
    }
  }

  /// The gradient as far as the playback has it; nil if nothing has reached this tensor.
  var rowGradient: RowGradient? {
    guard hasGradient else { return nil }
    return number.map(RowGradient.all) ?? gradient.map(RowGradient.each)
  }

  /// The storage of the gradient, with the gradient in it if there is one.
  private func storedGradient() throws(DeviceError) -> Buffer {
    let storage: Buffer
    if let gradient {
      storage = gradient
    } else {
      storage = try device.makeBuffer(count: shape.count, type: .float32)
      gradient = storage
    }
    if let number { try device.fill(storage, with: number) }
    number = nil
    return storage
  }

  /// The gradient before the activation, in the place of that after it.
  func storedGradientBeforeActivation() throws(DeviceError) -> Buffer {
    let stored = try storedGradient()
    if activation != .identity && !isBeforeActivation {
      try device.mapGradient(
        activation, at: buffer, outputGradient: stored, into: stored, accumulate: false)
    }
    return stored
  }

  /// The function f through which an operation recorded on `tape` may pass its gradient of this tensor on, which
  /// thus becomes that before f: as the only one that uses the tensor. `.identity` if it must not.
  func passableActivation(_ tape: Tape?) -> UnaryFunction {
    uses == 1 && self.tape != nil && self.tape === tape ? activation : .identity
  }

  /// ``addGradient(_:)``, where `body` passes the gradient on through ``passableActivation(_:)`` if that is
  /// not `.identity`.
  func addGradient(
    through passed: UnaryFunction,
    _ body: (_ gradient: Buffer, _ accumulate: Bool) throws(DeviceError) -> Void
  ) throws(DeviceError) {
    try addGradient(body)
    isBeforeActivation = passed != .identity
  }

  /// ``addGradient(_:)`` for two tensors whose gradients are computed together. If only one of them
  /// requires its gradient, the other's is discarded.
  func addGradients(
    with other: Tensor,
    _ body: (_ gradient: Buffer, _ others: Buffer, _ accumulate: Bool) throws(DeviceError) -> Void
  ) throws(DeviceError) {
    guard requiresGradient || other.requiresGradient else { return }
    let accumulate = hasGradient || other.hasGradient
    func storage(_ tensor: Tensor) throws(DeviceError) -> Buffer {
      let storage =
        if tensor.requiresGradient { try tensor.storedGradient() } else {
          try device.makeBuffer(count: tensor.shape.count, type: .float32)
        }
      if accumulate && !tensor.hasGradient { try device.fill(storage, with: 0) }
      return storage
    }
    try body(try storage(self), try storage(other), accumulate)
    hasGradient = requiresGradient
    other.hasGradient = other.requiresGradient
  }

  /// Gives the gradient a place, such as a part of an arena, for all playbacks to come.
  package func keepGradient(in storage: Buffer) {
    storage.require(shape.count, "the gradient of a tensor")
    gradient = storage
    clearGradient()
  }

  /// Lets the gradient and its storage go.
  func dropGradient() {
    gradient = nil
    clearGradient()
  }

  /// Forgets the gradient of an earlier playback, but keeps its storage.
  public func clearGradient() { (hasGradient, number, isBeforeActivation) = (false, nil, false) }
}
