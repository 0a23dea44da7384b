import Foundation
import Testing

@testable import Launch

@Suite struct ArgumentsTests {
  private func expectRefused(_ text: String, _ words: [UInt8]...) {
    #expect(throws: ArgumentError(description: text)) {
      try Arguments.check(words.map { $0.map { CChar(bitPattern: $0) } })
    }
  }

  @Test func wordsStayWhatTheyAre() throws {
    let words = ["sample", "--out", "π =.png", "--matching=a=", "-y", "="]
    #expect(try Arguments.check(words.map { $0.utf8.map { CChar(bitPattern: $0) } }) == words)
  }

  @Test func bytesThatAreNotUTF8AreShown() {
    let remedy = "is not UTF-8; rename the file, or name a symbolic link to it"
    expectRefused(
      "$'p\\xff.png': \(remedy)", Array("--out".utf8), Array("p".utf8) + [0xFF] + Array(".png".utf8)
    )
    expectRefused("$'\\'\\\\\\x0a\\xc3': \(remedy)", Array("'\\\n".utf8) + [0xC3])
  }

  @Test func emptyValuesNameTheirOption() {
    let rule = "must not be empty; give it a value"
    expectRefused("--out '': \(rule)", Array("--out".utf8), [])
    expectRefused("--out '': \(rule)", Array("--out=".utf8))
    expectRefused("an argument '': \(rule)", Array("fit".utf8), [])
    expectRefused("an argument '': \(rule)", [])
  }
}

@Suite struct LimitsTests {
  @Test func enoughIsEnough() throws {
    try Limits.check(addressSpace: nil, data: nil)
    try Limits.check(addressSpace: Limits.leastMemory, data: Limits.leastMemory)
  }

  @Test func tooLittleIsNamed() {
    #expect(
      throws: LimitError(
        description: "the limit of the address space is 195 MiB, and digitalis needs 512 MiB; "
          + "raise it: ulimit -v 524288")
    ) { try Limits.check(addressSpace: 200_000 << 10, data: nil) }
    #expect(throws: LimitError.self) { try Limits.check(addressSpace: nil, data: 1 << 20) }
  }
}
