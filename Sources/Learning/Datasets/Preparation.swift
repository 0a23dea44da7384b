/// How the images of a data set are made into the ones that models see.
public struct Preparation: Sendable, Hashable, Codable {
  /// What becomes of an image of other proportions than the size asked for.
  public enum Fit: String, Sendable, Codable, CaseIterable {
    /// Its middle is cut out.
    case crop
    /// It is set on a black ground.
    case pad
    /// Its proportions change.
    case stretch
  }

  /// The rows of a prepared image; nil for those that it has.
  public var rows: Int?
  /// The columns of a prepared image; nil for those that it has.
  public var columns: Int?
  /// What becomes of other proportions.
  public var fit: Fit
  /// 1 for gray, 3 for colour; nil for what the set has.
  public var channels: Int?
  /// Whether rows and columns change places, as the images of EMNIST need it.
  public var isTransposed: Bool
  /// Whether what can't be read is left out, and listed, instead of an error.
  public var skipsUnreadable: Bool

  /// Images as they are, unless told otherwise.
  public init(
    rows: Int? = nil, columns: Int? = nil, fit: Fit = .crop, channels: Int? = nil,
    isTransposed: Bool = false, skipsUnreadable: Bool = false
  ) {
    self.rows = rows
    self.columns = columns
    self.fit = fit
    self.channels = channels
    self.isTransposed = isTransposed
    self.skipsUnreadable = skipsUnreadable
  }
}
