import Foundation

/// A trace in Chrome's JSON trace event format, read strictly.
public struct TraceFile {
  /// A line of the trace.
  public struct Track: Hashable, Sendable {
    /// The process: 1000 for the host, otherwise a device.
    public var group: Int
    /// The thread.
    public var number: Int

    /// A track by its numbers.
    public init(group: Int, number: Int) {
      self.group = group
      self.number = number
    }

    /// Whether it is one of the host's.
    public var isHost: Bool { group == 1000 }
  }

  /// An event of the trace; times are in nanoseconds.
  public struct Event: Sendable {
    /// `X` for a span of time, `C` for a counter, `M` for a name.
    public var phase: String
    /// Where it is.
    public var track: Track
    /// Its name.
    public var name: String
    /// Its category.
    public var category: String
    /// Its start.
    public var start: Int
    /// Its end; the start of what has no duration.
    public var end: Int
    /// The operation that a command belongs to.
    public var operation: String?
    /// The numbers of a counter.
    public var values: [String: Int] = [:]
  }

  /// The events in the order of the file.
  public var events: [Event] = []

  /// Reads the whole of a file.
  /// - Throws: What is not JSON, or not an event.
  public init(_ path: String) throws { try self.init(Data(contentsOf: URL(filePath: path))) }

  /// Reads the bytes of a file.
  /// - Throws: What is not JSON, or not an event.
  public init(_ bytes: Data) throws {
    guard let items = try JSONSerialization.jsonObject(with: bytes) as? [[String: Any]] else {
      throw Fault("no array of objects")
    }
    events = try items.map(Event.init)
  }

  /// Reads what there is of a file that was cut off, as Perfetto does: every whole object of the array.
  public static func readable(_ bytes: Data) throws -> [Event] {
    var (depth, start, inText, isEscaped) = (0, 0, false, false)
    var events: [Event] = []
    for (index, byte) in bytes.enumerated() {
      if inText {
        if byte == UInt8(ascii: "\""), !isEscaped { inText = false }
        isEscaped = byte == UInt8(ascii: "\\") && !isEscaped
      } else if byte == UInt8(ascii: "\"") {
        (inText, isEscaped) = (true, false)
      } else if byte == UInt8(ascii: "{") {
        if depth == 0 { start = index }
        depth += 1
      } else if byte == UInt8(ascii: "}") {
        depth -= 1
        guard depth == 0 else { continue }
        let object = try JSONSerialization.jsonObject(with: Data(bytes[start...index]))
        events.append(try Event(object as? [String: Any] ?? [:]))
      }
    }
    return events
  }

  /// The spans of each track, by their start, enclosing ones first.
  public var spans: [Track: [Event]] {
    Dictionary(grouping: events.filter { $0.phase == "X" }, by: \.track).mapValues {
      $0.sorted { ($0.start, $1.end) < ($1.start, $0.end) }
    }
  }

  /// Spans that are neither apart nor one inside the other, or on a device's track not apart: a viewer drops them.
  public var overlaps: [Event] {
    spans.flatMap { track, spans in
      var open: [Event] = []
      return spans.filter { span in
        while let last = open.last, last.end <= span.start { open.removeLast() }
        defer { open.append(span) }
        return open.last.map { !track.isHost || span.end > $0.end } ?? false
      }
    }
  }

  /// The time of each operation on the tracks of the devices, in nanoseconds.
  public var times: [String: Int] {
    events.filter { $0.phase == "X" && !$0.track.isHost }.reduce(into: [:]) {
      $0[$1.operation ?? "?", default: 0] += $1.end - $1.start
    }
  }

  /// The spans that enclose another on its track, innermost last.
  public func enclosing(_ inner: Event) -> [Event] {
    (spans[inner.track] ?? []).filter {
      $0.start <= inner.start && $0.end >= inner.end
        && ($0.start, $0.end) != (inner.start, inner.end)
    }
  }

  struct Fault: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
  }
}

extension TraceFile.Event {
  init(_ fields: [String: Any]) throws {
    func nanoseconds(_ key: String) throws -> Int {
      guard let number = fields[key] as? Double, number >= 0 else {
        throw TraceFile.Fault("no \(key) in \(fields)")
      }
      return Int((number * 1000).rounded())
    }
    guard let phase = fields["ph"] as? String, let group = fields["pid"] as? Int,
      let number = fields["tid"] as? Int, let name = fields["name"] as? String
    else { throw TraceFile.Fault("not an event: \(fields)") }
    let arguments = fields["args"] as? [String: Any] ?? [:]
    let start = phase == "M" ? 0 : try nanoseconds("ts")
    self.init(
      phase: phase, track: TraceFile.Track(group: group, number: number), name: name,
      category: fields["cat"] as? String ?? "", start: start,
      end: phase == "X" ? start + (try nanoseconds("dur")) : start,
      operation: arguments["operation"] as? String,
      values: phase == "C" ? arguments.compactMapValues { $0 as? Int } : [:])
  }
}
