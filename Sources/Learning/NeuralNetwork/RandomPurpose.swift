/// The uses of random numbers, so that no two share a stream of one seed.
public enum RandomPurpose {
  /// Starting values of parameters.
  public static let initialization: UInt32 = 1
  /// The order of the training images.
  public static let shuffling: UInt32 = 2
  /// The noise ε of the reparameterisation while training.
  public static let noise: UInt32 = 3
  /// The samples of the prior in the maximum mean discrepancy.
  public static let prior: UInt32 = 4
  /// The noise ε while evaluating.
  public static let evaluation: UInt32 = 5
  /// The draws of a generator.
  public static let generation: UInt32 = 6
  /// The masks of dropout.
  public static let dropout: UInt32 = 7
  /// The samples that all candidates of a search share.
  public static let search: UInt32 = 8
  /// The samples of a final report.
  public static let report: UInt32 = 9
  /// The noise ε of the reconstructions that a classifier learns from.
  public static let reconstruction: UInt32 = 10
  /// The encoded samples that a generator is fitted to, and the starts of the fit.
  public static let fitting: UInt32 = 21
  /// The draws of a search by gradients.
  public static let gradientSearch: UInt32 = 22
  /// The choice of images that are to be labelled, or whose labels are used.
  public static let labelling: UInt32 = 23
}
