extension Preparation {
  /// The shape of a prepared image.
  func shape(of source: ImageShape) -> ImageShape {
    ImageShape(
      rows: rows ?? (isTransposed ? source.columns : source.rows),
      columns: columns ?? (isTransposed ? source.rows : source.columns),
      channels: channels ?? source.channels)
  }

  /// Prepares one image: transposes it, scales it to the requested size, and converts it to gray or colour.
  ///
  /// Shrinking averages over the exact area of a new pixel; enlarging interpolates linearly. Both work on
  /// the raw bytes, as models do, not in linear light.
  ///
  /// - Parameters:
  ///   - image: source.count bytes.
  ///   - source: Its shape, with 1 or 3 channels, or as many as requested.
  ///   - target: As many bytes as ``shape(of:)`` counts.
  func apply(
    _ image: UnsafeBufferPointer<UInt8>, of source: ImageShape,
    into target: UnsafeMutableBufferPointer<UInt8>
  ) {
    ImagePlan(self, source).apply(image, into: target)
  }
}

/// The preparation of images of one size, planned once for many of them.
struct ImagePlan {
  /// The shape before.
  let source: ImageShape
  /// The shape after.
  let target: ImageShape

  private let isTransposed: Bool
  /// The channels during resampling: conversion to gray comes before, to colour after.
  private let channels: Int
  /// The resampling; nil if the size stays.
  private let resampling: Resampling?

  init(_ preparation: Preparation, _ source: ImageShape) {
    self.source = source
    target = preparation.shape(of: source)
    isTransposed = preparation.isTransposed
    channels = min(source.channels, target.channels)
    precondition(
      source.channels == target.channels || Set([source.channels, target.channels]) == [1, 3],
      "\(source.channels) channels cannot become \(target.channels)")
    let size =
      isTransposed
      ? (rows: target.columns, columns: target.rows) : (rows: target.rows, columns: target.columns)
    resampling =
      size == (source.rows, source.columns)
      ? nil
      : Resampling(
        from: (source.rows, source.columns), to: size, preparation.fit, channels: channels)
  }

  /// Prepares one image; see ``Preparation/apply(_:of:into:)``.
  func apply(_ image: UnsafeBufferPointer<UInt8>, into out: UnsafeMutableBufferPointer<UInt8>) {
    precondition(image.count == source.count && out.count == target.count)
    if source.channels == channels {
      resample(image, into: out)
    } else {
      withUnsafeTemporaryAllocation(of: UInt8.self, capacity: source.rows * source.columns) {
        makeGray(image, into: $0)
        resample(UnsafeBufferPointer($0), into: out)
      }
    }
  }

  private func resample(
    _ image: UnsafeBufferPointer<UInt8>, into out: UnsafeMutableBufferPointer<UInt8>
  ) {
    guard let resampling else { return arrange(image, into: out) }
    if !isTransposed && channels == target.channels { return resampling.apply(image, into: out) }
    let count = target.rows * target.columns * channels
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: count) {
      resampling.apply(image, into: $0)
      arrange(UnsafeBufferPointer($0), into: out)
    }
  }

  /// Moves pixels to their places, and gives them their channels.
  private func arrange(
    _ pixels: UnsafeBufferPointer<UInt8>, into out: UnsafeMutableBufferPointer<UInt8>
  ) {
    if !isTransposed && channels == target.channels {
      UnsafeMutableRawBufferPointer(out).copyMemory(from: UnsafeRawBufferPointer(pixels))
      return
    }
    // From one pixel to the next of its row, and from one row to the next.
    let (step, row) = isTransposed ? (target.rows, 1) : (1, target.columns)
    var next = 0
    for y in 0..<target.rows {
      for x in 0..<target.columns {
        let pixel = (y * row + x * step) * channels
        for channel in 0..<target.channels {
          out[next] = pixels[pixel + (channels == 1 ? 0 : channel)]
          next += 1
        }
      }
    }
  }
}

/// Converts RGB to gray: the luma of Rec. 601, 0.299 R + 0.587 G + 0.114 B, rounded.
private func makeGray(
  _ image: UnsafeBufferPointer<UInt8>, into gray: UnsafeMutableBufferPointer<UInt8>
) {
  // In parts of 65,536, which add up to one: white stays white.
  for index in gray.indices {
    let (red, green) = (UInt32(image[3 * index]), UInt32(image[3 * index + 1]))
    let sum = 19595 &* red &+ 38470 &* green &+ 7471 &* UInt32(image[3 * index + 2])
    gray.initializeElement(at: index, to: UInt8(truncatingIfNeeded: (sum &+ 32768) >> 16))
  }
}
