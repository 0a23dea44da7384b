/// What a reader has found in a source: images of one shape, with what the source says about them.
struct RawDataset {
  /// Some images with their labels.
  struct Part {
    /// count × rows × columns × channels.
    var images: [UInt8] = []
    /// An index into the names of the classes for each image; nil where it isn't known.
    var labels: [Int?] = []
    /// What an error or a report calls each image, such as its file; empty where only its number tells.
    var names: [String] = []
  }

  /// The extents of an image.
  var shape: ImageShape
  /// Images to learn from, those of a split for validation among them where there are others for tests.
  var training = Part()
  /// Images to judge by.
  var test = Part()
  /// Images of which the source doesn't say: a tenth of them, by a hash of the content, becomes test
  /// images.
  var unsplit = Part()
  /// The names of the classes; nil where the source has numbers only.
  var classNames: [String]?
  /// What could not be read and was left out, for `skipsUnreadable`.
  var leftOut: [String] = []
  /// What a user should know about how the source was taken.
  var notes: [String] = []
}
