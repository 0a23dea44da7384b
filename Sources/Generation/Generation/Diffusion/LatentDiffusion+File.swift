import Compute
import Files
import Foundation
import Models
import NeuralNetwork
import Training

extension LatentDiffusion {
  /// The metadata that describes the network and its use.
  private struct Notes: Codable {
    var shape: VelocityNetwork.Shape
    var settings: Settings
  }

  /// The generator's arrays: `theta`, `mean`, `deviation`, and the network's parameters under `velocity.`.
  func arrays() throws -> [NamedArray] {
    [
      NamedArray("theta", [classCount], theta),
      NamedArray("mean", [shape.latentDimension], standard.mean),
      NamedArray("deviation", [shape.latentDimension], standard.deviation),
    ]
      + zip(parameters.descriptions, try parameters.values()).map { parameter, values in
        NamedArray("velocity.\(parameter.name)", parameter.extents, values)
      }
  }

  /// The extents and the settings as text, for the metadata of a file.
  func notes() throws -> String { try json(Notes(shape: shape, settings: settings)) }

  /// Writes the generator as a safetensors file.
  /// - Throws: `FileError` or `DeviceError`.
  public func save(to path: String, metadata: [String: String] = [:]) throws {
    let arrays = try arrays()
    if let bad = arrays.first(where: { !$0.values.allSatisfy(\.isFinite) }) {
      throw FileError(
        path, "not written: \(bad.name) is not finite", remedy: "train it with a lower rate")
    }
    let own = [
      "kind": FittedKind.diffusion.rawValue, "diffusion": try notes(), "training": training,
    ]
    try SafeTensors.write(arrays, metadata: metadata.merging(own) { $1 }, to: path)
  }

  /// Reads the diffusion of a run.
  /// - Throws: `FileError` when there is none, or when it does not match the number of classes or the model;
  ///   `DeviceError` when the device has no room.
  public static func load(of run: Run, classes count: Int, for model: VariationalAutoencoder) throws
    -> LatentDiffusion
  {
    let path = run.generatorPath(FittedKind.diffusion.rawValue)
    let command = "digitalis fit diffusion --run \(run.folder)"
    guard FileManager.default.fileExists(atPath: path) else {
      throw FileError(
        path, "the run has no diffusion generator yet", remedy: "train it with: \(command)")
    }
    try run.checkOrigin(of: path, run.origin, remedy: "train it again with: \(command)")
    let (arrays, metadata) = try SafeTensors.read(path)
    var generator = try LatentDiffusion(
      arrays, notes: metadata["diffusion"], classes: count,
      dimension: model.shape.latentDimension, on: model.device,
      wrong: { FileError(path, $0, remedy: "train it again with: \(command)") })
    generator.training = metadata["training"] ?? ""
    return generator
  }

  /// Assembles a generator from its ``arrays()``.
  ///
  /// - Parameters:
  ///   - notes: What ``notes()`` wrote.
  ///   - wrong: Makes an error from a description of what is wrong.
  /// - Throws: The errors that `wrong` makes; `DeviceError` when the device has no room.
  init(
    _ arrays: [String: NamedArray], notes: String?, classes: Int, dimension: Int,
    on device: any Device, wrong: (String) -> FileError
  ) throws {
    guard let notes = try? JSONDecoder().decode(Notes.self, from: Data((notes ?? "").utf8)) else {
      throw wrong("is not a diffusion generator")
    }
    let (shape, settings) = (notes.shape, notes.settings)
    guard shape.latentDimension == dimension, shape.classCount == classes else {
      throw wrong(
        "is for \(shape.classCount) classes and a latent dimension of \(shape.latentDimension)")
    }
    guard Self.widthRange ~= shape.width, Self.blockRange ~= shape.blocks,
      Self.guidanceRange ~= settings.guidance, Self.stepRange ~= settings.steps
    else { throw wrong("has extents or settings out of range") }
    func values(_ name: String, _ count: Int) throws -> [Float] {
      guard let values = arrays[name]?.values, values.count == count,
        values.allSatisfy(\.isFinite)
      else { throw wrong("has no \(name) of \(count)") }
      return values
    }
    let (theta, deviation) = (try values("theta", classes), try values("deviation", dimension))
    guard theta.allSatisfy({ $0 >= 0 }) else { throw wrong("has a negative theta") }
    // Everything is there before the network is allocated.
    let weights = try shape.parameters.map { try values("velocity.\($0.name)", $0.shape.count) }
    let (parameters, network) = try Parameters.declare(seed: 0, on: device) {
      try VelocityNetwork(shape, $0)
    }
    try parameters.setValues(weights)
    self.init(
      shape, network, parameters,
      Standardization(mean: try values("mean", dimension), deviation: deviation), theta: theta,
      settings: settings)
  }
}
