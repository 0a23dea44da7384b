import Files

/// The layout of images in an array.
struct ArrayLayout: Equatable {
  var count: Int
  var shape: ImageShape
  /// Whether channels are planar rather than interleaved.
  var isPlanar = false
}

extension NumberArray {
  /// Interprets the array as images: n × rows × columns, with channels first or last, or n × pixels of a
  /// square.
  /// - Throws: `FileError` when it can't be images, or is empty.
  func arrayLayout() throws(FileError) -> ArrayLayout {
    guard !bytes.isEmpty else { throw problem("holds no pixels (\(extents))") }
    let shape: ImageShape?
    var isPlanar = false
    switch dimensions.count {
    case 2:
      let side = Int(Double(stride).squareRoot().rounded())
      shape = side * side == stride ? ImageShape(rows: side, columns: side) : nil
    case 3:
      shape = ImageShape(rows: dimensions[1], columns: dimensions[2])
    case 4 where [1, 3].contains(dimensions[3]):
      shape = ImageShape(rows: dimensions[1], columns: dimensions[2], channels: dimensions[3])
    case 4 where [1, 3].contains(dimensions[1]):
      shape = ImageShape(rows: dimensions[2], columns: dimensions[3], channels: dimensions[1])
      isPlanar = dimensions[1] == 3
    default: shape = nil
    }
    guard let shape else {
      throw problem(
        "has the shape \(extents)",
        remedy: "images are n × rows × columns, with 1 or 3 channels before or after these, "
          + "or n × pixels of a square")
    }
    return ArrayLayout(count: dimensions[0], shape: shape, isPlanar: isPlanar)
  }

  /// The images as bytes, count × rows × columns × channels.
  consuming func pixels(_ layout: ArrayLayout, _ scale: PixelScale) -> [UInt8] {
    var pixels: [UInt8]
    if type == .uint8 && scale == .bytes {
      pixels = bytes
      bytes = []
    } else {
      pixels = [UInt8](unsafeUninitializedCapacity: count) { target, written in
        scan { index, value in
          target[index] = scale.byte(value)
          return true
        }
        written = count
      }
    }
    if layout.isPlanar { interleave(&pixels, layout.shape) }
    return pixels
  }
}

/// Interleaves planar channels.
func interleave(_ pixels: inout [UInt8], _ shape: ImageShape) {
  let (size, plane) = (shape.count, shape.rows * shape.columns)
  withUnsafeTemporaryAllocation(of: UInt8.self, capacity: size) { image in
    pixels.withUnsafeMutableBufferPointer { pixels in
      for start in stride(from: 0, to: pixels.count, by: size) {
        _ = image.update(fromContentsOf: pixels[start..<start + size])
        for pixel in 0..<plane {
          for channel in 0..<shape.channels {
            pixels[start + pixel * shape.channels + channel] = image[channel * plane + pixel]
          }
        }
      }
    }
  }
}

/// How the numbers of an array map to intensities.
enum PixelScale: Equatable {
  /// 0 to 255.
  case bytes
  /// 0 to a maximum: 1, or the 15 or 16 of some small digits.
  case upTo(Double)
  /// −1 to 1.
  case symmetric

  /// Infers the scale of a set from its smallest and largest numbers.
  /// - Throws: `FileError` for NaN, infinity, and numbers that fit no scale.
  init(of arrays: [NumberArray]) throws(FileError) {
    var least = Extreme(value: .infinity)
    var largest = Extreme(value: -.infinity)
    for array in arrays {
      let stranger = array.scan { index, value in
        guard value.isFinite else { return false }
        if value < least.value { least = Extreme(value: value, array: array, index: index) }
        if value > largest.value { largest = Extreme(value: value, array: array, index: index) }
        return true
      }
      if let (index, value) = stranger {
        throw array.problem(
          "at \(array.position(index)) is \(value)", remedy: "replace what is no number")
      }
    }
    // Resampled images overshoot a little.
    let some = 1e-3
    let isFloat = arrays.contains { $0.type.isFloat }
    if least.value < 0 {
      guard isFloat, least.value >= -1 - some, largest.value <= 1 + some else {
        throw (least.value < -1 - some || !isFloat ? least : largest).problem
      }
      self = .symmetric
    } else if largest.value <= (isFloat ? 1 + some : 1) {
      self = .upTo(1)
    } else if largest.value == 15 || largest.value == 16 {
      self = .upTo(largest.value)
    } else if largest.value <= 255, !isFloat || largest.value > 16 {
      self = .bytes
    } else {
      throw largest.problem
    }
  }

  /// The intensity of a number.
  @inline(__always)
  func byte(_ value: Double) -> UInt8 {
    let intensity =
      switch self {
      case .bytes: value
      case .upTo(let largest): value * (255 / largest)
      case .symmetric: (value + 1) * 127.5
      }
    return UInt8(min(255, max(0, intensity)).rounded())
  }

  /// A note about it for reports; nil for the obvious.
  var note: String? {
    switch self {
    case .bytes: nil
    case .upTo(let largest): "the numbers 0 to \(Int(largest)) became the intensities 0 to 255"
    case .symmetric: "the numbers −1 to 1 became the intensities 0 to 255"
    }
  }

  /// The smallest or the largest number.
  private struct Extreme {
    var value: Double
    var array: NumberArray?
    var index = 0

    var problem: FileError {
      let remedy = "scale the images to bytes of 0 to 255, or to floats of 0 to 1"
      guard let array else { return FileError("images", "are none", remedy: remedy) }
      return array.problem(
        "at \(array.position(index)) is \(value), outside of 0 to 255, 0 to 1 and −1 to 1",
        remedy: remedy)
    }
  }
}
