import Foundation

/// The text with the special characters of HTML and XML replaced by references.
///
/// Characters that XML forbids (most control characters) become U+FFFD. It works on Unicode scalars: `&`
/// followed by a combining accent is one `Character`, which is not "&".
func escaped(_ text: String) -> String {
  var result = ""
  result.unicodeScalars.reserveCapacity(text.utf8.count)
  for scalar in text.unicodeScalars {
    switch scalar {
    case "&": result += "&amp;"
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "\"": result += "&quot;"
    case "'": result += "&#39;"
    case "\t", "\n", "\r": result.unicodeScalars.append(scalar)
    case "\u{0}"..<" ", "\u{FFFE}", "\u{FFFF}": result += "\u{FFFD}"
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result
}

/// A number with `decimals` digits after the point, without "-0"; "—" when it isn't finite.
func fixed(_ value: Double, decimals: Int) -> String {
  guard value.isFinite else { return "—" }
  let text = String(format: "%.\(decimals)f", value)
  let isZero = text.allSatisfy { "-0.".contains($0) }
  return isZero && text.first == "-" ? String(text.dropFirst()) : text
}

/// A length of a drawing: at most two decimals, as short as possible.
func coordinate(_ value: Double) -> String {
  // A non-finite value must not reach a file; callers leave them out, so this 0 is never seen.
  guard value.isFinite, abs(value) < 1e9 else { return "0" }
  let hundredths = Int((value * 100).rounded())
  let sign = hundredths < 0 ? "-" : ""
  let (whole, part) = abs(hundredths).quotientAndRemainder(dividingBy: 100)
  if part == 0 { return "\(sign)\(whole)" }
  return part % 10 == 0
    ? "\(sign)\(whole).\(part / 10)" : "\(sign)\(whole).\(part < 10 ? "0" : "")\(part)"
}

/// An integer with thousands separators; any other text as it is.
func grouped(_ number: String) -> String {
  var result = ""
  for (index, digit) in number.reversed().enumerated() {
    guard digit.isNumber || digit == "-" else { return number }
    if index > 0, index % 3 == 0, digit.isNumber { result.append(",") }
    result.append(digit)
  }
  return String(result.reversed())
}
