import CPUKernels

/// The inner loops of this instruction set.
package let kernels = KernelTable(
  instructionSet: instructionSet,
  lanes: lanes,
  tileRows: tileRows,
  tileColumns: 2 * lanes,
  packLines: packLines,
  packTurned: packTurned,
  multiply: multiply,
  map: map,
  mapGradient: mapGradient,
  zip: zip,
  scaledAdd: scaledAdd,
  widen: widen,
  reduceRow: reduceRow,
  reduceColumns: reduceColumns,
  random: random,
  crossEntropy: crossEntropy,
  crossEntropyGradient: crossEntropyGradient,
  reparameterize: reparameterize,
  reparameterizeGradient: reparameterizeGradient,
  gaussianDivergence: gaussianDivergence,
  gaussianDivergenceGradient: gaussianDivergenceGradient,
  kernelSum: kernelSum,
  kernelSumGradient: kernelSumGradient,
  adam: adam
)
