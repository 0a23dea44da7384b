import Compute
import Foundation

extension NaiveDevice {
  private func block(_ stream: RandomStream, _ number: Int) -> [UInt32] {
    let number = UInt32(truncatingIfNeeded: number + (has(.randomBlockOff) ? 1 : 0))
    var counter = stream.counter
    let (low, overflow) = counter.x.addingReportingOverflow(number)
    counter.x = low
    if has(.randomCarries) || has(.dropoutCarries), overflow { counter.y &+= 1 }
    var words = threefry(key: stream.key, counter: counter)
    if has(.threefryRoundLess) { words.w ^= words.x }
    return [words.x, words.y, words.z, words.w]
  }

  func random(_ distribution: Distribution, _ stream: RandomStream, into y: Buffer)
    throws(DeviceError)
  {
    for start in stride(from: 0, to: y.count, by: 4) {
      if has(.randomTailUnwritten), start + 4 > y.count { continue }
      let words = block(stream, start / 4)
      for word in 0..<min(4, y.count - start) {
        switch distribution {
        case .bits: y.integers[start + word] = Int32(bitPattern: words[word])
        case .uniform:
          y.floats[start + word] =
            has(.uniformOf32Bits) ? Float(words[word]) * 0x1p-32 : Float(words[word] >> 8) * 0x1p-24
        case .normal:
          let (a, b) = (words[word & 2] >> 8, words[word | 1] >> 8)
          let radius = (-2 * log((Float(a) + (has(.normalOfZero) ? 0 : 1)) * 0x1p-24)).squareRoot()
          let angle = 2 * Float.pi * Float(b) * 0x1p-24
          let isCosine = word % 2 == (has(.normalSwapped) ? 1 : 0)
          y.floats[start + word] = radius * (isCosine ? cos(angle) : sin(angle))
        }
      }
    }
  }

  func permutation(_ stream: RandomStream, into y: Buffer) throws(DeviceError) {
    let permutation = Permutation(count: y.count, stream: stream)
    for i in 0..<y.count {
      let argument = has(.permutationRepeats) ? max(i, 1) % y.count : i
      let target = has(.permutationReversed) ? y.count - 1 - argument : argument
      y.integers[i] = Int32(permutation(target))
    }
  }
}
