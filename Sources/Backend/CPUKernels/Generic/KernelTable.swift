import Compute

/// Numbers that an inner loop reads.
package typealias Input = UnsafePointer<Float>
/// Numbers that an inner loop writes.
package typealias Output = UnsafeMutablePointer<Float>

/// The inner loops of the CPU device, compiled for one instruction set.
///
/// The same sources (`Shared`) are built three times, with vectors of 4, 8 and 16 numbers; each build fills
/// one table, and the device picks the table for its processor. The loops work on one range in one thread;
/// each is documented at its definition.
package final class KernelTable: Sendable {
  package let instructionSet: String
  package let lanes: Int
  package let tileRows: Int
  package let tileColumns: Int
  package let packLines:
    @Sendable (
      _ source: Input, _ stride: Int, _ depth: Int, _ valid: Int, _ width: Int, _ panel: Output
    ) -> Void
  package let packTurned:
    @Sendable (
      _ source: Input, _ stride: Int, _ depth: Int, _ valid: Int, _ width: Int, _ panel: Output
    ) -> Void
  package let multiply: @Sendable (_ tile: Tile, _ a: TileRows, _ b: TileLines) -> Void
  package let dotRows:
    @Sendable (
      _ w: Input, _ stride: Int, _ rows: Int, _ x: Input, _ depth: Int, _ accumulate: Bool,
      _ y: Output
    ) -> Void
  package let addRows:
    @Sendable (
      _ w: Input, _ stride: Int, _ rows: Int, _ x: Input, _ columns: Int, _ accumulate: Bool,
      _ y: Output
    ) -> Void
  package let winogradKernels:
    @Sendable (
      _ kernels: Input, _ tapStride: Int, _ count: Int, _ u: Output, _ pointStride: Int,
      _ room: Output
    ) -> Void
  package let winogradInput:
    @Sendable (
      _ patch: Input, _ rowStride: Int, _ channels: Int, _ v: Output, _ room: Output
    ) -> Void
  package let winogradProducts:
    @Sendable (
      _ v: Input, _ channels: Int, _ depth: Int, _ u: Input, _ m: Output, _ tiles: Int
    ) -> Void
  package let winogradOutput: @Sendable (_ m: Input, _ tile: WinogradTile, _ room: Output) -> Void
  package let winogradOutputGradient:
    @Sendable (_ tile: WinogradTile, _ d: Output, _ pointStride: Int, _ room: Output) -> Void
  package let winogradWeightProducts:
    @Sendable (
      _ v: Input, _ channels: Int, _ d: Input, _ tiles: Int, _ accumulate: Bool, _ m: Output
    ) -> Void
  package let winogradWeightGradient:
    @Sendable (
      _ m: Input, _ pointStride: Int, _ count: Int, _ gradient: Output, _ tapStride: Int,
      _ room: Output
    ) -> Void
  package let map:
    @Sendable (_ function: UnaryFunction, _ x: Input, _ y: Output, _ count: Int) -> Void
  package let mapGradient:
    @Sendable (
      _ function: UnaryFunction, _ y: Input, _ dy: Input, _ dx: Output, _ count: Int,
      _ accumulate: Bool
    ) -> Void
  package let zip:
    @Sendable (_ function: BinaryFunction, _ a: Input, _ b: Input, _ c: Output, _ count: Int) ->
      Void
  package let select:
    @Sendable (_ condition: Input, _ a: Input, _ b: Input, _ y: Output, _ count: Int) -> Void
  package let scaledAdd:
    @Sendable (_ alpha: Float, _ x: Input, _ beta: Float, _ y: Output, _ count: Int) -> Void
  package let widen:
    @Sendable (_ bytes: UnsafePointer<UInt8>, _ scale: Float, _ y: Output, _ count: Int) -> Void
  package let reduceRow:
    @Sendable (_ function: Reduction.Function, _ x: Input, _ count: Int) -> Float
  package let reduceColumns:
    @Sendable (
      _ function: Reduction.Function, _ x: Input, _ stride: Int, _ rows: Int, _ y: Output,
      _ columns: Int
    ) -> Void
  package let random:
    @Sendable (
      _ distribution: Distribution, _ stream: RandomStream, _ block: Int,
      _ y: UnsafeMutablePointer<UInt32>, _ count: Int
    ) -> Void
  package let crossEntropy: @Sendable (_ logits: Input, _ targets: Input, _ count: Int) -> Float
  package let crossEntropyGradient:
    @Sendable (
      _ logits: Input, _ targets: Input, _ scale: Float, _ dl: Output, _ count: Int,
      _ accumulate: Bool
    ) -> Void
  package let reparameterize:
    @Sendable (_ mean: Input, _ logVariance: Input, _ noise: Input, _ z: Output, _ count: Int) ->
      Void
  package let reparameterizeGradient:
    @Sendable (
      _ logVariance: Input, _ noise: Input, _ dz: Input, _ dMean: Output, _ dLogVariance: Output,
      _ count: Int, _ accumulate: Bool
    ) -> Void
  package let gaussianDivergence:
    @Sendable (_ mean: Input, _ logVariance: Input, _ count: Int) -> Float
  package let gaussianDivergenceGradient:
    @Sendable (
      _ mean: Input, _ logVariance: Input, _ scale: Float, _ dMean: Output, _ dLogVariance: Output,
      _ count: Int, _ accumulate: Bool
    ) -> Void
  package let kernelSum:
    @Sendable (_ x: Input, _ y: Input, _ stride: Int, _ dimension: Int, _ width: Float) -> Float
  package let kernelSumGradient:
    @Sendable (
      _ x: Input, _ y: Input, _ stride: Int, _ dimension: Int, _ width: Float, _ weight: Float,
      _ yWeights: Input?, _ coefficients: Output, _ dx: Output, _ accumulate: Bool
    ) -> Void
  package let adam:
    @Sendable (
      _ adam: AdamStep, _ parameters: Output, _ gradients: Input, _ firstMoments: Output,
      _ secondMoments: Output, _ count: Int
    ) -> Void
  package let gradientDescent:
    @Sendable (
      _ descent: GradientDescentStep, _ parameters: Output, _ gradients: Input,
      _ velocities: Output, _ count: Int
    ) -> Void
  package let maxPoolRows:
    @Sendable (_ top: Input, _ bottom: Input, _ windows: Int, _ channels: Int, _ y: Output) -> Void
  package let maxPoolGradientRows:
    @Sendable (
      _ top: Input, _ bottom: Input, _ dy: Input, _ windows: Int, _ channels: Int, _ dTop: Output,
      _ dBottom: Output, _ accumulate: Bool
    ) -> Void
  package let logSumExp: @Sendable (_ x: Input, _ origin: Float, _ count: Int) -> Float
  package let scaledExponential:
    @Sendable (
      _ x: Input, _ shift: Float, _ scale: Float, _ y: Output, _ count: Int, _ accumulate: Bool
    ) -> Void
  package let scaleRow:
    @Sendable (_ x: Input, _ scale: Input, _ shift: Input, _ y: Output, _ count: Int) -> Void
  package let normalizeRow: @Sendable (_ x: Input, _ y: Output, _ count: Int) -> Void
  /// The number of vectors that ``multiplyAdds`` keeps.
  package let multiplyAddSums: Int
  package let multiplyAdds: @Sendable (_ rounds: Int, _ factor: Float, _ y: Output) -> Void
  package let dropout:
    @Sendable (
      _ rate: Float, _ stream: RandomStream, _ block: Int, _ x: Input, _ y: Output, _ count: Int
    ) -> Void

  /// Fills a table.
  package init(
    instructionSet: String, lanes: Int, tileRows: Int, tileColumns: Int,
    packLines: @escaping @Sendable (Input, Int, Int, Int, Int, Output) -> Void,
    packTurned: @escaping @Sendable (Input, Int, Int, Int, Int, Output) -> Void,
    multiply: @escaping @Sendable (Tile, TileRows, TileLines) -> Void,
    dotRows: @escaping @Sendable (Input, Int, Int, Input, Int, Bool, Output) -> Void,
    addRows: @escaping @Sendable (Input, Int, Int, Input, Int, Bool, Output) -> Void,
    winogradKernels: @escaping @Sendable (Input, Int, Int, Output, Int, Output) -> Void,
    winogradInput: @escaping @Sendable (Input, Int, Int, Output, Output) -> Void,
    winogradProducts: @escaping @Sendable (Input, Int, Int, Input, Output, Int) -> Void,
    winogradOutput: @escaping @Sendable (Input, WinogradTile, Output) -> Void,
    winogradOutputGradient: @escaping @Sendable (WinogradTile, Output, Int, Output) -> Void,
    winogradWeightProducts: @escaping @Sendable (Input, Int, Input, Int, Bool, Output) -> Void,
    winogradWeightGradient: @escaping @Sendable (Input, Int, Int, Output, Int, Output) -> Void,
    map: @escaping @Sendable (UnaryFunction, Input, Output, Int) -> Void,
    mapGradient: @escaping @Sendable (UnaryFunction, Input, Input, Output, Int, Bool) -> Void,
    zip: @escaping @Sendable (BinaryFunction, Input, Input, Output, Int) -> Void,
    select: @escaping @Sendable (Input, Input, Input, Output, Int) -> Void,
    scaledAdd: @escaping @Sendable (Float, Input, Float, Output, Int) -> Void,
    widen: @escaping @Sendable (UnsafePointer<UInt8>, Float, Output, Int) -> Void,
    reduceRow: @escaping @Sendable (Reduction.Function, Input, Int) -> Float,
    reduceColumns: @escaping @Sendable (Reduction.Function, Input, Int, Int, Output, Int) -> Void,
    random:
      @escaping @Sendable (Distribution, RandomStream, Int, UnsafeMutablePointer<UInt32>, Int) ->
      Void,
    crossEntropy: @escaping @Sendable (Input, Input, Int) -> Float,
    crossEntropyGradient: @escaping @Sendable (Input, Input, Float, Output, Int, Bool) -> Void,
    reparameterize: @escaping @Sendable (Input, Input, Input, Output, Int) -> Void,
    reparameterizeGradient:
      @escaping @Sendable (Input, Input, Input, Output, Output, Int, Bool) -> Void,
    gaussianDivergence: @escaping @Sendable (Input, Input, Int) -> Float,
    gaussianDivergenceGradient:
      @escaping @Sendable (Input, Input, Float, Output, Output, Int, Bool) -> Void,
    kernelSum: @escaping @Sendable (Input, Input, Int, Int, Float) -> Float,
    kernelSumGradient:
      @escaping @Sendable (Input, Input, Int, Int, Float, Float, Input?, Output, Output, Bool) ->
      Void,
    adam: @escaping @Sendable (AdamStep, Output, Input, Output, Output, Int) -> Void,
    gradientDescent: @escaping @Sendable (GradientDescentStep, Output, Input, Output, Int) -> Void,
    maxPoolRows: @escaping @Sendable (Input, Input, Int, Int, Output) -> Void,
    maxPoolGradientRows:
      @escaping @Sendable (Input, Input, Input, Int, Int, Output, Output, Bool) -> Void,
    logSumExp: @escaping @Sendable (Input, Float, Int) -> Float,
    scaledExponential: @escaping @Sendable (Input, Float, Float, Output, Int, Bool) -> Void,
    scaleRow: @escaping @Sendable (Input, Input, Input, Output, Int) -> Void,
    normalizeRow: @escaping @Sendable (Input, Output, Int) -> Void,
    dropout: @escaping @Sendable (Float, RandomStream, Int, Input, Output, Int) -> Void,
    multiplyAddSums: Int, multiplyAdds: @escaping @Sendable (Int, Float, Output) -> Void
  ) {
    self.instructionSet = instructionSet
    self.lanes = lanes
    self.tileRows = tileRows
    self.tileColumns = tileColumns
    self.packLines = packLines
    self.packTurned = packTurned
    self.multiply = multiply
    self.dotRows = dotRows
    self.addRows = addRows
    self.winogradKernels = winogradKernels
    self.winogradInput = winogradInput
    self.winogradProducts = winogradProducts
    self.winogradOutput = winogradOutput
    self.winogradOutputGradient = winogradOutputGradient
    self.winogradWeightProducts = winogradWeightProducts
    self.winogradWeightGradient = winogradWeightGradient
    self.map = map
    self.mapGradient = mapGradient
    self.zip = zip
    self.select = select
    self.scaledAdd = scaledAdd
    self.widen = widen
    self.reduceRow = reduceRow
    self.reduceColumns = reduceColumns
    self.random = random
    self.crossEntropy = crossEntropy
    self.crossEntropyGradient = crossEntropyGradient
    self.reparameterize = reparameterize
    self.reparameterizeGradient = reparameterizeGradient
    self.gaussianDivergence = gaussianDivergence
    self.gaussianDivergenceGradient = gaussianDivergenceGradient
    self.kernelSum = kernelSum
    self.kernelSumGradient = kernelSumGradient
    self.adam = adam
    self.gradientDescent = gradientDescent
    self.maxPoolRows = maxPoolRows
    self.maxPoolGradientRows = maxPoolGradientRows
    self.logSumExp = logSumExp
    self.scaledExponential = scaledExponential
    self.scaleRow = scaleRow
    self.normalizeRow = normalizeRow
    self.dropout = dropout
    self.multiplyAddSums = multiplyAddSums
    self.multiplyAdds = multiplyAdds
  }
}

extension KernelTable {
  /// Lines of a packed panel.
  package func packedLines(_ panel: Input) -> TileLines {
    TileLines(start: panel, stride: tileColumns)
  }
}
