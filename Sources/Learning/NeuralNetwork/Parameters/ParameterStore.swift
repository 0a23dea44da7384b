import Autograd
import Compute

/// A parameter as declared.
public struct ParameterDescription: Sendable, Hashable {
  /// The name in files, such as `encoder.hidden1.weight`.
  public var name: String
  /// The shape; the bias of a layer has one row.
  public var shape: Shape
  /// Its starting values.
  public var initialization: Initialization
  /// Whether it is trained; a running mean is not.
  public var isTrained = true

  /// The shape in files: a bias is a vector.
  public var extents: [Int] {
    shape.rank == 2 && shape.extents[0] == 1 ? [shape.columns] : shape.extents
  }
}

/// All parameters of a model, in one arena on the device, so that a step of an optimiser is one operation. Their
/// gradients are in another arena, allocated when an optimiser first asks for it.
final class ParameterStore {
  let device: any Device
  let seed: UInt64
  private(set) var descriptions: [ParameterDescription] = []
  private(set) var tensors: [Tensor] = []
  /// The offset of each; trained parameters come before the others.
  private(set) var offsets: [Int] = []
  private var indices: [String: Int] = [:]
  /// The elements of the arena, with each parameter padded to the alignment of slices.
  private(set) var size = 0
  /// The parameters, once all are declared.
  private(set) var arena: Buffer?
  private var gradientArena: Buffer?

  init(seed: UInt64, on device: any Device) {
    self.device = device
    self.seed = seed
  }

  /// Registers a parameter. Its tensor has no memory until ``place()``.
  /// - Throws: ``ParameterError`` when the name is taken, or the model is complete.
  func declare(_ description: ParameterDescription) throws -> Tensor {
    let name = description.name
    guard arena == nil else {
      throw ParameterError("\(name) is declared after its model was made")
    }
    guard indices.updateValue(descriptions.count, forKey: name) == nil else {
      throw ParameterError("two parameters are called \(name)")
    }
    let tensor = Tensor(
      Buffer(count: description.shape.count, elementType: .float32), description.shape, on: device,
      requiresGradient: description.isTrained)
    descriptions.append(description)
    tensors.append(tensor)
    return tensor
  }

  /// Allocates the arena, and gives each parameter its place and starting values.
  func place() throws(DeviceError) {
    offsets = [Int](repeating: 0, count: descriptions.count)
    for isTrained in [true, false] {
      for index in descriptions.indices where descriptions[index].isTrained == isTrained {
        offsets[index] = size
        size += room(of: index)
      }
    }
    guard size > 0 else { return }
    let arena = try device.makeBuffer(count: size, type: .float32)
    try device.fill(arena, with: 0)
    for (index, description) in descriptions.enumerated() {
      let count = description.shape.count
      let buffer = try device.slice(arena, offset: offsets[index], count: count)
      if description.initialization != .zeros {
        try description.initialization.fill(
          buffer,
          RandomStream(seed: seed).split(.initialization).step(index),
          on: device)
      }
      tensors[index].buffer = buffer
    }
    self.arena = arena
  }

  func index(of name: String) -> Int? { indices[name] }

  /// The elements from the start of a parameter to that of the next.
  private func room(of index: Int) -> Int {
    let count = descriptions[index].shape.count
    return (count + sliceAlignment - 1) / sliceAlignment * sliceAlignment
  }

  /// The range of a parameter, with the padding after it.
  func slot(of index: Int) -> Range<Int> { offsets[index]..<offsets[index] + room(of: index) }

  /// The range from the first of some parameters to the last.
  func span(of indices: [Int]) -> Range<Int>? {
    let slots = indices.map(slot)
    guard let first = slots.map(\.lowerBound).min(), let last = slots.map(\.upperBound).max() else {
      return nil
    }
    return first..<last
  }

  /// The arena of the gradients.
  func gradients() throws(DeviceError) -> Buffer {
    if let gradientArena { return gradientArena }
    let gradients = try device.makeBuffer(count: size, type: .float32)
    try device.fill(gradients, with: 0)
    for (index, tensor) in tensors.enumerated() where descriptions[index].isTrained {
      tensor.keepGradient(
        in: try device.slice(gradients, offset: offsets[index], count: tensor.shape.count))
    }
    gradientArena = gradients
    return gradients
  }

  /// The values of some parameters in an arena that begins at `start`, downloaded one by one, so that the host needs
  /// no copy of the arena.
  func values(of indices: [Int], in arena: Buffer, from start: Int = 0) throws(DeviceError)
    -> [[Float]]
  {
    try indices.map { index throws(DeviceError) in
      try device.download(try part(index, of: arena, from: start))
    }
  }

  /// Replaces the values of some parameters in an arena that begins at `start`.
  func setValues(_ values: [[Float]], of indices: [Int], in arena: Buffer, from start: Int = 0)
    throws(DeviceError)
  {
    stopUnless(values.count == indices.count, "one array for each parameter")
    for (index, values) in zip(indices, values) {
      try device.upload(values, to: try part(index, of: arena, from: start))
    }
  }

  private func part(_ index: Int, of arena: Buffer, from start: Int) throws(DeviceError) -> Buffer {
    try device.slice(
      arena, offset: offsets[index] - start, count: descriptions[index].shape.count)
  }
}

/// A problem with parameters, a learning rate, or their use.
public struct ParameterError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The names and values, in one line.
  public var description: String

  /// Says what is wrong.
  public init(_ description: String) { self.description = description }
}
