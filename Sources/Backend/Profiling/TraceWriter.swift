import Compute
import Files

/// Writes events in Chrome's JSON trace event format, as they come.
///
/// The file is an array of events, one on each line. It holds whole events whenever the program ends: only the
/// closing bracket, which the format doesn't ask for, and the last second may then be missing.
struct TraceWriter: ~Copyable {
  private let file: StreamedFile
  private var bytes: [UInt8] = []
  private var isFirst = true
  private var isFinished = false
  /// Why the file ends before the work does.
  private(set) var failure: FileError?
  /// The host's time that counts as 0.
  let origin: UInt64
  private var flushed: UInt64

  /// The bytes that wait to be written, at most about this many.
  private static let portion = 1 << 16
  /// The nanoseconds that they wait, at most.
  private static let patience: UInt64 = 1_000_000_000

  init(_ path: String, origin: UInt64) throws(FileError) {
    file = try StreamedFile(path)
    self.origin = origin
    flushed = origin
    bytes.reserveCapacity(2 * Self.portion)
  }

  /// A span of time on a track, with what follows its times: fields of JSON that begin with a comma.
  mutating func span(
    _ track: Track, _ time: ClosedRange<UInt64>, _ fields: [UInt8], now: UInt64
  ) {
    begin("X", track, time.lowerBound)
    append(",\"dur\":")
    append(microseconds: time.upperBound - time.lowerBound)
    bytes += fields
    end(now)
  }

  /// The values of a counter from now on.
  mutating func counter(
    _ track: Track, _ name: StaticString, _ values: KeyValuePairs<StaticString, Int>, now: UInt64
  ) {
    begin("C", track, now)
    append(",\"name\":\"")
    append(name)
    append("\",\"args\":{")
    for (index, (key, value)) in values.enumerated() {
      append(index == 0 ? "\"" : ",\"")
      append(key)
      append("\":")
      append(UInt64(value))
    }
    append("}")
    end(now)
  }

  /// Names a track, or its group.
  mutating func name(_ what: StaticString, of track: Track, _ name: String, now: UInt64) {
    begin("M", track, nil)
    append(",\"name\":\"")
    append(what)
    append("\",\"args\":{\"name\":")
    bytes += JSON.string(name)
    append("}")
    end(now)
  }

  /// Ends the file.
  mutating func finish() {
    guard !isFinished else { return }
    // No line break: some readers take nothing after the bracket.
    append(isFirst ? "[]" : "\n]")
    flush(0)
    isFinished = true
    do throws(FileError) { try file.finish() } catch { failure = failure ?? error }
  }

  // MARK: Bytes

  private mutating func begin(_ phase: StaticString, _ track: Track, _ time: UInt64?) {
    append(isFirst ? "[{\"ph\":\"" : ",\n{\"ph\":\"")
    isFirst = false
    append(phase)
    append("\",\"pid\":")
    append(UInt64(track.group))
    append(",\"tid\":")
    append(UInt64(track.number))
    if let time {
      append(",\"ts\":")
      append(microseconds: time > origin ? time - origin : 0)
    }
  }

  private mutating func end(_ now: UInt64) {
    append("}")
    if bytes.count >= Self.portion || now > flushed &+ Self.patience { flush(now) }
  }

  private mutating func flush(_ now: UInt64) {
    flushed = now
    if failure == nil && !isFinished {
      bytes.withUnsafeBytes { part in
        do throws(FileError) { try file.write(part) } catch { failure = error }
      }
    }
    bytes.removeAll(keepingCapacity: true)
  }

  private mutating func append(_ text: StaticString) {
    bytes.append(
      contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  private mutating func append(_ number: UInt64) {
    var digits: (UInt64, UInt64, UInt64) = (0, 0, 0)  // Room for 20 digits.
    withUnsafeMutableBytes(of: &digits) { digits in
      var (rest, place) = (number, digits.count)
      repeat {
        place -= 1
        digits[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
        rest /= 10
      } while rest > 0
      bytes.append(contentsOf: digits[place...])
    }
  }

  /// Nanoseconds in units of µs, with all their digits.
  private mutating func append(microseconds nanoseconds: UInt64) {
    append(nanoseconds / 1000)
    let rest = Int(nanoseconds % 1000)
    bytes.append(UInt8(ascii: "."))
    bytes.append(UInt8(ascii: "0") + UInt8(rest / 100))
    bytes.append(UInt8(ascii: "0") + UInt8(rest / 10 % 10))
    bytes.append(UInt8(ascii: "0") + UInt8(rest % 10))
  }
}

/// A line of a trace: a thread of the host, or the queue of a device.
struct Track: Hashable {
  /// The process of the format, here the host or a device.
  var group: Int
  /// The thread of the format; no two groups share one.
  var number: Int
}

enum JSON {
  /// A text in quotes.
  static func string(_ text: String) -> [UInt8] {
    var bytes = [UInt8(ascii: "\"")]
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
      case 0..<0x20: bytes.append(UInt8(ascii: " "))
      default: bytes.append(byte)
      }
    }
    return bytes + [UInt8(ascii: "\"")]
  }
}
