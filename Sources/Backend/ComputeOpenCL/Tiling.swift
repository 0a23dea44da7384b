/// A square of results that a work-group of the GPU family computes; see `Kernels/tile.cl`.
struct Tile: Sendable, Hashable {
  /// The rows and columns of results.
  var size: Int
  /// The work-items along each side of the work-group.
  var side: Int
  /// The columns of a slab, of which two of each factor lie in local memory.
  var depth: Int

  /// All tiles that the kernels can be built for, largest first.
  static let all = [
    Tile(size: 128, side: 16, depth: 8), Tile(size: 64, side: 16, depth: 16),
    Tile(size: 32, side: 8, depth: 8), Tile(size: 16, side: 4, depth: 4),
    Tile(size: 4, side: 1, depth: 4),
  ]

  /// That of a single work-item, which every device can run.
  static let smallest = all[all.count - 1]

  /// The tiles that work-groups of `group` work-items with `localMemory` bytes have room for, largest first.
  static func fitting(group: Int, localMemory: Int) -> [Tile] {
    all.filter { $0.group <= group && $0.localMemory <= localMemory }
  }

  /// The work-items of a work-group.
  var group: Int { side * side }
  /// The local memory of a work-group in bytes, with three integers for each row of a convolution; a single
  /// work-item needs none.
  var localMemory: Int { group == 1 ? 0 : 4 * (4 * depth * (size + 4) + 3 * size) }
  /// The defines that the kernels are built with.
  var defines: String { "-DTILE=\(size) -DSIDE=\(side) -DDEPTH=\(depth)" }

  /// The tiles of a matrix of results.
  func count(rows: Int, columns: Int) -> Int { quotient(rows, size) * quotient(columns, size) }
}

/// How a product is divided among work-groups: by tiles, and by parts of the inner products.
struct Tiling: Sendable, Hashable, CustomStringConvertible {
  /// The tile of one work-group.
  var tile: Tile
  /// The number of tiles.
  var tiles: Int
  /// The length of a part of the inner products.
  var part: Int
  /// The number of parts. If more than one, they are added in a second launch.
  var parts: Int

  /// As a decision has it.
  var description: String {
    "tiles of \(tile.size) × \(tile.size)" + (parts > 1 ? " in \(parts) parts" : "")
  }

  init(tile: Tile, tiles: Int, part: Int, parts: Int) {
    (self.tile, self.tiles, self.part, self.parts) = (tile, tiles, part, parts)
  }

  /// A division into about `parts` parts, each a multiple of any tile's slabs.
  init(_ tile: Tile, rows: Int, columns: Int, depth: Int, parts: Int) {
    self.tile = tile
    tiles = tile.count(rows: rows, columns: columns)
    part = parts == 1 ? depth : quotient(quotient(depth, parts), 16) * 16
    self.parts = quotient(depth, part)
  }
}

extension Tuning {
  /// The largest tile that gives every compute unit one, otherwise the largest that does so in parts,
  /// otherwise the smallest. Tiles with more than half of their rows or columns idle are excluded.
  ///
  /// - Parameters:
  ///   - rows: The rows of the product.
  ///   - columns: The columns of the product.
  ///   - depth: The length of the inner products.
  ///   - longestPart: If the inner products may be split, the maximum length of a part.
  ///   - number: How many such products one launch computes.
  func tiling(
    rows: Int, columns: Int, depth: Int, longestPart: Int? = nil, number: Int = 1
  ) -> Tiling {
    let smallest = tiles[tiles.count - 1]
    let candidates = tiles.filter { $0 == smallest || 2 * min(rows, columns) > $0.size }
    let isDivisible = longestPart != nil && depth >= 4 * shortestPart
    let mostParts = isDivisible ? depth / shortestPart : 1
    func count(_ tile: Tile) -> Int { number * tile.count(rows: rows, columns: columns) }
    let tile =
      candidates.first { count($0) >= computeUnits }
      ?? candidates.first { count($0) * mostParts >= computeUnits } ?? smallest

    var parts = 1
    if count(tile) < computeUnits {
      parts = min(mostParts, quotient(2 * computeUnits, count(tile)))
    }
    if let longestPart { parts = max(parts, quotient(depth, longestPart)) }
    // Some GPUs allow no more groups in the second dimension of a grid.
    parts = min(parts, 65_535)
    return Tiling(tile, rows: rows, columns: columns, depth: depth, parts: parts)
  }

  /// The divisions to try for a product: each tile that fits, in 1, 2, 4 … parts of 64 terms or more.
  func tilings(below group: Int, rows: Int, columns: Int, depth: Int, longestPart: Int?)
    -> [Tiling]
  {
    let fewest = longestPart.map { quotient(depth, $0) } ?? 1
    let most = longestPart == nil ? 1 : max(fewest, min(64, depth / 64))
    let counts = sequence(first: fewest) { 2 * $0 <= most ? 2 * $0 : nil }
    return allTiles(below: group).flatMap { tile in
      counts.map { Tiling(tile, rows: rows, columns: columns, depth: depth, parts: $0) }
    }
  }
}
