import Compute
import Testing

@testable import ComputeOpenCL

@Suite struct TilingTests {
  private func tuning(
    group: Int = 1024, localMemory: Int = 48 << 10, units: Int = 24
  ) -> Tuning {
    Tuning(family: .gpu, maximumGroup: group, localMemory: localMemory, computeUnits: units)
  }

  /// Two groups of the largest tiles fit in 48 KiB, and none is beyond what OpenCL 1.2 promises.
  @Test func tilesAreSmallEnough() {
    for tile in Tile.all {
      #expect(tile.group <= 256 && tile.localMemory <= 24 << 10)
      // Whole quads for each work-item, rows and columns.
      #expect(tile.size * tile.depth % (4 * tile.group) == 0)
      #expect(tile.size % (4 * tile.side) == 0 && tile.depth % 4 == 0 && 16 % tile.depth == 0)
    }
  }

  @Test(arguments: [
    (1024, 64, [128, 64, 32]), (256, 64, [128, 64, 32]), (256, 32, [128, 64, 32]),
    (256, 16, [32]), (255, 64, [32]), (64, 32, [32]), (64, 16, [32]), (63, 32, [16]),
    (16, 32, [16]), (15, 32, [4]), (1, 16, [4]), (1024, 0, [4]), (1024, 1, [4]),
  ])
  func tilesFitTheDevice(_ group: Int, _ kibibytes: Int, _ sizes: [Int]) {
    let tuning = tuning(group: group, localMemory: kibibytes << 10)
    #expect(tuning.tiles.map(\.size) == sizes)
    #expect(tuning.group <= group)
  }

  struct Choice: Sendable, CustomTestStringConvertible {
    var rows: Int, columns: Int, depth: Int, units: Int
    var tile: Int, parts: Int
    var testDescription: String { "\(rows)×\(columns)×\(depth), \(units) units" }
    init(_ rows: Int, _ columns: Int, _ depth: Int, on units: Int, _ tile: Int, parts: Int = 1) {
      (self.rows, self.columns, self.depth) = (rows, columns, depth)
      (self.units, self.tile, self.parts) = (units, tile, parts)
    }
  }

  @Test(arguments: [
    // Large products: the largest tile that gives every unit one.
    Choice(1024, 1024, 1024, on: 1, 128), Choice(1024, 1024, 1024, on: 24, 128),
    Choice(1024, 1024, 1024, on: 64, 128), Choice(1024, 1024, 1024, on: 65, 64),
    Choice(1024, 1024, 1024, on: 132, 64), Choice(4096, 4096, 4096, on: 132, 128),
    // The layers of the autoencoder, forward.
    Choice(128, 500, 784, on: 1, 128), Choice(128, 500, 784, on: 4, 128),
    Choice(128, 500, 784, on: 16, 64), Choice(128, 500, 784, on: 24, 32),
    Choice(128, 500, 784, on: 132, 32), Choice(128, 40, 500, on: 1, 64),
    Choice(128, 40, 500, on: 24, 32), Choice(128, 500, 20, on: 132, 32),
    // Gradients of weights.
    Choice(784, 500, 128, on: 24, 128), Choice(784, 500, 128, on: 132, 32),
    Choice(500, 40, 128, on: 132, 32), Choice(9216, 128, 128, on: 132, 64),
    // The dense layer of the classifier.
    Choice(128, 128, 9216, on: 24, 128, parts: 36), Choice(128, 128, 9216, on: 132, 64, parts: 36),
    Choice(128, 128, 9216, on: 2, 64), Choice(128, 128, 9216, on: 1, 128),
    // Tiles that would be idle for the most part.
    Choice(64, 4096, 64, on: 1, 64), Choice(65, 4096, 64, on: 1, 128),
    Choice(4096, 32, 64, on: 1, 32), Choice(4096, 33, 64, on: 1, 64), Choice(1, 1, 1, on: 1, 32),
    // The shortest products in parts.
    Choice(32, 32, 1023, on: 24, 32), Choice(32, 32, 1024, on: 24, 32, parts: 4),
  ])
  func choosesByShape(_ choice: Choice) {
    let tiling = tuning(units: choice.units).tiling(
      rows: choice.rows, columns: choice.columns, depth: choice.depth, longestPart: choice.depth)
    #expect(tiling.tile.size == choice.tile)
    #expect(tiling.parts == choice.parts)
    #expect(tiling.tiles == tiling.tile.count(rows: choice.rows, columns: choice.columns))
  }

  /// Parts cover the inner products, none is empty, and all but the last hold whole slabs.
  @Test func partsCoverTheWhole() {
    for units in [1, 24, 132, 1000] {
      for depth in [1, 15, 1023, 1031, 2000, 9216, 73728] {
        for longest in [depth, 4096] {
          let tiling = tuning(units: units).tiling(
            rows: 100, columns: 40, depth: depth, longestPart: longest)
          #expect(tiling.part * tiling.parts >= depth)
          #expect(tiling.part * (tiling.parts - 1) < depth)
          #expect(tiling.parts == 1 || tiling.part % 16 == 0)
          #expect(tiling.part <= (longest + 15) / 16 * 16)
        }
      }
    }
  }

  @Test func convolutionsAreInOnePiece() {
    #expect(tuning(units: 132).tiling(rows: 64, columns: 64, depth: 9216).parts == 1)
  }

  /// A long sum over few pixels' worth of work is cut where digits would be lost.
  @Test func longSumsAreCut() {
    let tiling = tuning(units: 1).tiling(
      rows: 288, columns: 64, depth: 73728, longestPart: 4096)
    #expect(tiling.parts == 18)
  }

  /// Whatever a shape may choose is among the variants, which small shapes can reach.
  @Test(arguments: [1, 64, 256]) func variantsForceEachTile(_ group: Int) {
    let tuning = tuning(group: group)
    let variants = tuning.variants
    #expect(Set(variants.map(\.name)).count == 2 * tuning.tiles.count)
    for (i, variant) in variants.enumerated() {
      let tiling = variant.tuning.tiling(rows: 68, columns: 132, depth: 36, longestPart: 36)
      #expect(tiling.tile == tuning.tiles[i % tuning.tiles.count])
      #expect(tiling.tile.defines == tuning.tiles[i % tuning.tiles.count].defines)
      #expect((tiling.parts > 1) == (i >= tuning.tiles.count))
      #expect(variant.tuning.defines(group: 64) == tuning.defines(group: 64), "the same programs")
    }
    let cpu = Tuning(family: .cpu, maximumGroup: 64, localMemory: 32 << 10, computeUnits: 2)
    #expect(cpu.variants.map(\.tuning.registerTile) == [.small])
    let narrow = Tuning(
      family: .cpu, maximumGroup: 64, localMemory: 32 << 10, computeUnits: 2, width: 8)
    #expect(narrow.registerTile == .small)
    #expect(narrow.variants.map(\.tuning.registerTile) == [.large])
  }

  /// On GPUs the numbers between the launches of a convolution by tiles must be worth what they save.
  @Test(arguments: [
    (32, 64, true), (64, 32, true), (32, 32, false), (16, 512, false), (64, 64, true),
  ])
  func convolutionsPayInTiles(_ channels: Int, _ filters: Int, _ pays: Bool) {
    let shape = Convolution(
      batch: 128, height: 26, width: 26, inputChannels: channels, outputChannels: filters)
    #expect(tuning().takesTiles(shape) == pays)
  }
}
