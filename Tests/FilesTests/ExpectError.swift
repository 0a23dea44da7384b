import Files
import Testing

/// Expects an error that names a file, with all of these texts.
func expectError(_ texts: String..., body: () throws -> Void) {
  let error = #expect(throws: FileError.self, performing: body)
  for text in texts { #expect(error?.description.contains(text) == true, "\(error as Any)") }
}
