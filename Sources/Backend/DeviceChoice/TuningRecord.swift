import Compute
import Files
import Foundation

/// The ways in which one device, with one driver, was found to be faster than as usual.
public struct TuningRecord: Codable, Sendable, Equatable {
  /// Something that is not done as usual.
  public struct Choice: Codable, Sendable, Equatable {
    /// What is done; see ``/Compute/Decision/name``.
    public var name: String
    /// How it is done.
    public var way: String
    /// How it is done as usual.
    public var usual: String
    /// The time of the usual way in microseconds.
    public var usualMicroseconds: Double
    /// The time of this way in microseconds.
    public var microseconds: Double

    /// Describes a choice.
    public init(
      name: String, way: String, usual: String, usualMicroseconds: Double, microseconds: Double
    ) {
      self.name = name
      self.way = way
      self.usual = usual
      self.usualMicroseconds = usualMicroseconds
      self.microseconds = microseconds
    }
  }

  /// The version of the format, and of what the names mean.
  public static let currentFormat = 1

  /// The version of the format.
  public var format = TuningRecord.currentFormat
  /// The name of the platform.
  public var platform: String
  /// The name of the device.
  public var device: String
  /// The version of the driver.
  public var driver: String
  /// The number of compute units.
  public var computeUnits: Int
  /// The family of kernels.
  public var kernels: String
  /// What is not done as usual.
  public var choices: [Choice]

  /// A record of a device.
  public init(_ device: DeviceDescription, choices: [Choice] = []) {
    platform = device.platform
    self.device = device.name
    driver = device.driver
    computeUnits = device.computeUnits
    kernels = device.kernels
    self.choices = choices
  }

  /// The ways by name.
  public var ways: [String: String] {
    Dictionary(choices.map { ($0.name, $0.way) }) { $1 }
  }

  /// Reads a record from the text of a file.
  /// - Throws: ``TuningError`` when it is none.
  public init(_ bytes: [UInt8], path: String) throws {
    struct Version: Decodable { var format: Int }
    let data = Data(bytes)
    do {
      let format = try JSONDecoder().decode(Version.self, from: data).format
      guard format == Self.currentFormat else {
        throw TuningError(path, "has format \(format), not \(Self.currentFormat)")
      }
      self = try JSONDecoder().decode(Self.self, from: data)
    } catch let error as TuningError {
      throw error
    } catch {
      throw TuningError(path, "is damaged")
    }
  }

  /// Why it is not one of a device, or nil.
  public func mismatch(_ other: DeviceDescription) -> String? {
    let mine = [platform, device, driver, "\(computeUnits) units", "\(kernels) kernels"]
    let others = [
      other.platform, other.name, other.driver, "\(other.computeUnits) units",
      "\(other.kernels) kernels",
    ]
    let different = zip(mine, others).first { $0 != $1 }
    return different.map { "is of \($0), not of \($1)" }
  }
}

/// A file of a tuning that is not used.
public struct TuningError: Error, Sendable, CustomStringConvertible {
  /// The file, what is wrong with it, and what helps, in one line.
  public var description: String

  init(_ path: String, _ problem: String) {
    description = "\(path) \(problem); run digitalis tune to make it anew"
  }
}
