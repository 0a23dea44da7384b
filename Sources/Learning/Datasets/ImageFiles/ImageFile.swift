import Files

/// The pixels of a PNG or JPEG file, distinguished by the first bytes.
///
/// 16 bits become 8, palettes and CMYK become RGB; a JPEG picture is rotated by its EXIF orientation, and
/// transparency becomes white.
public struct ImageFile: Sendable {
  /// The shape: one channel for grey, three for colour.
  public let shape: ImageShape
  /// The intensities, row by row.
  public let pixels: [UInt8]

  /// Decodes the bytes of a file.
  ///
  /// - Parameters:
  ///   - file: The bytes of the file.
  ///   - path: The path named in errors.
  ///   - pixelLimit: The maximum number of pixels, 64 million at most; tiny files may hold that many.
  /// - Throws: `FileError` for any other or damaged file.
  public init(
    _ file: [UInt8], of path: String, pixelLimit: Int = .max
  ) throws(FileError) {
    do throws(ImageProblem) {
      let decoder = try ImageDecoder()
      let shape = try decoder.shape(of: file)
      guard shape.rows * shape.columns <= pixelLimit else {
        throw ImageProblem(text: "has \(shape) pixels, more than \(pixelLimit)")
      }
      (self.shape, pixels) = try decoder.read(file) { ($0, Array($1)) }
    } catch {
      throw FileError(path, error.text, remedy: error.remedy ?? "repair the file")
    }
  }
}

extension ImageDataset {
  /// Single pictures, prepared to one size, without labels.
  ///
  /// - Parameters:
  ///   - paths: PNG or JPEG files, at least one.
  ///   - preparation: Must specify rows, columns and channels.
  /// - Throws: `FileError` for a file that is missing, damaged, or something else.
  public init(pictures paths: [String], _ preparation: Preparation) throws(FileError) {
    var bytes: [UInt8] = []
    var shape: ImageShape?
    for path in paths {
      let file = try ImageFile(try readFile(path), of: path)
      let target = preparation.shape(of: file.shape)
      precondition(shape == nil || shape == target, "pictures prepared to one size")
      shape = target
      var prepared = [UInt8](repeating: 0, count: target.count)
      file.pixels.withUnsafeBufferPointer { source in
        prepared.withUnsafeMutableBufferPointer { target in
          preparation.apply(source, of: file.shape, into: target)
        }
      }
      bytes += prepared
    }
    guard let shape else {
      throw FileError("", "names no picture", remedy: "name a PNG or JPEG file")
    }
    self.init(
      name: paths.joined(separator: ","), images: bytes,
      labels: [UInt8](repeating: Self.unlabelled, count: paths.count), shape: shape,
      classNames: [])
  }
}
