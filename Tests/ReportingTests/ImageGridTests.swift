import Testing

@testable import Reporting

@Suite struct ImageGridTests {
  @Test func laysOutRowByRow() {
    // Three images of 2 × 1 pixels in two columns.
    let grid = ImageGrid(
      bytes: [10, 20, 30, 40, 50, 60], imageWidth: 2, imageHeight: 1, columns: 2, gap: 1,
      background: 7)
    #expect((grid.rows, grid.columns) == (2, 2))
    #expect((grid.image.width, grid.image.height) == (5, 3))
    #expect(
      grid.image.pixels == [
        10, 20, 7, 30, 40,
        7, 7, 7, 7, 7,
        50, 60, 7, 7, 7,
      ])
  }

  @Test func scalesImagesAndGaps() {
    let grid = ImageGrid(
      bytes: [1, 2], imageWidth: 1, imageHeight: 1, columns: 9, scale: 2, gap: 1,
      background: 0)
    #expect(grid.columns == 2)
    #expect(
      grid.image.pixels == [
        1, 1, 0, 0, 2, 2,
        1, 1, 0, 0, 2, 2,
      ])
  }

  @Test func manyClassesStandSideBySide() {
    // Twenty-five classes, one image of a single pixel each: 25 rows would be a strip.
    let grid = ImageGrid(
      classes: (1...25).map { [$0] }, perRow: 1, imageWidth: 1, imageHeight: 1, scale: 1)
    #expect(ImageGrid.blocks(classes: 25, perRow: 1) == 4)
    #expect((grid.rows, grid.columns) == (7, 7))
    let first = (0..<7).map { grid.image.pixels[$0 * 2] }
    #expect(first == [1, 96, 8, 96, 15, 96, 22])
    let last = (0..<7).map { grid.image.pixels[12 * grid.image.width + $0 * 2] }
    #expect(last == [7, 96, 14, 96, 21, 96, 96])
    #expect(ImageGrid.blocks(classes: 10, perRow: 12) == 1)
    #expect(ImageGrid.blocks(classes: 52, perRow: 12) == 2)
    #expect(ImageGrid.blocks(classes: 255, perRow: 100_000) == 1)
  }

  @Test func aClassMayHaveFewerImages() {
    let grid = ImageGrid(
      classes: [[1, 2], [3], []], perRow: 2, imageWidth: 1, imageHeight: 1, scale: 1)
    #expect((grid.rows, grid.columns) == (3, 2))
    #expect(grid.image.pixels == [1, 96, 2, 96, 96, 96, 3, 96, 96, 96, 96, 96, 96, 96, 96])
    #expect(
      [1, 8, 28, 32, 48, 64, 300].map { ImageGrid.scale(width: $0, height: 1) } == [
        56, 7, 2, 2, 2, 1, 1,
      ])
  }

  @Test func convertsIntensities() {
    let images: [Float] = [0, 1, 0.5, -3, 7, .nan, .infinity, -.infinity, -0.0, 1 / 255]
    let grid = ImageGrid(images: images, imageWidth: 10, imageHeight: 1, columns: 1)
    #expect(grid.image.pixels == [0, 255, 128, 0, 255, 0, 255, 0, 0, 1])
  }

  @Test func keepsTheBytesOfADataset() {
    for byte in UInt8.min...UInt8.max { #expect(Reporting.byte(Float(byte) / 255) == byte) }
  }

  @Test func coloursStayTogether() {
    let grid = ImageGrid(
      bytes: [1, 2, 3, 4, 5, 6], imageWidth: 1, imageHeight: 1, channels: 3, columns: 2, gap: 1,
      background: 9)
    #expect(grid.image.channels == 3 && grid.image.width == 3 && grid.image.height == 1)
    #expect(grid.image.pixels == [1, 2, 3, 9, 9, 9, 4, 5, 6])
  }

  @Test func sheetsAreNumbered() {
    let sheet = NumberedSheet(
      bytes: [UInt8](repeating: 200, count: 3 * 64), imageWidth: 8, imageHeight: 8, channels: 1,
      columns: 2, scale: 2
    ).image
    #expect(sheet.height == 2 * (16 + 18) && sheet.width == 2 * (32 + 4) + 4)
    // The images, and ink of the numbers above each of the three.
    #expect(sheet.pixels.filter { $0 == 200 }.count == 3 * 256)
    func ink(_ column: Int, _ row: Int) -> Int {
      (0..<18).reduce(0) { sum, y in
        sum
          + (0..<36).count {
            sheet.pixels[(row * 34 + y) * sheet.width + 4 + column * 36 + $0 - 4] == 230
          }
      }
    }
    // Pixels of 1, 2 and 3 in the font, four of the picture to each.
    #expect(ink(0, 0) == 4 * 8 && ink(1, 0) == 4 * 11 && ink(0, 1) == 4 * 11 && ink(1, 1) == 0)
  }
}
