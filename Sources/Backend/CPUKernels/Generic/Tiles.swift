import Compute

/// A column of register tiles of the result of a matrix product.
package struct Tile {
  /// The length of the inner products, or of a segment of them.
  package var depth: Int
  /// The number of segments: separate stretches of the left factor.
  package var segments: Int
  /// The distance between the starts of segments.
  package var segmentStride: Int
  /// The upper left element.
  package var c: Output
  /// The distance between rows.
  package var stride: Int
  /// The rows inside the matrix, of all tiles.
  package var rows: Int
  /// The columns inside the matrix, at most the table's `tileColumns`.
  package var columns: Int
  /// Add to what `c` holds.
  package var accumulate: Bool
  /// One number for each column, or nil.
  package var bias: Input?
  /// Applied last.
  package var activation: UnaryFunction

  /// Describes a tile.
  package init(
    depth: Int, segments: Int = 1, segmentStride: Int = 0, c: Output, stride: Int, rows: Int,
    columns: Int, accumulate: Bool, bias: Input?, activation: UnaryFunction
  ) {
    self.depth = depth
    self.segments = segments
    self.segmentStride = segmentStride
    self.c = c
    self.stride = stride
    self.rows = rows
    self.columns = columns
    self.accumulate = accumulate
    self.bias = bias
    self.activation = activation
  }
}

/// The rows of the left factor that a column of tiles reads.
///
/// Element k of row r is `start[r·stride + k]` where rows are contiguous, otherwise `start[r + k·stride]`.
package struct TileRows {
  package var start: Input
  package var stride: Int
  package var isContiguous: Bool
  /// The distance from the rows of a tile to those of the next.
  package var tileStride: Int

  /// Rows that are contiguous, `rowStride` apart.
  package static func along(
    start: Input, rowStride: Int, tileStride: Int = 0
  ) -> TileRows {
    TileRows(start: start, stride: rowStride, isContiguous: true, tileStride: tileStride)
  }

  /// Interleaved rows: the next element of each is `step` further.
  package static func across(start: Input, step: Int, tileStride: Int = 0) -> TileRows {
    TileRows(start: start, stride: step, isContiguous: false, tileStride: tileStride)
  }
}

/// The lines of the right factor that a column of tiles reads: each as wide as a tile.
package struct TileLines {
  package var start: Input
  /// The distance between lines.
  package var stride: Int
  /// Room for the packed lines; the first tile packs them for those below it.
  package var panel: Output?
  /// The lines that the next column of tiles will read, with the same stride: they are prefetched.
  package var next: Input?

  /// Describes lines.
  package init(start: Input, stride: Int, panel: Output? = nil, next: Input? = nil) {
    self.start = start
    self.stride = stride
    self.panel = panel
    self.next = next
  }
}

/// One tile of a convolution by tiles of 4 × 4 results, for a panel of channels.
package struct WinogradTile {
  /// The upper left element of the tile, which is written, or read if it is a gradient.
  package var y: Output
  /// The distance between rows.
  package var rowStride: Int
  /// The distance between columns.
  package var columnStride: Int
  /// The rows inside the image.
  package var rows: Int
  /// The columns inside the image.
  package var columns: Int
  /// The channels, at most the table's `tileColumns`.
  package var channels: Int
  /// The results are the maxima of the tile's windows of 2 × 2.
  package var isPooled: Bool
  /// Add to what `y` holds.
  package var accumulate: Bool
  /// One number for each channel, or nil.
  package var bias: Input?
  /// Applied last.
  package var activation: UnaryFunction

  /// Describes a tile.
  package init(
    y: Output, rowStride: Int, columnStride: Int, rows: Int, columns: Int, channels: Int,
    isPooled: Bool, accumulate: Bool, bias: Input?, activation: UnaryFunction
  ) {
    self.y = y
    self.rowStride = rowStride
    self.columnStride = columnStride
    self.rows = rows
    self.columns = columns
    self.channels = channels
    self.isPooled = isPooled
    self.accumulate = accumulate
    self.bias = bias
    self.activation = activation
  }
}
