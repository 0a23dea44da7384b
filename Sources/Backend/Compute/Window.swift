/// How windows lie along one side of an image: each covers `size` pixels, and the next begins `stride`
/// pixels further. They may begin up to `before` pixels before the image and end up to `after` behind it.
public struct Window: Sendable, Hashable {
  /// The pixels of a window.
  public let size: Int
  /// From one window to the next.
  public let stride: Int
  /// The margin before the image.
  public let before: Int
  /// The margin behind the image.
  public let after: Int

  /// Describes windows. The program stops unless size and stride are positive and each window meets the
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

  /// Windows with the same margin on both sides.
  public init(_ size: Int, stride: Int = 1, padding: Int = 0) {
    self.init(size, stride: stride, before: padding, after: padding)
  }

  /// The windows along so many pixels.
  public func count(over extent: Int) -> Int {
    let room = extent + before + after
    stopUnless(
      extent > 0 && size <= room,
      "a window of \(size) does not fit \(extent) pixels with margins of \(before) and \(after)")
    return (room - size) / stride + 1
  }

  /// Whether windows follow each other pixel by pixel, without a margin.
  package var isPlain: Bool { stride == 1 && before == 0 && after == 0 }

  /// The pixels of an image of this extent that window `index` covers.
  package func covered(by index: Int, of extent: Int) -> Range<Int> {
    let start = index * stride - before
    return max(0, start)..<min(extent, start + size)
  }
}

/// One dimension of a convolution as a device computes it: which pixels, real or in a margin, each result is
/// made of, by which taps of the kernel, and where it goes.
///
/// Result i sums over taps m: pixel `start + i·step + m`, times tap `firstTap + m·tapStep`; it goes to place
/// `target + i·targetStep`. The gradient in the input is one of these too: of the output's gradient, with the
/// taps backwards, and for a stride of s one for each of s remainders.
package struct Sweep: Sendable, Hashable {
  package var count: Int
  package var start: Int
  package var step: Int
  package var taps: Int
  package var firstTap = 0
  package var tapStep = 1
  package var target = 0
  package var targetStep = 1
  /// The pixels of the image that is read.
  package var extent: Int
  /// The places of the image that is written.
  package var targetExtent: Int

  /// The convolution itself.
  package init(_ window: Window, over extent: Int) {
    count = window.count(over: extent)
    (start, step, taps) = (-window.before, window.stride, window.size)
    self.extent = extent
    targetExtent = count
  }

  /// Its gradient in those pixels of the input whose place in the margined image leaves a remainder by the
  /// stride; nil where there are none, or no tap meets them.
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

  /// The pixels that `count` results from `first` on are made of.
  package func reach(_ first: Int, _ count: Int) -> Range<Int> {
    let start = start + first * step
    return start..<start + (count - 1) * step + taps
  }

  /// Whether no pixel lies in a margin.
  package var isInside: Bool {
    let reach = reach(0, count)
    return reach.lowerBound >= 0 && reach.upperBound <= extent
  }
}
