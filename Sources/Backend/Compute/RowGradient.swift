/// The gradient of results of which there is one for each row, such as losses.
public enum RowGradient: Sendable {
  /// A number for each row.
  case each(Buffer)
  /// The same number for all rows, as of a mean, which thus need not be stored.
  case all(Float)

  /// The numbers, if they are stored.
  package var buffer: Buffer? {
    switch self {
    case .each(let buffer): buffer
    case .all: nil
    }
  }

  /// The number of all rows, where none are stored.
  package var number: Float {
    switch self {
    case .each: 0
    case .all(let number): number
    }
  }

  /// Stops the program unless there is a number for each of `rows`.
  func require(_ rows: Int, _ name: StaticString) { buffer?.require(rows, name) }

  /// A number for each of `rows`, in compositions.
  func intermediate(_ rows: Int, on device: any Device) throws(DeviceError) -> Intermediate {
    switch self {
    case .each(let buffer): return Intermediate(buffer, [rows, 1], on: device)
    case .all(let number):
      return try Intermediate(number, on: device).reshaped([1, 1]).repeated([rows, 1])
    }
  }
}
