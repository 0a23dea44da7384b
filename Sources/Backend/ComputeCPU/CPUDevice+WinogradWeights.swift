import CPUKernels
import Compute

/// The weight gradient of a convolution computed by tiles (see `Winograd.swift` of the kernels), with a
/// quarter of the multiplications: in the transformed space it is 36 matrix products whose inner dimension
/// is the tiles.
struct WinogradWeightLoop {
  private let loop: WinogradLoop
  private let x: Input
  private let dy: Input

  init(_ loop: WinogradLoop, x: Input, dy: Input) {
    self.loop = loop
    self.x = x
    self.dy = dy
  }

  /// The tiles summed in registers: the more, the fewer stores of sums.
  private let groupTiles = 24
  private var width: Int { loop.kernels.tileColumns }
  /// The products of a panel of output channels.
  private var productCount: Int { loop.points * loop.channels * width }
  private var gradientCount: Int { groupTiles * loop.points * width }
  /// The room that a thread needs: transformed patches and gradients of a group of tiles, the products
  /// of all panels, a patch, and 56 vectors.
  var room: Int {
    (groupTiles + 1) * loop.patchCount + gradientCount + loop.panels * productCount
      + 56 * loop.kernels.lanes
  }

  /// The sum over some images.
  func sum(_ images: Range<Int>, _ dw: Output, _ room: Output) {
    let patches = room
    let gradients = patches + groupTiles * loop.patchCount
    let products = gradients + gradientCount
    let rest = products + loop.panels * productCount
    let tiles = images.lowerBound * loop.imageTiles..<images.upperBound * loop.imageTiles
    for first in stride(from: tiles.lowerBound, to: tiles.upperBound, by: groupTiles) {
      let count = min(groupTiles, tiles.upperBound - first)
      for tile in 0..<count {
        loop.transformInput(first + tile, x, patches + tile * loop.patchCount, rest)
      }
      for panel in 0..<loop.panels {
        for tile in 0..<count {
          // It is only read.
          let place = loop.output(first + tile, panel * width, Output(mutating: dy))
          loop.kernels.winogradOutputGradient(
            place, gradients + tile * width, count * width, rest)
        }
        loop.kernels.winogradWeightProducts(
          patches, loop.channels, gradients, count, first > tiles.lowerBound,
          products + panel * productCount)
      }
    }
    let shape = loop.shape
    for panel in 0..<loop.panels {
      let column = panel * width
      for c in 0..<shape.inputChannels {
        loop.kernels.winogradWeightGradient(
          products + panel * productCount + c * width, loop.channels * width,
          min(width, shape.outputChannels - column), dw + c * shape.outputChannels + column,
          shape.inputChannels * shape.outputChannels, rest)
      }
    }
  }
}
