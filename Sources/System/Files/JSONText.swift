import Foundation

/// A value as the text of a JSON file: indented, with sorted keys and a final line break.
/// - Throws: `EncodingError`, such as for a number that is not finite.
public func jsonText(_ value: some Encodable) throws -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
  return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
}
