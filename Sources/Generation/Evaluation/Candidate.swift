import Baselines
import Compute
import Datasets
import Files
import Foundation
import Generation
import Models

/// A source to evaluate: a generator, or a reference to compare with.
public struct Candidate {
  /// The name in tables.
  public var name: String
  /// The images.
  public var source: any ImageSource
  /// The images to train a classifier on for the classification score; those of `source`, unless they come
  /// from test images.
  public var teacher: any ImageSource
  /// Whether it is a reference.
  public var isReference: Bool

  /// A generator.
  public init(_ name: String, _ source: any ImageSource) {
    self.name = name
    self.source = source
    teacher = source
    isReference = false
  }

  /// A reference, whose images come from test images.
  public init(reference name: String, _ source: any ImageSource, teacher: any ImageSource) {
    self.name = name
    self.source = source
    self.teacher = teacher
    isReference = true
  }

  /// A source named by the user: a generator of the run, such as `medium2`; the folder of a baseline; or a
  /// generator of another run, as `FOLDER:GENERATOR`.
  ///
  /// - Parameters:
  ///   - name: What the user wrote; it becomes the name in tables.
  ///   - run: The run whose generators have short names.
  ///   - scorer: The run whose classifiers score.
  ///   - device: The device that draws.
  /// - Throws: `FileError` when there is no such thing, or its images are of another size;
  ///   `DeviceError`.
  public init(
    named name: String, of run: Run, scoredBy scorer: Run, on device: any Device
  ) throws {
    let (scoring, names) = (try scorer.configuration(), try scorer.classNames())
    func check(_ folder: String, _ image: ImageShape, _ classes: [String]) throws {
      guard image == scoring.image else {
        throw FileError(
          folder, "has images of \(image) pixels, not \(scoring.image)",
          remedy: "compare runs of one data set")
      }
      guard classes == names else {
        throw FileError(
          folder, "has other classes than the run that scores",
          remedy: "compare runs of one data set and the same classes")
      }
    }
    if Run(name).holdsBaseline {
      let configuration = try Run(name).baselineConfiguration()
      try check(name, configuration.image, configuration.classNames)
      self.init(
        configuration.baseline.title, BaselineImages(try Run(name).baseline(on: device)))
      return
    }
    var (folder, generator) = (run.folder, name)
    if let colon = name.lastIndex(of: ":") {
      folder = String(name[..<colon])
      generator = String(name[name.index(after: colon)...])
    }
    let other = Run(folder)
    guard !other.holdsBaseline else {
      throw FileError(
        folder, "has no generators to choose from",
        remedy: "it is a baseline: name its folder alone, or a run of train vae")
    }
    let configuration = try other.configuration()
    try check(folder, configuration.image, try other.classNames())
    let model = try other.autoencoder(on: device)
    let opened = try other.generator(
      named: generator, of: model, statistics: try other.statistics(of: model))
    self.init(name, GeneratedImages(model, opened))
  }

  /// The same generator, keeping only draws that a classifier assigns to their class with some confidence;
  /// nil for a source without latent vectors. See ``/Generation/GuidedGenerator``.
  ///
  /// - Parameters:
  ///   - classifier: Tells the class of a draw.
  ///   - minimumConfidence: The least probability of the class.
  ///   - classNames: The class names for errors.
  ///   - note: What to add to the name.
  public func guided(
    by classifier: any ImageClassifier, minimumConfidence: Float, classNames: [String], note: String
  ) -> Candidate? {
    guard let images = source as? GeneratedImages else { return nil }
    return Candidate(
      name + note,
      GeneratedImages(
        images.model,
        GuidedGenerator(
          images.generator, images.model, by: classifier, minimumConfidence: minimumConfidence,
          classNames: classNames)))
  }
}
