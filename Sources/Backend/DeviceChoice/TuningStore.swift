import Compute
import Files
import Foundation

/// The tunings of this machine's devices: a folder with a file for each.
public struct TuningStore: Sendable {
  /// The folder.
  public var folder: String
  /// A file that is used in place of those in the folder.
  public var file: String?

  /// The tunings in a folder, by default in the user's cache folder.
  public init(folder: String? = nil, file: String? = nil) {
    let cache = cacheFolder(ProcessInfo.processInfo.environment)
    self.folder = folder ?? "\(cache)/digitalis/tunings"
    self.file = file
  }

  /// The file of a device.
  public func path(of device: DeviceDescription) -> String {
    if let file { return file }
    let parts = [
      device.platform, device.name, device.driver, "\(device.computeUnits)", device.kernels,
    ]
    let name = parts.joined(separator: " ").map { character in
      character.isASCII && (character.isLetter || character.isNumber || character == ".")
        ? String(character).lowercased() : "-"
    }
    return "\(folder)/\(name.joined().prefix(200)).json"
  }

  /// The tuning of a device; nil if there is none.
  /// - Throws: ``TuningError`` when its file is damaged, of another version or of another device, `FileError` when it
  ///   cannot be read.
  public func record(of device: DeviceDescription) throws -> TuningRecord? {
    let path = path(of: device)
    guard file != nil || access(path, F_OK) == 0 else { return nil }
    let record = try TuningRecord(try readFile(path, limit: 1 << 22), path: path)
    if let mismatch = record.mismatch(device) { throw TuningError(path, mismatch) }
    return record
  }

  /// The ways of a device that is tuned; none if it is not, or its file is not used.
  public func ways(of device: DeviceDescription) -> [String: String] {
    (try? record(of: device))?.ways ?? [:]
  }

  /// Keeps the tuning of a device. Returns its path.
  /// - Throws: `FileError` when it cannot be written.
  public func keep(_ record: TuningRecord, of device: DeviceDescription) throws -> String {
    let path = path(of: device)
    if file == nil { try makeFolder(folder) }
    try writeAtomically(try jsonText(record), to: path)
    return path
  }

  /// What is known of the tuning of a device, in a line, for people.
  public func note(_ device: DeviceDescription) -> String? {
    do {
      guard let record = try record(of: device) else { return nil }
      return "\(device.name) is tuned in \(record.choices.count) ways by \(path(of: device))"
    } catch {
      return "\(error)"
    }
  }
}
