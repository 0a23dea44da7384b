import Compute

/// How the CPU family divides a product: blocks of rows that share one packing of a panel of the right factor, which
/// is as wide as a register tile.
struct Panels: Sendable, Hashable, CustomStringConvertible {
  /// The rows of a block.
  var rows: Int
  /// The depth of a panel.
  var depth: Int
  /// The results that are kept in registers.
  var tile: Tuning.RegisterTile

  /// As a decision has it.
  var description: String {
    "blocks of \(rows) rows, panels of \(depth) × \(tile.columns)"
  }
}

extension Tuning {
  /// The usual panels of a product: many rows, to pack rarely, but few enough that every compute unit has work, and
  /// balanced.
  func panels(_ shape: Matmul) -> Panels {
    let columns = quotient(shape.n, registerTile.columns)
    var blocks = quotient(shape.m, 512)
    while columns * blocks < 4 * computeUnits && shape.m > 32 * blocks { blocks *= 2 }
    return panels(shape, blocks: blocks, depth: panelDepth, registerTile)
  }

  /// The panels to try for a product.
  func allPanels(_ shape: Matmul) -> [Panels] {
    let blocks = sequence(first: 1) { 2 * $0 <= min(64, quotient(shape.m, 16)) ? 2 * $0 : nil }
    var panels: [Panels] = []
    for tile in [RegisterTile.large, .small] {
      for depth in [panelDepth / 4, panelDepth / 2, panelDepth]
      where depth >= 16 && depth * tile.columns * 4 <= localMemory {
        panels += blocks.map { self.panels(shape, blocks: $0, depth: depth, tile) }
      }
    }
    // A product that is not deep has the same panel in several of these.
    var seen: Set<Panels> = []
    return panels.filter { seen.insert($0).inserted }
  }

  private func panels(_ shape: Matmul, blocks: Int, depth: Int, _ tile: RegisterTile) -> Panels {
    Panels(
      rows: quotient(quotient(shape.m, blocks), tile.rows) * tile.rows,
      depth: min(shape.k, depth), tile: tile)
  }
}
