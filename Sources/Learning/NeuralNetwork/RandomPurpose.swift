import Compute

/// The uses of random numbers, so that no two share a stream of one seed.
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
  /// The masks of dropout.
  case dropout = 7
  /// The samples that all candidates of a search share.
  case search = 8
  /// The samples of a final report.
  case report = 9
  /// The noise ε of the reconstructions that a classifier learns from.
  case reconstruction = 10
  /// The encoded samples that a generator is fitted to, and the starts of the fit.
  case fitting = 21
  /// The draws of a search by gradients.
  case gradientSearch = 22
  /// The choice of images that are to be labelled, or whose labels are used.
  case labelling = 23
}

extension RandomStream {
  /// The stream of a seed for one of the uses that this package has, which trained runs depend on. A use of your own
  /// has a name: ``/Compute/RandomStream/split(_:)-(String)``.
  public func split(_ purpose: RandomPurpose) -> RandomStream {
    var stream = self
    stream.key.z = purpose.rawValue
    return stream
  }
}
