import ArgumentParser
import Files
import Foundation
import Generation
import Models

extension FittedKind: ExpressibleByArgument {}

struct Fit: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Fit a generator to the encoded images of each class.",
    discussion: """
      gaussian has the full covariance of a class, bayes-net a tree over its dimensions, mixture a few \
      Gaussians, and kernel noise of the class's shape around encoded images. It is saved with the run, \
      where sample --generator finds it.
      """)

  @Argument(help: "gaussian, bayes-net, mixture or kernel.")
  var generator: FittedKind

  @Option(name: .customLong("run"), parsing: .unconditional, help: "The folder of the run.")
  var runFolder: String

  @Option(
    parsing: .unconditional,
    help: "θ: the distance from the class mean, relative to the fit; a search finds others.")
  var theta: Float = 1

  @Option(parsing: .unconditional, help: "The seed of the encoded samples.")
  var seed: UInt64 = 1

  @OptionGroup var deviceOptions: DeviceOptions

  func run() throws {
    try OptionError.require("--theta", theta, in: 0...100)
    let run = Run(runFolder)
    let images = try run.labelledImages(of: try run.images().training)
    let lock = try FolderLock(runFolder)
    defer { withExtendedLifetime(lock) {} }
    let path = run.generatorPath(generator.rawValue)
    try run.claim([path])
    let model = try run.autoencoder(on: try deviceOptions.open())
    let fitted = try FittedGenerator(
      generator, to: images, under: model, statistics: try run.statistics(of: model), seed: seed,
      theta: theta)
    try fitted.save(to: path, metadata: ["origin": try run.origin()])
    for (label, own) in fitted.classes.enumerated() {
      print("class \(images.classNames[label]): \(own.note)")
    }
    print("saved in \(path)")
  }
}
