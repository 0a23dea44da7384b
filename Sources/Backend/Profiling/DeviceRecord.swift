import Compute

/// What is known of a device so far.
struct DeviceRecord {
  /// The calls of an operation, with the fields of their events.
  struct Row {
    var sums: Profile.Operation
    /// The fields of a call on the host's track.
    var call: [UInt8]
    /// The fields of its run on the device's, where calls are timed.
    var run: [UInt8]
    /// The fields of each of its commands so far.
    var commands: [(command: DeviceCommand, fields: [UInt8])] = []
  }

  /// What tells the calls of rows apart.
  struct Key: Hashable {
    var name: String
    var detail = ""
    var extents: [Int] = []
  }

  let base: any Device
  let track: Track
  var use: Profile.DeviceUse
  var rows: [Row] = []
  var memory: MemoryUse?
  private var indices: [Key: Int] = [:]

  /// The most rows that are told apart by extents: those that depend on data could go on forever.
  private static let mostRows = 2000

  init(_ base: any Device, _ track: Track, _ label: String) {
    self.base = base
    self.track = track
    use = Profile.DeviceUse(label: label, description: base.description)
  }

  /// The device itself, if its commands have times of their own.
  var recorder: (any RecordingDevice)? { base.recorder }

  /// The row of a call.
  mutating func row(of key: Key, _ category: String, _ cost: Cost) -> Int {
    if let index = indices[key] { return index }
    if rows.count >= Self.mostRows && !(key.extents.isEmpty && key.detail.isEmpty) {
      return row(of: Key(name: key.name), category, cost)
    }
    let extents = key.extents.map(String.init)
    let name = [key.name, extents.joined(separator: "x"), key.detail]
      .filter { !$0.isEmpty }.joined(separator: " ")
    let label = JSON.string(name)
    // All transfers of a row have one size; the work of operations may depend on more than their extents.
    let bytes =
      category == "operation" || key.extents.isEmpty ? "" : ",\"bytes\":\(Int(cost.bytes))"
    let shape = Array(",\"args\":{\"shape\":[\(extents.joined(separator: ","))]\(bytes)}".utf8)
    indices[key] = rows.count
    rows.append(
      Row(
        sums: Profile.Operation(name: name),
        call: Array(",\"cat\":\"\(category)\",\"name\":".utf8) + label + shape,
        run: Array(",\"cat\":\"run\",\"name\":".utf8) + label
          + Array(",\"args\":{\"operation\":".utf8)
          + label + Array("}".utf8)))
    return rows.count - 1
  }

  /// The fields of a command on the device's track.
  mutating func fields(of command: DeviceCommand) -> [UInt8] {
    let (index, commands) = (command.owner, rows[command.owner].commands)
    if let known = commands.first(where: {
      $0.command.name == command.name && $0.command.byteCount == command.byteCount
    }) {
      return known.fields
    }
    let bytes = command.kind == .launch ? "" : "\"bytes\":\(command.byteCount),"
    let fields =
      Array(",\"cat\":\"\(command.kind)\",\"name\":".utf8) + JSON.string(command.name)
      + Array(",\"args\":{\(bytes)\"operation\":".utf8) + JSON.string(rows[index].sums.name)
      + Array("}".utf8)
    // Sizes that depend on data must not pile up.
    if commands.count < 16 { rows[index].commands.append((command, fields)) }
    return fields
  }

  /// What the device did, with its operations in the order of their times.
  var summary: Profile.DeviceUse {
    var use = use
    use.operations = rows.map(\.sums).filter { $0.calls > 0 }.sorted {
      ($0.nanoseconds, $1.name) > ($1.nanoseconds, $0.name)
    }
    use.clockError = recorder?.clockError
    return use
  }
}

extension Device {
  /// This device, if its commands have times of their own; otherwise those of the calls count.
  var recorder: (any RecordingDevice)? {
    (self as? any RecordingDevice).flatMap { $0.recordsCommands ? $0 : nil }
  }
}
