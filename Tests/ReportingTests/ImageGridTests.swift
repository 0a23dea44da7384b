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

  @Test func convertsIntensities() {
    let images: [Float] = [0, 1, 0.5, -3, 7, .nan, .infinity, -.infinity, -0.0, 1 / 255]
    let grid = ImageGrid(images: images, imageWidth: 10, imageHeight: 1, columns: 1)
    #expect(grid.image.pixels == [0, 255, 128, 0, 255, 0, 255, 0, 0, 1])
  }

  @Test func keepsTheBytesOfADataset() {
    for byte in UInt8.min...UInt8.max { #expect(Reporting.byte(Float(byte) / 255) == byte) }
  }
}
