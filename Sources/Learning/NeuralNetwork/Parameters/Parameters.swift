import Autograd
import Compute

/// A scope of names through which layers take their parameters, each declared once, where it is used; and
/// afterwards the parameters under that name, to be saved, frozen, or given to an optimiser.
///
/// ```swift
/// struct Perceptron: Module {
///   let hidden, output: Dense
///   init(_ p: Parameters) throws {
///     hidden = try Dense(784, 128, .relu, p["hidden"])  // hidden.weight, hidden.bias
///     output = try Dense(128, 10, p["output"])
///   }
/// }
/// ```
public struct Parameters {
  let store: ParameterStore
  /// What the names begin with: nothing, or a prefix such as `encoder.`.
  let prefix: String

  /// Declares the parameters of a model: afterwards all that `body` asks for lies in one arena of the device, with
  /// starting values that depend on the seed but not on the device.
  ///
  /// - Returns: The parameters, and what `body` made.
  /// - Throws: ``ParameterError`` when two share a name; `DeviceError`; what `body` throws.
  public static func declare<Network>(
    seed: UInt64, on device: any Device, _ body: (Parameters) throws -> Network
  ) throws -> (Parameters, Network) {
    let parameters = Parameters(
      store: ParameterStore(seed: seed, on: device), prefix: "")
    let network = try body(parameters)
    try parameters.store.place()
    return (parameters, network)
  }

  /// What a model would declare. No memory is allocated, so that a file can be checked first.
  /// - Throws: ``ParameterError`` when two share a name; what `body` throws.
  public static func survey(_ body: (Parameters) throws -> some Any) throws
    -> [ParameterDescription]
  {
    let parameters = Parameters(store: ParameterStore(seed: 0, on: NoDevice()), prefix: "")
    _ = try body(parameters)
    return parameters.descriptions
  }

  /// The scope of a part, such as a layer.
  public subscript(name: String) -> Parameters {
    Parameters(store: store, prefix: "\(prefix)\(name).")
  }

  /// The scope of one of several similar parts.
  public subscript(number: Int) -> Parameters { self[String(number)] }

  // MARK: Declaring

  /// Declares a parameter.
  ///
  /// - Returns: A tensor that has its memory, and its values, once the whole model is declared.
  /// - Throws: ``ParameterError`` when the name is taken.
  public func callAsFunction(
    _ name: String, _ shape: Shape, _ initialization: Initialization = .zeros
  ) throws -> Tensor {
    try store.declare(
      ParameterDescription(name: prefix + name, shape: shape, initialization: initialization))
  }

  /// Declares values that belong to a model and its files but are not trained, such as a running mean.
  /// - Throws: ``ParameterError`` when the name is taken.
  public func state(_ name: String, _ shape: Shape, _ value: Float) throws -> Tensor {
    try store.declare(
      ParameterDescription(
        name: prefix + name, shape: shape, initialization: .constant(value), isTrained: false))
  }

  // MARK: Contents

  /// The device that holds them.
  public var device: any Device { store.device }
  /// The seed of the starting values.
  public var seed: UInt64 { store.seed }
  /// The parameters in this scope, in the order of their declaration.
  public var descriptions: [ParameterDescription] { indices.map { store.descriptions[$0] } }
  /// Their names in files.
  public var names: [String] { descriptions.map(\.name) }
  /// The number of their elements, in all.
  public var count: Int { descriptions.reduce(0) { $0 + $1.shape.count } }

  /// The tensor of a parameter, by its name in this scope; nil where there is none.
  public func tensor(_ name: String) -> Tensor? {
    store.index(of: prefix + name).map { store.tensors[$0] }
  }

  /// Whether the parameters get no gradients and stay as they are; gradients still pass through to other tensors.
  public var isFrozen: Bool {
    get { trained.allSatisfy { !store.tensors[$0].requiresGradient } }
    nonmutating set { for index in trained { store.tensors[index].requiresGradient = !newValue } }
  }

  /// The values of each parameter, on the host, in order.
  /// - Throws: `DeviceError` when the device fails.
  public func values() throws(DeviceError) -> [[Float]] {
    guard let arena = store.arena else { return [] }
    return try store.values(of: indices, in: arena)
  }

  /// Replaces the values of each parameter.
  /// - Throws: `DeviceError` when the device fails.
  public func setValues(_ values: [[Float]]) throws(DeviceError) {
    guard let arena = store.arena else { return }
    try store.setValues(values, of: indices, in: arena)
  }

  /// The indices in the store of the parameters in this scope.
  var indices: [Int] {
    store.descriptions.indices.filter { store.descriptions[$0].name.hasPrefix(prefix) }
  }

  /// Those of ``descriptions`` that are trained.
  var trainedDescriptions: [ParameterDescription] { trained.map { store.descriptions[$0] } }

  /// The indices of those that are trained.
  var trained: [Int] { indices.filter { store.descriptions[$0].isTrained } }
}

/// The device of parameters that are only counted.
private final class NoDevice: Device {
  let description = DeviceDescription(
    name: "none", kind: .other, platform: "none", driver: "", memory: 0, computeUnits: 0,
    kernels: "")

  private var refusal: DeviceError {
    DeviceError(call: "survey", code: 0, detail: "parameters that are only counted have no memory")
  }

  func makeBuffer(count: Int, type: ElementType) throws(DeviceError) -> Buffer { throw refusal }
  func slice(_ buffer: Buffer, offset: Int, count: Int) throws(DeviceError) -> Buffer {
    throw refusal
  }
  func write(_ bytes: UnsafeRawBufferPointer, to buffer: Buffer) throws(DeviceError) {
    throw refusal
  }
  func read(_ buffer: Buffer, into bytes: UnsafeMutableRawBufferPointer) throws(DeviceError) {
    throw refusal
  }
  func synchronize() throws(DeviceError) {}
  func enqueue<Call: DeviceOperation>(_ operation: Call) throws(DeviceError) { throw refusal }
}
