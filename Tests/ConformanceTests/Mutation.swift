import Conformance

/// A mistake that ``NaiveDevice`` makes on purpose, to prove that the suite notices it.
enum Mutation: String, CaseIterable {
  // memory
  case sliceOffsetIgnored, copyOneShort, fillOnePast, writeKeepsHostBytes, sliceLosesArena
  // elementwise
  case sigmoidSaturates, softplusOverflows, softplusCancels, expClamped, reluLeaks, mapReadsAhead
  case mapGradientIgnoresAccumulate, mapGradientOfInput, mapTailUnwritten, mapOnePast
  case zipSwapsOperands, zipOverwritesInput, scaledAddReadsOld, scaledAddIgnoresBeta
  // matmul
  case matmulDropsLastTerm, matmulReadsOneMore, matmulNoBias, matmulIgnoresAccumulate
  case matmulWrongTranspose, matmulBiasPerRow, matmulBiasAfterActivation, matmulTailUnwritten
  case matmulWrongTile, matmulHalfPrecision
  // reduce, gather
  case reduceMaximumFromZero, reduceNoScale, reduceIgnoresAccumulate, reduceDropsLastRow
  case reduceNotDeterministic, reduceScalesOld
  case gatherNoScale, gatherKeepsBadRows, gatherClampsIndex, gatherIgnoresFirst
  // random
  case randomBlockOff, randomTailUnwritten, randomCarries, uniformOf32Bits, normalSwapped
  case normalOfZero, threefryRoundLess, permutationRepeats, permutationReversed
  // losses
  case crossEntropyOverflows, crossEntropyWrongSign, crossEntropyDropsLast
  case crossEntropyGradientSign, crossEntropyGradientIgnoresAccumulate
  case reparameterizeVariance, reparameterizeInterleaved, reparameterizeGradientNoHalf
  case reparameterizeGradientIgnoresAccumulate
  case divergenceNoHalf, divergenceNoMinusOne, divergenceGradientSign
  case divergenceGradientIgnoresAccumulate
  // kernel sums
  case kernelSumsNoDiagonal, kernelSumsWidthSquared, kernelSumsGradientSign
  case kernelSumsGradientNoYWeights, kernelSumsGradientIgnoresAccumulate
  // Adam
  case adamNoCorrection, adamEpsilonInsideRoot, adamSecondMomentLinear, adamChangesGradient
  // everything
  case throwsError

  /// The operations whose cases must fail.
  var operation: DeviceOperation {
    switch self {
    case .sliceOffsetIgnored, .copyOneShort, .fillOnePast, .writeKeepsHostBytes, .sliceLosesArena:
      .memory
    case .sigmoidSaturates, .softplusOverflows, .softplusCancels, .expClamped, .reluLeaks,
      .mapReadsAhead, .mapTailUnwritten, .mapOnePast:
      .map
    case .mapGradientIgnoresAccumulate, .mapGradientOfInput: .mapGradient
    case .zipSwapsOperands, .zipOverwritesInput: .zip
    case .scaledAddReadsOld, .scaledAddIgnoresBeta: .scaledAdd
    case .matmulDropsLastTerm, .matmulReadsOneMore, .matmulNoBias, .matmulIgnoresAccumulate,
      .matmulWrongTranspose, .matmulBiasPerRow, .matmulBiasAfterActivation, .matmulTailUnwritten,
      .matmulWrongTile, .matmulHalfPrecision, .throwsError:
      .matmul
    case .reduceMaximumFromZero, .reduceNoScale, .reduceIgnoresAccumulate, .reduceDropsLastRow,
      .reduceNotDeterministic, .reduceScalesOld:
      .reduce
    case .gatherNoScale, .gatherKeepsBadRows, .gatherClampsIndex, .gatherIgnoresFirst: .gather
    case .randomBlockOff, .randomTailUnwritten, .randomCarries, .uniformOf32Bits, .normalSwapped,
      .normalOfZero, .threefryRoundLess:
      .random
    case .permutationRepeats, .permutationReversed: .permutation
    case .crossEntropyOverflows, .crossEntropyWrongSign, .crossEntropyDropsLast:
      .binaryCrossEntropy
    case .crossEntropyGradientSign, .crossEntropyGradientIgnoresAccumulate:
      .binaryCrossEntropyGradient
    case .reparameterizeVariance, .reparameterizeInterleaved: .reparameterize
    case .reparameterizeGradientNoHalf, .reparameterizeGradientIgnoresAccumulate:
      .reparameterizeGradient
    case .divergenceNoHalf, .divergenceNoMinusOne: .gaussianDivergence
    case .divergenceGradientSign, .divergenceGradientIgnoresAccumulate: .gaussianDivergenceGradient
    case .kernelSumsNoDiagonal, .kernelSumsWidthSquared: .kernelSums
    case .kernelSumsGradientSign, .kernelSumsGradientNoYWeights,
      .kernelSumsGradientIgnoresAccumulate:
      .kernelSumsGradient
    case .adamNoCorrection, .adamEpsilonInsideRoot, .adamSecondMomentLinear, .adamChangesGradient:
      .adamStep
    }
  }
}
