import ArgumentParser
import Datasets
import Files
import Foundation
import Generation
import Models

extension Sample {
  /// What images are drawn from.
  struct Source {
    var model: VariationalAutoencoder
    var generator: any Generator
    var name: String
    var settings: String
    var image: ImageShape
    var classNames: [String]
    /// Gives its confidence in each image, if there is one.
    var classifier: (any ImageClassifier)?
  }

  /// What the options ask for.
  func source() throws -> Source {
    guard let like else { return try runFolder.map { try trained(Run($0)) } ?? packaged() }
    guard let runFolder else { throw OptionError("--like", like, "needs a --run") }
    return try examples(like, Run(runFolder))
  }

  /// A run with a class that a few pictures define.
  fileprivate func examples(_ like: String, _ run: Run) throws -> Source {
    if let label { throw OptionError("--label", label, "cannot go with --like") }
    if let confidence = guidance.minConfidence {
      throw OptionError("--min-confidence", confidence, "no classifier knows what is like pictures")
    }
    if let command = guidance.referee.classifier {
      throw OptionError("--classifier", command, "it doesn't know what is like pictures")
    }
    if let generator, generator != "simple" {
      throw OptionError("--generator", generator, "cannot be fitted to --like; leave it out")
    }
    let configuration = try run.configuration()
    var preparation = configuration.preparation ?? Preparation()
    let shape = configuration.image
    (preparation.rows, preparation.columns) = (shape.rows, shape.columns)
    preparation.channels = shape.channels
    let paths = like.split(separator: ",").map(String.init)
    let pictures = try ImageDataset(pictures: paths, preparation)
    let training = try configuration.images().training
    let model = try run.autoencoder(on: try deviceOptions.open())
    let others = (try? run.statistics(of: model))?.classes ?? []
    let statistics = try LatentStatistics(
      ofExamples: pictures, beside: others, among: training, under: model)
    let chosen = SpreadGenerator(
      statistics, theta: theta ?? 0.4, draws: draws ?? 2, convention: conventionOptions.value)
    return Source(
      model: model, generator: chosen, name: run.folder,
      settings: "like \(like), \(described(chosen))", image: shape, classNames: ["like"])
  }

  /// A trained run with the generator that the options ask for.
  fileprivate func trained(_ run: Run) throws -> Source {
    let configuration = try run.configuration()
    let model = try run.autoencoder(on: try deviceOptions.open())
    let statistics = try run.statistics(of: model)
    let name = generator ?? "simple"
    var chosen: any Generator
    let isSearched = FileManager.default.fileExists(atPath: run.searchPath(name))
    if name == "simple" && (theta != nil || draws != nil || !isSearched) {
      chosen = SpreadGenerator(
        statistics, theta: theta ?? 0.4, draws: draws ?? 2, convention: conventionOptions.value)
    } else {
      chosen = try run.generator(named: name, of: model, statistics: statistics)
      if let theta, let fitted = chosen as? any TemperedGenerator {
        chosen = fitted.at(theta: theta)
      }
    }
    let classifier = try asked(of: run, model)
    return Source(
      model: model, generator: try guidance.guide(chosen, of: run, model, by: classifier),
      name: run.folder, settings: "generator \(name), \(described(chosen))\(guidance.note)",
      image: configuration.image, classNames: try run.classNames(), classifier: classifier)
  }

  /// The classifier that gives its confidence in each image, if the output format has room for that. One
  /// that no longer fits the run is no reason to fail.
  fileprivate func asked(of run: Run, _ model: VariationalAutoencoder) throws
    -> (any ImageClassifier)?
  {
    guard (format ?? SampleFormat(of: out)) == .npz else {
      if let command = guidance.referee.classifier, guidance.minConfidence == nil {
        throw OptionError(
          "--classifier", command, "needs --min-confidence, or an .npz file for what it says")
      }
      return nil
    }
    do {
      return try guidance.referee.openIfThere(of: run, on: model.device)
    } catch let error as FileError
      where guidance.minConfidence == nil && guidance.referee.classifier == nil
    {
      print("note: without confidences, for \(error)")
      return nil
    }
  }

  /// The packaged model, with its own generator, or simple with the given θ.
  fileprivate func packaged() throws -> Source {
    if let command = guidance.referee.classifier {
      throw OptionError("--classifier", command, "needs a --run")
    }
    if guidance.referee.by == .judge { throw OptionError("--by", "judge", "needs a --run") }
    let package = try PackagedModel.standard()
    let own = package.kind?.rawValue
    if let generator, generator != "simple" && generator != own {
      throw OptionError("--generator", generator, "needs a --run with its search or fit")
    }
    let model = try package.autoencoder(on: try deviceOptions.open())
    let classifier = try package.classifier(on: model.device)
    var chosen = try package.generator(on: model.device)
    let isSimple =
      generator == "simple" || draws != nil || (theta != nil && !(chosen is any TemperedGenerator))
    if isSimple {
      chosen = SpreadGenerator(
        try package.statistics(), theta: theta ?? 0.4, draws: draws ?? 2,
        convention: conventionOptions.value)
    } else if let theta, let fitted = chosen as? any TemperedGenerator {
      chosen = fitted.at(theta: theta)
    }
    let settings = described(chosen)
    let confidence = guidance.minConfidence ?? (isSimple ? nil : package.minimumConfidence)
    if let confidence, confidence > 0 {
      guard let classifier else {
        throw OptionError("--min-confidence", confidence, "needs a --run with a classifier")
      }
      chosen = GuidedGenerator(
        chosen, model, by: classifier, minimumConfidence: confidence, classNames: package.classNames
      )
    }
    return Source(
      model: model, generator: chosen, name: "the packaged model, \(package.origin)",
      settings: settings + (confidence.map { ", confidence \($0)" } ?? ""), image: package.image,
      classNames: package.classNames, classifier: classifier)
  }

  fileprivate func described(_ generator: any Generator) -> String {
    func text(_ theta: [Float]) -> String {
      "theta \(Set(theta).count == 1 ? "\(theta[0])" : "searched")"
    }
    if let fitted = generator as? any TemperedGenerator { return text(fitted.theta) }
    guard let spread = generator as? SpreadGenerator else { return "" }
    return "\(text(Array(spread.theta.joined()))), draws \(spread.draws)"
  }

  /// What made the picture, for its text chunks.
  func notes(_ source: Source, _ labels: [Int], _ count: Int) -> [(
    key: String, value: String
  )] {
    [
      ("Software", "digitalis"), ("Run", source.name), ("Seed", String(seed)),
      (
        "Settings",
        "\(source.settings), labels \(labels.map { source.classNames[$0] }.joined(separator: " ")), "
          + "count \(count)"
      ),
    ]
  }
}
