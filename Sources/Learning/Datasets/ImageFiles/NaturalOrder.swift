/// Whether a name precedes another in natural order: numbers in it by their value.
func precedesNaturally(_ one: String, _ other: String) -> Bool {
  let (left, right) = (Array(one.utf8), Array(other.utf8))
  var (i, j) = (0, 0)
  while i < left.count, j < right.count {
    let (a, b) = (number(left, from: i), number(right, from: j))
    if a.isEmpty || b.isEmpty {
      if left[i] != right[j] { return left[i] < right[j] }
      (i, j) = (i + 1, j + 1)
    } else {
      // Without leading zeros the longer number is the larger one.
      let (x, y) = (a.drop { $0 == zero }, b.drop { $0 == zero })
      if x.count != y.count { return x.count < y.count }
      if x != y { return x.lexicographicallyPrecedes(y) }
      (i, j) = (a.endIndex, b.endIndex)
    }
  }
  if i < left.count || j < right.count { return j < right.count }
  // Such as 1 and 01.
  return left.lexicographicallyPrecedes(right)
}

private let zero = UInt8(ascii: "0")

/// The digits from a position on.
private func number(_ text: [UInt8], from start: Int) -> ArraySlice<UInt8> {
  text[start...].prefix { (zero...zero + 9).contains($0) }
}
