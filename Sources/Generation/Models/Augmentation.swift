import Autograd
import Compute
import Datasets

/// Random changes of the training images that leave what they show: an autoencoder of few images then sees more.
public struct Augmentation: Sendable, Hashable, Codable {
  /// The most pixels by which a batch is moved, along either axis; what is moved in is black.
  public var shift: Int
  /// Whether half of the batches are mirrored.
  public var flips: Bool

  /// Names the changes.
  public init(shift: Int = 0, flips: Bool = false) {
    self.shift = shift
    self.flips = flips
  }

  /// Whether nothing is changed.
  public var isNone: Bool { shift == 0 && !flips }

  /// The images of a batch, all changed in the same way.
  ///
  /// - Parameters:
  ///   - images: rows × pixels.
  ///   - shape: The shape of an image.
  ///   - stream: Determines the changes.
  /// - Returns: rows × pixels.
  /// - Throws: `DeviceError` when the device fails.
  func callAsFunction(_ images: Tensor, _ shape: ImageShape, _ stream: RandomStream)
    throws(DeviceError) -> Tensor
  {
    guard !isNone else { return images }
    let words = threefry(key: stream.key, counter: stream.counter)
    func offset(_ word: UInt32) -> Int { Int(word) % (2 * shift + 1) }
    var x = try images.reshaped([images.shape.rows, shape.rows, shape.columns, shape.channels])
    if shift > 0 {
      let (row, column) = (offset(words.x), offset(words.y))
      x = try x.padded([(0, 0), (shift, shift), (shift, shift), (0, 0)])
        .sliced(1, row..<row + shape.rows).sliced(2, column..<column + shape.columns)
    }
    if flips && words.z & 1 == 1 { x = try x.flipped(2) }
    return try x.reshaped([images.shape.rows, shape.count])
  }
}
