/// How the images of a data set are prepared for the models.
public struct Preparation: Sendable, Hashable, Codable {
  /// What to do with an image of another aspect ratio than the requested size.
  public enum Fit: String, Sendable, Codable, CaseIterable {
    /// Crop to the centre.
    case crop
    /// Pad with black.
    case pad
    /// Change the aspect ratio.
    case stretch
  }

  /// The rows of a prepared image; nil to keep its own.
  public var rows: Int?
  /// The columns of a prepared image; nil to keep its own.
  public var columns: Int?
  /// What to do with other aspect ratios.
  public var fit: Fit
  /// 1 for gray, 3 for colour; nil to keep the set's.
  public var channels: Int?
  /// Whether to swap rows and columns, as the images of EMNIST need.
  public var isTransposed: Bool
  /// Whether to skip and list unreadable files instead of failing.
  public var skipsUnreadable: Bool

  /// By default, images are unchanged.
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
