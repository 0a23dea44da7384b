import Autograd
import Compute

/// A loss: the sum over its terms of weight · (sum of the tensor's elements).
public protocol Loss {
  /// The terms; see ``/Autograd/Tape/backward(from:)``.
  var terms: [(tensor: Tensor, weight: Float)] { get }
}

extension Tensor: Loss {
  /// The tensor itself, with weight 1.
  public var terms: [(tensor: Tensor, weight: Float)] { [(self, 1)] }
}

/// Updates parameters along the gradients of a loss.
///
/// ``SGD``, ``Adam`` and ``AdamW`` are optimisers; one of your own overrides
/// ``apply(rate:parameters:gradients:state:)``. Each keeps its state in arenas of its own; a step is one operation
/// where no parameter is frozen. Parameters of one model may have several optimisers, each with a scope:
/// `Adam(model.parameters["decoder"], learningRate: 0.001)`.
open class Optimizer {
  /// The parameters that it updates.
  public let parameters: Parameters
  /// The learning rate of each step.
  public let learningRate: Schedule
  /// Gradients with a greater norm, over all parameters together, are scaled down to it; nil for no clipping.
  public let clippingNorm: Float?
  /// The steps so far.
  public internal(set) var steps = 0

  /// The prefixes of its state's names in checkpoints.
  let stateNames: [String]
  /// An arena for each of them, over ``span``.
  private(set) var state: [Buffer] = []
  private let span: Range<Int>
  /// The parameters that may be trained, by their indices in the store.
  private let trained: [Int]
  private let arena: Buffer
  private let gradients: Buffer

  /// Allocates the arenas.
  ///
  /// - Parameters:
  ///   - parameters: The parameters of a model, or of a scope.
  ///   - learningRate: A number, or a schedule.
  ///   - clippingNorm: See ``clippingNorm``.
  ///   - names: The prefix of each kind of state in checkpoints, before the name of the parameter, such as
  ///     `velocity.`; each kind starts at 0.
  /// - Throws: ``ParameterError`` when the rate is not positive; `DeviceError` when the device has no room.
  public init(
    _ parameters: Parameters, learningRate: Schedule, clippingNorm: Float? = nil,
    state names: [String]
  ) throws {
    let (store, trained) = (parameters.store, parameters.trained)
    guard let arena = store.arena, let span = store.span(of: trained) else {
      throw ParameterError(
        parameters.names.isEmpty
          ? "an optimiser of \(parameters.prefix.isEmpty ? "a model" : parameters.prefix) has no "
            + "parameters" : "an optimiser is made after its model")
    }
    let first = learningRate(0)
    guard first > 0, first.isFinite else {
      throw ParameterError("the learning rate is \(first), not a positive number")
    }
    if let clippingNorm, !(clippingNorm > 0) {
      throw ParameterError("gradients can't be clipped to a norm of \(clippingNorm)")
    }
    self.parameters = parameters
    self.learningRate = learningRate
    self.clippingNorm = clippingNorm
    self.span = span
    self.trained = trained
    self.arena = arena
    stateNames = names
    gradients = try store.gradients()
    state = try names.map { _ in
      let buffer = try store.device.makeBuffer(count: span.count, type: .float32)
      try store.device.fill(buffer, with: 0)
      return buffer
    }
  }

  /// One step: records `loss`, runs the backward pass, and updates the parameters. In `loss`, dropout and batch
  /// normalisation are in training mode.
  ///
  /// - Returns: The loss.
  /// - Throws: ``ParameterError`` when the loss depends on none of the parameters; `DeviceError`; what `loss`
  ///   throws.
  @discardableResult
  public func step<Result: Loss>(_ loss: () throws -> Result) throws -> Result {
    let (tape, device) = (Tape(), parameters.device)
    let result = try device.phase("forward") {
      try TrainingStep(seed: parameters.seed, step: steps).run { try tape.record(loss) }
    }
    try device.phase("backward") { try tape.backward(from: result.terms) }
    try device.phase("update") { try update() }
    return result
  }

  /// Updates the parameters along their gradients from the last backward pass. Those that it did not reach count as
  /// having gradient 0.
  /// - Throws: ``ParameterError`` when it reached none; `DeviceError`.
  public func update() throws {
    let store = parameters.store
    let learning = trained.filter { store.tensors[$0].requiresGradient }
    guard learning.contains(where: { store.tensors[$0].hasGradient }) else {
      throw ParameterError(
        "the loss of step \(steps + 1) depends on none of \(parameters.names.count) parameters "
          + "from \(parameters.names.first ?? "") on: make it within step { … }, of layers that are "
          + "not frozen")
    }
    let rate = learningRate(steps)
    guard rate >= 0, rate.isFinite else {
      throw ParameterError("the learning rate of step \(steps + 1) is \(rate)")
    }
    steps += 1
    for index in learning {
      let tensor = store.tensors[index]
      if !tensor.hasGradient, let gradient = tensor.gradient {
        try store.device.fill(gradient, with: 0)
      }
      tensor.clearGradient()
    }
    let ranges = ranges(of: learning)
    if let clippingNorm { try clip(ranges, to: clippingNorm) }
    for range in ranges {
      try apply(
        rate: rate, parameters: try part(range, of: arena, from: 0),
        gradients: try part(range, of: gradients, from: 0),
        state: try state.map { try part(range, of: $0, from: span.lowerBound) })
    }
  }

  /// Updates adjacent parameters in place; ``Optimizer/steps`` already counts this step.
  ///
  /// - Parameters:
  ///   - rate: The learning rate of the step.
  ///   - parameters: The parameters to update.
  ///   - gradients: Their gradients, one for each element.
  ///   - state: Their state: a buffer of the same size for each kind.
  /// - Throws: `DeviceError` when the device fails.
  open func apply(rate: Float, parameters: Buffer, gradients: Buffer, state: [Buffer])
    throws(DeviceError)
  {
    fatalError("an optimiser without a rule")
  }

  /// The ranges of some parameters, with adjacent ones merged.
  private func ranges(of indices: [Int]) -> [Range<Int>] {
    var result: [Range<Int>] = []
    for index in indices {
      let range = parameters.store.slot(of: index)
      if let last = result.last, last.upperBound == range.lowerBound {
        result[result.count - 1] = last.lowerBound..<range.upperBound
      } else {
        result.append(range)
      }
    }
    return result
  }

  private func part(_ range: Range<Int>, of buffer: Buffer, from start: Int) throws(DeviceError)
    -> Buffer
  {
    if range.count == buffer.count { return buffer }
    return try parameters.device.slice(
      buffer, offset: range.lowerBound - start, count: range.count)
  }

  /// Scales the gradients by min(1, norm / ‖g‖) (Pascanu et al., 2013, algorithm 1), without a transfer to the host.
  private func clip(_ ranges: [Range<Int>], to norm: Float) throws(DeviceError) {
    let device = parameters.device
    let squares = try device.makeBuffer(count: 1, type: .float32)
    try device.fill(squares, with: 0)
    var parts: [Buffer] = []
    for range in ranges {
      let part = try part(range, of: gradients, from: 0)
      parts.append(part)
      let square = try device.makeBuffer(count: part.count, type: .float32)
      try device.map(.square, part, into: square)
      try device.reduce(
        Reduction(.sum, .perRow, Rows(1, part.count), accumulate: true), square, into: squares)
    }
    let factor =
      try Tensor(norm, on: device)
      / Tensor(squares, [1], on: device).map(.squareRoot)
      .zip(.maximum, try Tensor(norm, on: device))
    for part in parts {
      try device.zip(.multiply, part, [part.count], factor.buffer, [1], into: part)
    }
  }

  // MARK: Checkpoints

  /// The parameters, and the state of each that is trained, on the host.
  /// - Throws: `DeviceError` when the device fails.
  package func allValues() throws(DeviceError) -> [[[Float]]] {
    var result = [try parameters.values()]
    for index in state.indices { result.append(try stateValues(index)) }
    return result
  }

  /// One kind of state, by its index in ``stateNames``, of each trained parameter.
  func stateValues(_ index: Int) throws(DeviceError) -> [[Float]] {
    try parameters.store.values(of: trained, in: state[index], from: span.lowerBound)
  }

  func setStateValues(_ values: [[Float]], _ index: Int) throws(DeviceError) {
    try parameters.store.setValues(
      values, of: trained, in: state[index], from: span.lowerBound)
  }
}

/// A loss of several terms, each weight · (sum of the tensor's elements).
public struct WeightedSum: Loss {
  public let terms: [(tensor: Tensor, weight: Float)]

  /// Names the terms.
  public init(_ terms: [(tensor: Tensor, weight: Float)]) { self.terms = terms }
}
