import Conformance

/// A mistake that ``NaiveDevice`` makes on purpose, to prove that the suite notices it.
enum Mutation: String, CaseIterable {
  // memory
  case sliceOffsetIgnored, copyOneShort, fillOnePast, writeKeepsHostBytes, sliceLosesArena
  // elementwise
  case sigmoidSaturates, softplusOverflows, softplusCancels, expClamped, reluLeaks, mapReadsAhead
  case mapGradientIgnoresAccumulate, mapGradientOfInput, mapTailUnwritten, mapOnePast
  case geluByTanh, tanhCancels, logOfPositive, siluOfOverflow, leakyReluSlope
  case logGradientOfOutput, absoluteGradientAtZero, geluGradientNoDensity
  case maximumDropsNaN, greaterIsOrEqual, greaterOrEqualOfNaN, equalOfBits, divideInverted
  case broadcastAlignsLeft, broadcastRepeatsFirst, selectOfPositive, selectNaNIsFalse
  case selectByArithmetic, clampDropsNaN, clampBelowOnly
  case stridedCopyIgnoresOffset, stridedCopyIgnoresAccumulate, stridedCopyTailUnwritten
  case stridedCopyQuietsNaN
  case zipSwapsOperands, zipOverwritesInput, scaledAddReadsOld, scaledAddIgnoresBeta
  // matmul
  case matmulDropsLastTerm, matmulReadsOneMore, matmulNoBias, matmulIgnoresAccumulate
  case matmulWrongTranspose, matmulBiasPerRow, matmulBiasAfterActivation, matmulTailUnwritten
  case matmulWrongTile, matmulHalfPrecision
  // gradients of a dense layer
  case denseGradientNoBias, denseGradientOfFirstRow, denseGradientIgnoresAccumulate
  case denseGradientsNoSlope, denseGradientsSlopeOfSum, denseGradientsIgnoreAccumulateInput
  case denseGradientsIgnoreAccumulate, denseGradientsSwapExtents
  // reduce, gather
  case reduceMaximumFromZero, reduceNoScale, reduceIgnoresAccumulate, reduceDropsLastRow
  case reduceNotDeterministic, reduceScalesOld, reduceMinimumFromZero, reduceOfFirstMatrix
  case reduceDropsNaN, sumsOfFirstScale, sumsFourOnly
  case gatherNoScale, gatherKeepsBadRows, gatherClampsIndex, gatherIgnoresFirst
  case gatherGradientKeepsLast, gatherTakesNumbersForBytes, batchedMatmulOfFirst
  case gatherLabelsScaled, gatherLabelsSigned, gatherBadLabelIsZero
  // random
  case randomBlockOff, randomTailUnwritten, randomCarries, uniformOf32Bits, normalSwapped
  case normalOfZero, threefryRoundLess, permutationRepeats, permutationReversed
  // losses
  case crossEntropyOverflows, crossEntropyWrongSign, crossEntropyDropsLast
  case crossEntropyGradientSign, crossEntropyGradientIgnoresAccumulate, rowGradientOfFirstRow
  case reparameterizeVariance, reparameterizeInterleaved, reparameterizeGradientNoHalf
  case reparameterizeGradientIgnoresAccumulate, sampleKeepsOtherNoise, sampleOfNextStep
  case divergenceNoHalf, divergenceNoMinusOne, divergenceGradientSign
  case divergenceGradientIgnoresAccumulate
  // kernel discrepancy
  case discrepancyNoDiagonal, discrepancyWidthSquared, discrepancyCrossOnce
  case discrepancyNoPrior, discrepancyGradientSign, discrepancyGradientOwnWeightOnly
  case discrepancyGradientCrossOnce, discrepancyGradientIgnoresAccumulate
  // convolution
  case convolutionNoBias, convolutionFlipsKernel, convolutionRowOff, convolutionColumnOff
  case convolutionSwapsWeightChannels, convolutionChannelsFirst, convolutionBiasAfterActivation
  case convolutionDropsLastChannel, convolutionDropsLastImage, convolutionWrongTile
  case convolutionWrongChannelTile, convolutionTransposesKernel
  case convolutionPoolNoBias, convolutionPoolNoActivation, convolutionPoolTakesLastRow
  case inputGradientNoFlip, inputGradientDropsBorder, inputGradientSwapsChannels
  case inputGradientIgnoresAccumulate, inputGradientAppliesActivation
  case weightGradientDropsLastImage, weightGradientDropsLastRow, weightGradientFlipsKernel
  case weightGradientIsMean, weightGradientIgnoresAccumulate
  case convolutionWrapsMargin, inputGradientRoundsStride, weightGradientIgnoresStride
  // pooling, dropout
  case poolMovesOverEdge, averageCountsMargin, averageGradientWhole, poolDropsNaN
  case maxPoolFromZero, maxPoolTakesLastRow, maxPoolTakesLastColumn, maxPoolAverages
  case maxPoolStrideOne, maxPoolOfThree
  case maxPoolGradientToLast, maxPoolGradientToAll, maxPoolGradientByColumn
  case maxPoolGradientLeavesBorder, maxPoolGradientIgnoresAccumulate, maxPoolGradientClearsRest
  case dropoutNoScale, dropoutInverted, dropoutMaskShifted, dropoutDropsEqual, dropoutTailKept
  case dropoutScalesByRate, dropoutCarries
  // classification
  case softmaxOverflows, softmaxDropsLast, softmaxNotNormalized
  case softmaxCrossEntropyOverflows, softmaxCrossEntropyWrongSign, softmaxCrossEntropyOfUnderflow
  case softmaxCrossEntropyClampsLabel, softmaxCrossEntropyLabelOff
  case softmaxCrossEntropyGradientSign, softmaxCrossEntropyGradientNoTarget
  case softmaxCrossEntropyGradientIgnoresAccumulate, softmaxCrossEntropyGradientStraysOut
  case argmaxLast, argmaxIgnoresNaN, argmaxLastNaN, argmaxFromZero
  case equalInverted, equalOfFloats, equalTailUnwritten
  // rows
  case scaleColumnsNoShift, scaleColumnsShiftsFirst, scaleColumnsPerRow
  case normalizeRowsOfZero, normalizeRowsSquared, normalizeRowsEpsilon, normalizeRowsLargest
  case normalizeRowsOverflows
  // optimisers
  case adamNoCorrection, adamEpsilonInsideRoot, adamSecondMomentLinear, adamChangesGradient
  case adamNoWeightDecay, descentNoWeightDecay, descentNoNesterov, descentVelocityLost
  // everything
  case throwsError

  /// The operations whose cases must fail.
  var operation: OperationGroup {
    switch self {
    case .sliceOffsetIgnored, .copyOneShort, .fillOnePast, .writeKeepsHostBytes, .sliceLosesArena:
      .memory
    case .sigmoidSaturates, .softplusOverflows, .softplusCancels, .expClamped, .reluLeaks,
      .mapReadsAhead, .mapTailUnwritten, .mapOnePast, .geluByTanh, .tanhCancels, .logOfPositive,
      .siluOfOverflow, .leakyReluSlope:
      .map
    case .mapGradientIgnoresAccumulate, .mapGradientOfInput, .logGradientOfOutput,
      .absoluteGradientAtZero, .geluGradientNoDensity:
      .mapGradient
    case .broadcastAlignsLeft, .broadcastRepeatsFirst: .broadcast
    case .selectOfPositive, .selectNaNIsFalse, .selectByArithmetic: .select
    case .clampDropsNaN, .clampBelowOnly: .clamp
    case .stridedCopyIgnoresOffset, .stridedCopyIgnoresAccumulate, .stridedCopyTailUnwritten,
      .stridedCopyQuietsNaN:
      .stridedCopy
    case .zipSwapsOperands, .zipOverwritesInput, .maximumDropsNaN, .greaterIsOrEqual,
      .greaterOrEqualOfNaN, .equalOfBits,
      .divideInverted:
      .zip
    case .scaledAddReadsOld, .scaledAddIgnoresBeta: .scaledAdd
    case .matmulDropsLastTerm, .matmulReadsOneMore, .matmulNoBias, .matmulIgnoresAccumulate,
      .matmulWrongTranspose, .matmulBiasPerRow, .matmulBiasAfterActivation, .matmulTailUnwritten,
      .matmulWrongTile, .matmulHalfPrecision, .throwsError:
      .matmul
    case .denseGradientNoBias, .denseGradientOfFirstRow, .denseGradientIgnoresAccumulate:
      .denseGradient
    case .reduceMaximumFromZero, .reduceNoScale, .reduceIgnoresAccumulate, .reduceDropsLastRow,
      .reduceNotDeterministic, .reduceScalesOld, .reduceMinimumFromZero, .reduceOfFirstMatrix,
      .reduceDropsNaN:
      .reduce
    case .gatherNoScale, .gatherKeepsBadRows, .gatherClampsIndex, .gatherIgnoresFirst,
      .gatherLabelsScaled, .gatherLabelsSigned, .gatherBadLabelIsZero:
      .gather
    case .randomBlockOff, .randomTailUnwritten, .randomCarries, .uniformOf32Bits, .normalSwapped,
      .normalOfZero, .threefryRoundLess:
      .random
    case .permutationRepeats, .permutationReversed: .permutation
    case .crossEntropyOverflows, .crossEntropyWrongSign, .crossEntropyDropsLast:
      .binaryCrossEntropy
    case .denseGradientsNoSlope, .denseGradientsSlopeOfSum, .denseGradientsIgnoreAccumulateInput,
      .denseGradientsIgnoreAccumulate, .denseGradientsSwapExtents:
      .denseGradients
    case .sumsOfFirstScale, .sumsFourOnly: .sums
    case .sampleKeepsOtherNoise, .sampleOfNextStep: .sampleGaussian
    case .crossEntropyGradientSign, .crossEntropyGradientIgnoresAccumulate,
      .rowGradientOfFirstRow:
      .binaryCrossEntropyGradient
    case .reparameterizeVariance, .reparameterizeInterleaved: .reparameterize
    case .reparameterizeGradientNoHalf, .reparameterizeGradientIgnoresAccumulate:
      .reparameterizeGradient
    case .divergenceNoHalf, .divergenceNoMinusOne: .gaussianDivergence
    case .divergenceGradientSign, .divergenceGradientIgnoresAccumulate: .gaussianDivergenceGradient
    case .discrepancyNoDiagonal, .discrepancyWidthSquared, .discrepancyCrossOnce,
      .discrepancyNoPrior:
      .kernelDiscrepancy
    case .discrepancyGradientSign, .discrepancyGradientOwnWeightOnly,
      .discrepancyGradientCrossOnce, .discrepancyGradientIgnoresAccumulate:
      .kernelDiscrepancyGradient
    case .convolutionNoBias, .convolutionFlipsKernel, .convolutionRowOff, .convolutionColumnOff,
      .convolutionSwapsWeightChannels, .convolutionChannelsFirst, .convolutionBiasAfterActivation,
      .convolutionDropsLastChannel, .convolutionDropsLastImage, .convolutionWrongTile,
      .convolutionWrongChannelTile, .convolutionTransposesKernel:
      .conv2d
    case .gatherGradientKeepsLast: .gatherGradient
    case .gatherTakesNumbersForBytes: .gather
    case .batchedMatmulOfFirst: .batchedMatmul
    case .convolutionWrapsMargin: .conv2d
    case .inputGradientRoundsStride: .conv2dInputGradient
    case .weightGradientIgnoresStride: .conv2dWeightGradient
    case .poolMovesOverEdge, .averageCountsMargin, .poolDropsNaN: .pool
    case .averageGradientWhole: .poolGradient
    case .convolutionPoolNoBias, .convolutionPoolNoActivation, .convolutionPoolTakesLastRow:
      .conv2dMaxPool
    case .inputGradientNoFlip, .inputGradientDropsBorder, .inputGradientSwapsChannels,
      .inputGradientIgnoresAccumulate, .inputGradientAppliesActivation:
      .conv2dInputGradient
    case .weightGradientDropsLastImage, .weightGradientDropsLastRow, .weightGradientFlipsKernel,
      .weightGradientIsMean, .weightGradientIgnoresAccumulate:
      .conv2dWeightGradient
    case .maxPoolFromZero, .maxPoolTakesLastRow, .maxPoolTakesLastColumn, .maxPoolAverages,
      .maxPoolStrideOne, .maxPoolOfThree:
      .pool
    case .maxPoolGradientToLast, .maxPoolGradientToAll, .maxPoolGradientByColumn,
      .maxPoolGradientLeavesBorder, .maxPoolGradientIgnoresAccumulate, .maxPoolGradientClearsRest:
      .poolGradient
    case .dropoutNoScale, .dropoutInverted, .dropoutMaskShifted, .dropoutDropsEqual,
      .dropoutTailKept, .dropoutScalesByRate, .dropoutCarries:
      .dropout
    case .softmaxOverflows, .softmaxDropsLast, .softmaxNotNormalized: .softmax
    case .softmaxCrossEntropyOverflows, .softmaxCrossEntropyWrongSign,
      .softmaxCrossEntropyOfUnderflow, .softmaxCrossEntropyClampsLabel,
      .softmaxCrossEntropyLabelOff:
      .softmaxCrossEntropy
    case .softmaxCrossEntropyGradientSign, .softmaxCrossEntropyGradientNoTarget,
      .softmaxCrossEntropyGradientIgnoresAccumulate, .softmaxCrossEntropyGradientStraysOut:
      .softmaxCrossEntropyGradient
    case .argmaxLast, .argmaxIgnoresNaN, .argmaxLastNaN, .argmaxFromZero: .argmax
    case .equalInverted, .equalOfFloats, .equalTailUnwritten: .equal
    case .scaleColumnsNoShift, .scaleColumnsShiftsFirst, .scaleColumnsPerRow: .scaleColumns
    case .normalizeRowsOfZero, .normalizeRowsSquared, .normalizeRowsEpsilon, .normalizeRowsLargest,
      .normalizeRowsOverflows:
      .normalizeRows
    case .adamNoCorrection, .adamEpsilonInsideRoot, .adamSecondMomentLinear, .adamChangesGradient,
      .adamNoWeightDecay:
      .adamStep
    case .descentNoWeightDecay, .descentNoNesterov, .descentVelocityLost: .gradientDescentStep
    }
  }
}
