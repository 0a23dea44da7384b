import Testing

@testable import Datasets

@Suite struct ResamplingTests {
  /// Prepares an image of `rows` lines; a pixel of three channels is three numbers.
  func prepare(
    _ image: [UInt8], rows: Int, channels: Int = 1, _ preparation: Preparation
  ) -> [UInt8] {
    let source = ImageShape(
      rows: rows, columns: image.count / rows / channels, channels: channels)
    var out = [UInt8](repeating: 99, count: preparation.shape(of: source).count)
    image.withUnsafeBufferPointer { image in
      out.withUnsafeMutableBufferPointer { preparation.apply(image, of: source, into: $0) }
    }
    return out
  }

  @Test func leavesImagesAsTheyAre() {
    let image: [UInt8] = [1, 2, 3, 4, 5, 6]
    #expect(prepare(image, rows: 2, Preparation()) == image)
    #expect(prepare(image, rows: 2, Preparation(rows: 2, columns: 3)) == image)
    #expect(prepare(image, rows: 1, channels: 3, Preparation(channels: 3)) == image)
  }

  @Test func tellsShapes() {
    let source = ImageShape(rows: 4, columns: 6, channels: 3)
    #expect(Preparation().shape(of: source) == source)
    #expect(
      Preparation(isTransposed: true).shape(of: source)
        == ImageShape(rows: 6, columns: 4, channels: 3))
    #expect(
      Preparation(rows: 2, channels: 1, isTransposed: true).shape(of: source)
        == ImageShape(rows: 2, columns: 4))
  }

  @Test func averagesWholeAreas() {
    let image: [UInt8] = [
      0, 2, 10, 20,
      4, 6, 30, 41,
      255, 255, 0, 0,
      255, 255, 1, 1,
    ]
    // 25.25 and 0.5, which rounds up.
    #expect(prepare(image, rows: 4, Preparation(rows: 2, columns: 2)) == [3, 25, 255, 1])
    #expect(prepare(image, rows: 4, Preparation(rows: 1, columns: 1)) == [71])
  }

  @Test func averagesPartsOfPixels() {
    // Each pixel covers one and a half: (0 · 2 + 90 · 1) / 3 and (90 · 1 + 30 · 2) / 3.
    #expect(
      prepare([0, 90, 30], rows: 1, Preparation(rows: 1, columns: 2, fit: .stretch)) == [30, 50])
    #expect(
      prepare([0, 90, 30], rows: 3, Preparation(rows: 2, columns: 1, fit: .stretch)) == [30, 50])
    let image: [UInt8] = [0, 90, 30, 90, 180, 120, 30, 120, 60]
    // The outer products of 2, 1, 0 and 0, 1, 2, over nine.
    #expect(
      prepare(image, rows: 3, Preparation(rows: 2, columns: 2)) == [60, 80, 80, 100])
  }

  @Test func theMeanStays() {
    let image = (0..<35 * 77).map { UInt8(truncatingIfNeeded: $0 * $0) }
    let mean = Double(image.reduce(0) { $0 + Int($1) }) / Double(image.count)
    let one = prepare(image, rows: 35, Preparation(rows: 1, columns: 1, fit: .stretch))
    #expect(abs(Double(one[0]) - mean) <= 0.5)
    let white = [UInt8](repeating: 255, count: 35 * 77)
    for size in [1, 2, 3, 13, 34, 35, 36, 77, 101] {
      let out = prepare(white, rows: 35, Preparation(rows: size, columns: size, fit: .crop))
      #expect(out == [UInt8](repeating: 255, count: size * size))
    }
  }

  @Test func interpolatesWhatGrows() {
    let wider = Preparation(rows: 1, columns: 4, fit: .stretch)
    #expect(prepare([0, 100], rows: 1, wider) == [0, 25, 75, 100])
    #expect(
      prepare([0, 100], rows: 2, Preparation(rows: 4, columns: 1, fit: .stretch))
        == [0, 25, 75, 100])
    #expect(prepare([7], rows: 1, Preparation(rows: 2, columns: 2)) == [7, 7, 7, 7])
    // One axis grows while the other shrinks.
    #expect(
      prepare([0, 100, 100, 200], rows: 2, Preparation(rows: 1, columns: 4, fit: .stretch))
        == [50, 75, 125, 150])
  }

  @Test func cutsOutTheMiddle() {
    let image: [UInt8] = [1, 10, 20, 9, 2, 30, 40, 8]
    #expect(prepare(image, rows: 2, Preparation(rows: 2, columns: 2)) == [10, 20, 30, 40])
    #expect(prepare(image, rows: 2, Preparation(rows: 1, columns: 1)) == [25])
    // Of three columns two are left: one, and half of each beside it.
    #expect(prepare([0, 10, 40, 0, 10, 40], rows: 2, Preparation(rows: 1, columns: 1)) == [15])
    let tall: [UInt8] = [1, 2, 10, 20, 30, 40, 8, 9]
    #expect(prepare(tall, rows: 4, Preparation(rows: 2, columns: 2)) == [10, 20, 30, 40])
  }

  @Test func padsWithBlack() {
    let pad = Preparation(rows: 4, columns: 4, fit: .pad)
    #expect(
      prepare([1, 2, 3, 4, 5, 6, 7, 8], rows: 2, pad)
        == [0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0])
    #expect(
      prepare([1, 2, 3, 4, 5, 6, 7, 8], rows: 4, pad)
        == [0, 1, 2, 0, 0, 3, 4, 0, 0, 5, 6, 0, 0, 7, 8, 0])
    // A line is never lost, however thin.
    #expect(
      prepare(
        [UInt8](repeating: 50, count: 100), rows: 1, Preparation(rows: 2, columns: 2, fit: .pad))
        == [50, 50, 0, 0])
  }

  @Test func transposes() {
    let transposed = Preparation(isTransposed: true)
    #expect(prepare([1, 2, 3, 4, 5, 6], rows: 2, transposed) == [1, 4, 2, 5, 3, 6])
    #expect(
      prepare([1, 2, 3, 4, 5, 6], rows: 1, channels: 3, transposed) == [1, 2, 3, 4, 5, 6])
    #expect(
      prepare(
        [0, 2, 10, 20, 4, 6, 30, 40], rows: 2, Preparation(rows: 2, columns: 1, isTransposed: true))
        == [3, 25])
  }

  @Test func changesChannels() {
    let gray = Preparation(channels: 1)
    #expect(
      prepare([255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255], rows: 2, channels: 3, gray)
        == [76, 150, 29, 255])
    #expect(prepare([1, 2], rows: 1, Preparation(channels: 3)) == [1, 1, 1, 2, 2, 2])
    #expect(
      prepare([1, 2, 3, 4], rows: 2, Preparation(channels: 3, isTransposed: true))
        == [1, 1, 1, 3, 3, 3, 2, 2, 2, 4, 4, 4])
  }

  @Test func channelsStayApart() {
    #expect(
      prepare(
        [0, 100, 200, 10, 120, 240], rows: 1, channels: 3,
        Preparation(rows: 1, columns: 1, fit: .stretch))
        == [5, 110, 220])
  }
}
