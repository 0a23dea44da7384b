/// The findings of a reader: images of one shape, with the source's information about them.
struct RawDataset {
  /// Some images with their labels.
  struct Part {
    /// count × rows × columns × channels.
    var images: [UInt8] = []
    /// An index into the names of the classes for each image; nil if unknown.
    var labels: [Int?] = []
    /// The name of each image in errors and reports, such as its file; empty if there are only numbers.
    var names: [String] = []
  }

  /// The shape of an image.
  var shape: ImageShape
  /// The training images, including the validation split if there are test images.
  var training = Part()
  /// The test images.
  var test = Part()
  /// Images without a split: a tenth of them, by a hash of the content, become test images.
  var unsplit = Part()
  /// The names of the classes; nil if the source has only numbers.
  var classNames: [String]?
  /// What could not be read and was skipped, for `skipsUnreadable`.
  var leftOut: [String] = []
  /// What a user should know about how the source was interpreted.
  var notes: [String] = []
}
