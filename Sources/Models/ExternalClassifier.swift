import Autograd
import Compute
import Datasets
import Files
import Foundation

/// A program of the user's that tells the class of images.
///
/// It's started once, by the shell. For each batch it gets an `.npy` array on its standard input, float32
/// of n × rows × columns, with channels last where there are three, in [0, 1]; it answers with an `.npy`
/// array of n × classes on its standard output, probabilities in the order of the classes. What it writes
/// to standard error is shown. At the end its input ends.
public final class ExternalClassifier: ImageClassifier {
  /// The number of classes.
  public let classCount: Int

  private let command: String
  private let image: ImageShape
  private let program: Dialogue
  private let patience: Double

  /// The seconds that an answer may take unless told otherwise.
  public static let patience = 300.0

  /// Starts the program.
  ///
  /// - Parameters:
  ///   - command: What the shell is to run.
  ///   - patience: The seconds that it may take for an answer, its start included.
  /// - Throws: `FileError` when it can't be started.
  public init(
    _ command: String, image: ImageShape, classes: Int, patience: Double = patience
  ) throws(FileError) {
    self.command = command
    self.image = image
    self.patience = patience
    classCount = classes
    program = try Dialogue(command)
  }

  /// The answer of the program; see ``ImageClassifier``.
  /// - Throws: `FileError` when the program ends, takes too long, or answers something else; `DeviceError`.
  public func probabilities(_ images: Tensor) throws -> Tensor {
    let count = images.shape.rows
    let extents = [image.rows, image.columns] + (image.channels == 1 ? [] : [image.channels])
    let question = NPYArray(try images.values(), dimensions: [count] + extents).contents
    let remedy =
      "let it read .npy arrays of n × \(extents.map(String.init).joined(separator: " × ")) and write "
      + "as many of n × \(classCount)"
    let answer = try program.answer(
      to: question, within: patience,
      size: { try NPYArray.size(startingWith: $0, of: self.command) })
    let array = try NPYArray(answer, of: command)
    guard array.dimensions == [count, classCount] else {
      throw FileError(
        command,
        "answered an array of \(array.dimensions.map(String.init).joined(separator: " × ")) for "
          + "\(count) images of \(classCount) classes", remedy: remedy)
    }
    let values = array.floats()
    guard let wrong = values.first(where: { !(0...1.001).contains($0) }) else {
      return try Tensor(values, Rows(count, classCount), on: images.device)
    }
    throw FileError(
      command, "answered \(wrong), which is no probability",
      remedy: "let it apply softmax to its logits")
  }
}
