import Compute

/// The uses of random numbers: each has its own stream of a seed.
public enum RandomPurpose: UInt32, Sendable {
  /// Starting values of parameters.
  case initialization = 1
  /// The order of the training images.
  case shuffling = 2
  /// The noise ε of the reparameterisation while training.
  case noise = 3
  /// The samples of the prior in the maximum mean discrepancy.
  case prior = 4
  /// The noise ε while evaluating.
  case evaluation = 5
  /// The draws of a generator.
  case generation = 6
  /// Dropout masks.
  case dropout = 7
  /// The samples that all candidates of a search share.
  case search = 8
  /// The samples of a final report.
  case report = 9
  /// The noise ε of the reconstructions that a classifier is trained on.
  case reconstruction = 10
  /// The encoded samples that a generator is fitted to, and the starts of the fit.
  case fitting = 21
  /// The draws of a gradient-based search.
  case gradientSearch = 22
  /// The choice of images to be labelled, or whose labels are used.
  case labelling = 23
  /// The changes of training images.
  case augmentation = 24
  /// The training of a generator.
  case generatorTraining = 25
}

extension RandomStream {
  /// The stream of a seed for one of this package's uses, on which trained runs depend. For a use of your own, split
  /// by name: ``/Compute/RandomStream/split(_:)-(String)``.
  public func split(_ purpose: RandomPurpose) -> RandomStream {
    var stream = self
    stream.key.z = purpose.rawValue
    return stream
  }
}
