/// The windows along one side of an image: each covers `size` pixels, and the next begins `stride` pixels
/// further. They may begin up to `before` pixels before the image and end up to `after` pixels after it.
public struct Window: Sendable, Hashable {
  /// The number of pixels in a window.
  public let size: Int
  /// The distance from one window to the next.
  public let stride: Int
  /// The padding before the image.
  public let before: Int
  /// The padding after the image.
  public let after: Int

  /// Describes windows. The program stops unless size and stride are positive and each window overlaps the
  /// image.
  public init(_ size: Int, stride: Int = 1, before: Int, after: Int) {
    stopUnless(size > 0, "a window of \(size) pixels is none")
    stopUnless(stride > 0, "windows can't follow each other by a stride of \(stride)")
    stopUnless(
      0..<size ~= before && 0..<size ~= after,
      "margins of \(before) and \(after) must be smaller than a window of \(size), and not negative"
    )
    self.size = size
    self.stride = stride
    self.before = before
    self.after = after
  }

  /// Windows with the same padding on both sides.
  public init(_ size: Int, stride: Int = 1, padding: Int = 0) {
    self.init(size, stride: stride, before: padding, after: padding)
  }

  /// The number of windows along `extent` pixels.
  public func count(over extent: Int) -> Int {
    let room = extent + before + after
    stopUnless(
      extent > 0 && size <= room,
      "a window of \(size) does not fit \(extent) pixels with margins of \(before) and \(after)")
    return (room - size) / stride + 1
  }

  /// Whether the stride is 1 and there is no padding.
  package var isPlain: Bool { stride == 1 && before == 0 && after == 0 }

  /// The pixels of an image of this size that window `index` covers.
  package func covered(by index: Int, of extent: Int) -> Range<Int> {
    let start = index * stride - before
    return max(0, start)..<min(extent, start + size)
  }
}

/// One dimension of a convolution as a device computes it: from which pixels, real or padding, by which
/// taps of the kernel each result is computed, and where it goes.
///
/// Result i sums over taps m: pixel `start + i·step + m`, times tap `firstTap + m·tapStep`; it goes to
/// position `target + i·targetStep`. The input's gradient is such a sweep too: of the output's gradient,
/// with the taps reversed, and for a stride of s one for each of s remainders.
package struct Sweep: Sendable, Hashable {
  package var count: Int
  package var start: Int
  package var step: Int
  package var taps: Int
  package var firstTap = 0
  package var tapStep = 1
  package var target = 0
  package var targetStep = 1
  /// The size of the image that is read.
  package var extent: Int
  /// The size of the image that is written.
  package var targetExtent: Int

  /// The convolution itself.
  package init(_ window: Window, over extent: Int) {
    count = window.count(over: extent)
    (start, step, taps) = (-window.before, window.stride, window.size)
    self.extent = extent
    targetExtent = count
  }

  /// Its gradient at those pixels of the input whose position in the padded image, modulo the stride, is
  /// `remainder`; nil if there are none, or no tap reaches them.
  package init?(gradient window: Window, over extent: Int, remainder: Int) {
    let (stride, before) = (window.stride, window.before)
    taps = (window.size - remainder + stride - 1) / stride
    // The first and the last multiple of the stride.
    let first = (before - remainder + stride - 1) / stride
    let last = (extent - 1 + before - remainder) / stride
    guard taps > 0, extent - 1 + before >= remainder, last >= first else { return nil }
    count = last - first + 1
    (start, step) = (first - taps + 1, 1)
    (firstTap, tapStep) = (remainder + stride * (taps - 1), -stride)
    (target, targetStep) = (first * stride + remainder - before, stride)
    self.extent = window.count(over: extent)
    targetExtent = extent
  }

  /// The pixels that `count` results from `first` on are computed from.
  package func reach(_ first: Int, _ count: Int) -> Range<Int> {
    let start = start + first * step
    return start..<start + (count - 1) * step + taps
  }

  /// Whether no pixel lies in the padding.
  package var isInside: Bool {
    let reach = reach(0, count)
    return reach.lowerBound >= 0 && reach.upperBound <= extent
  }
}
