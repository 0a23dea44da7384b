import Autograd
import Compute

/// The extent and the start of one parameter.
public struct ParameterSpecification: Sendable, Hashable {
  /// The name in checkpoints, such as `encoder.hidden1.weight`.
  public var name: String
  /// The extent; a bias has one row.
  public var shape: Rows
  /// Starting values are uniform in ±limit.
  public var limit: Float

  /// Describes a parameter.
  public init(_ name: String, _ shape: Rows, limit: Float) {
    self.name = name
    self.shape = shape
    self.limit = limit
  }
}

/// All parameters of a model, their gradients and the moments of Adam, each in one arena on the
/// device: an optimisation step is one operation, and a checkpoint one transfer.
public final class ParameterStore {
  /// The device that holds the arenas.
  public let device: any Device
  /// The parameters in order.
  public let specifications: [ParameterSpecification]
  /// The number of optimisation steps so far.
  public private(set) var steps = 0
  /// Whether gradients only pass through the network, into none of its parameters.
  public var isFrozen = false {
    didSet { for tensor in tensors.values { tensor.requiresGradient = !isFrozen } }
  }

  private let parameters: Buffer
  private let gradients: Buffer
  private let firstMoments: Buffer
  private let secondMoments: Buffer
  private let tensors: [String: Tensor]
  private let offsets: [String: Int]

  /// Makes the arenas and sets the parameters to their starting values, which depend on `seed` but
  /// not on the device.
  /// - Throws: ``DeviceError`` when the device has no room.
  public init(_ specifications: [ParameterSpecification], seed: UInt64, on device: any Device)
    throws(DeviceError)
  {
    self.device = device
    self.specifications = specifications
    var offsets: [String: Int] = [:]
    var size = 0
    for specification in specifications {
      stopUnless(offsets[specification.name] == nil, "two parameters \(specification.name)")
      offsets[specification.name] = size
      size += (specification.shape.count + sliceAlignment - 1) / sliceAlignment * sliceAlignment
    }
    self.offsets = offsets
    func arena() throws(DeviceError) -> Buffer {
      let buffer = try device.makeBuffer(count: size, type: .float32)
      try device.fill(buffer, with: 0)
      return buffer
    }
    parameters = try arena()
    gradients = try arena()
    firstMoments = try arena()
    secondMoments = try arena()

    var tensors: [String: Tensor] = [:]
    for (index, specification) in specifications.enumerated() {
      let (offset, count) = (offsets[specification.name]!, specification.shape.count)
      let buffer = try device.slice(parameters, offset: offset, count: count)
      if specification.limit > 0 {
        let stream = RandomStream(
          seed: seed, purpose: RandomPurpose.initialization, step: UInt64(index))
        try device.random(.uniform, stream, into: buffer)
        let limit = specification.limit
        try device.upload(try device.download(buffer).map { (2 * $0 - 1) * limit }, to: buffer)
      }
      tensors[specification.name] = Tensor(
        buffer, specification.shape, on: device, requiresGradient: true,
        gradient: try device.slice(gradients, offset: offset, count: count))
    }
    self.tensors = tensors
  }

  /// The parameter of a name; an unknown name stops the program.
  public subscript(name: String) -> Tensor {
    guard let tensor = tensors[name] else { fatalError("no parameter \(name)") }
    return tensor
  }

  /// One step of Adam with the gradients of the last playback; a parameter that it did not reach
  /// counts as having gradient 0.
  ///
  /// - Parameter firstDecay: β₁.
  /// - Throws: ``DeviceError`` when the device fails.
  public func step(learningRate: Float, firstDecay: Float = 0.9) throws(DeviceError) {
    steps += 1
    for tensor in tensors.values {
      if !tensor.hasGradient, let gradient = tensor.gradient {
        try device.fill(gradient, with: 0)
      }
      tensor.clearGradient()
    }
    try device.adamStep(
      Adam(step: steps, learningRate: learningRate, firstDecay: firstDecay),
      parameters: parameters, gradients: gradients, firstMoments: firstMoments,
      secondMoments: secondMoments)
  }

  // MARK: Checkpoints

  /// What a checkpoint holds.
  public enum Part: CaseIterable, Sendable {
    case parameters
    case firstMoments
    case secondMoments
  }

  /// The values of every parameter, or of its moments, on the host, in order.
  /// - Throws: ``DeviceError`` when the device fails.
  public func values(_ part: Part = .parameters) throws(DeviceError) -> [[Float]] {
    let values = try device.download(arena(part))
    return specifications.map { specification in
      let offset = offsets[specification.name]!
      return Array(values[offset..<offset + specification.shape.count])
    }
  }

  /// Replaces the values of every parameter, or of its moments.
  /// - Throws: ``DeviceError`` when the device fails.
  public func setValues(_ values: [[Float]], _ part: Part = .parameters) throws(DeviceError) {
    stopUnless(values.count == specifications.count, "one array for each parameter")
    let buffer = arena(part)
    var contents = [Float](repeating: 0, count: buffer.count)
    for (specification, values) in zip(specifications, values) {
      stopUnless(
        values.count == specification.shape.count, "\(specification.name) has its extent")
      let offset = offsets[specification.name]!
      contents.replaceSubrange(offset..<offset + values.count, with: values)
    }
    try device.upload(contents, to: buffer)
  }

  /// Continues the count of optimisation steps of a checkpoint.
  func setSteps(_ steps: Int) { self.steps = steps }

  private func arena(_ part: Part) -> Buffer {
    switch part {
    case .parameters: parameters
    case .firstMoments: firstMoments
    case .secondMoments: secondMoments
    }
  }
}
