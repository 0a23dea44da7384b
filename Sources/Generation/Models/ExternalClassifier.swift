import Autograd
import Compute
import Datasets
import Files
import Foundation

/// A user's program that classifies images.
///
/// It's started once, by the shell. For each batch it gets an `.npy` array on its standard input, float32 of n × rows
/// × columns, with channels last where there are three, in [0, 1]; it answers with an `.npy` array of n × classes on
/// its standard output, probabilities in the order of the classes. What it writes to standard error is shown. It
/// isn't asked again before it has answered; at the end its input is closed.
public final class ExternalClassifier: ImageClassifier {
  /// The number of classes.
  public let classCount: Int

  private let command: String
  private let image: ImageShape
  private let program: Dialogue
  private let patience: Double

  /// The seconds that an answer may take unless told otherwise.
  public static let patience = 300.0
  /// How far the sum of an image's probabilities may be from 1: half precision isn't exact.
  private static let tolerance: Float = 0.02

  /// Starts the program.
  ///
  /// - Parameters:
  ///   - command: The command for the shell to run.
  ///   - image: The extents of the images that it will get.
  ///   - classes: The number of classes.
  ///   - patience: The seconds that it may take for an answer, its start included; above 0.
  /// - Throws: `FileError` when it can't be started. A command that the shell can't find fails at the first batch.
  public init(
    _ command: String, image: ImageShape, classes: Int, patience: Double = patience
  ) throws(FileError) {
    precondition(patience > 0, "an answer takes time")
    self.command = command
    self.image = image
    self.patience = patience
    classCount = classes
    program = try Dialogue(command)
  }

  /// The answer of the program; see ``ImageClassifier``.
  /// - Throws: `FileError` when the program ends, takes too long, or answers anything but probabilities;
  ///   `DeviceError`.
  public func probabilities(_ images: Tensor) throws -> Tensor {
    let count = images.shape.rows
    let question = NPYArray(try images.values(), dimensions: [count] + extents).contents
    let answer = try program.answer(
      to: question, within: patience, size: { try self.size($0, count: count) })
    let values = try NPYArray(answer, of: command).floats()
    try check(values)
    return try Tensor(values, Rows(count, classCount), on: images.device)
  }

  /// The extents of an image as the program gets it.
  private var extents: [Int] {
    [image.rows, image.columns] + (image.channels == 1 ? [] : [image.channels])
  }

  /// The size of an answer in bytes, from its first ones. An array of another shape is refused before its elements
  /// arrive, however many there are.
  private func size(_ start: [UInt8], count: Int) throws(FileError) -> Int? {
    guard NPYArray.mayBegin(with: start) else {
      let line = start.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }.prefix(60)
      throw FileError(
        command, "wrote \"\(String(decoding: line, as: UTF8.self))\" where an .npy array begins",
        remedy: "let it print what is no array to standard error")
    }
    guard let array = try NPYArray.start(start, of: command) else { return nil }
    guard array.dimensions == [count, classCount] else {
      throw FileError(
        command,
        "answered an array of \(text(array.dimensions)) for \(count) images of \(classCount) classes",
        remedy: "let it answer each n × \(text(extents)) with n × \(classCount) probabilities")
    }
    return array.size
  }

  private func text(_ extents: [Int]) -> String {
    extents.isEmpty ? "one number" : extents.map(String.init).joined(separator: " × ")
  }

  /// Checks that each image has probabilities, which sum to 1.
  private func check(_ values: [Float]) throws(FileError) {
    for start in stride(from: 0, to: values.count, by: classCount) {
      let row = values[start..<start + classCount]
      var place: String { "image \(start / classCount + 1) of \(values.count / classCount)" }
      if let wrong = row.firstIndex(where: { !(0...1.001).contains($0) }) {
        let isNumber = values[wrong].isFinite
        throw FileError(
          command,
          "answered \(values[wrong]) for class \(wrong - start) of \(place), which is no probability",
          remedy: isNumber
            ? "let it apply softmax to its logits" : "look for what divides by 0 or overflows in it"
        )
      }
      let sum = row.reduce(0, +)
      guard abs(sum - 1) <= Self.tolerance else {
        throw FileError(
          command, "answered probabilities whose sum is \(sum) for \(place)",
          remedy: "let it apply softmax over the classes, the last axis")
      }
    }
  }
}
