import Compute

/// An operation of the `Device` protocol, or a group of them that is tested together.
public enum OperationGroup: String, Sendable, CaseIterable {
  /// Making, slicing, writing, reading, filling and copying buffers.
  case memory
  /// ``/Compute/Device/map(_:_:into:)``
  case map
  /// ``/Compute/Device/mapGradient(_:at:outputGradient:into:accumulate:)``
  case mapGradient
  /// ``/Compute/Device/zip(_:_:_:into:)``
  case zip
  /// ``/Compute/Device/zip(_:_:_:_:_:into:)``
  case broadcast
  /// ``/Compute/Device/select(_:_:_:into:)``
  case select
  /// ``/Compute/Device/clamp(_:_:into:)``
  case clamp
  /// ``/Compute/Device/scaledAdd(_:_:_:into:)``
  case scaledAdd
  /// ``/Compute/Device/stridedCopy(_:_:from:into:at:accumulate:)``
  case stridedCopy
  /// ``/Compute/Device/matmul(_:_:_:bias:into:)``
  case matmul
  /// ``/Compute/Device/matmul(_:count:_:_:into:)``
  case batchedMatmul
  /// ``/Compute/Device/denseGradient(_:_:outputGradient:into:bias:)``
  case denseGradient
  /// ``/Compute/Device/denseGradients(_:_:weights:outputGradient:into:bias:input:)``
  case denseGradients
  /// ``/Compute/Device/reduce(_:_:into:)``
  case reduce
  /// ``/Compute/Device/sums(_:into:)``
  case sums
  /// ``/Compute/Device/gather(_:_:at:into:)``
  case gather
  /// ``/Compute/Device/gatherGradient(_:at:outputGradient:into:accumulate:)``
  case gatherGradient
  /// ``/Compute/Device/random(_:_:into:)``
  case random
  /// ``/Compute/Device/permutation(_:into:)``
  case permutation
  /// ``/Compute/Device/binaryCrossEntropy(_:logits:targets:into:)``
  case binaryCrossEntropy
  /// ``/Compute/Device/binaryCrossEntropyGradient(_:logits:targets:lossGradient:into:accumulate:)``
  case binaryCrossEntropyGradient
  /// ``/Compute/Device/reparameterize(_:parameters:noise:into:)``
  case reparameterize
  /// ``/Compute/Device/sampleGaussian(_:parameters:_:noise:into:)``
  case sampleGaussian
  /// ``/Compute/Device/reparameterizeGradient(_:parameters:noise:outputGradient:into:accumulate:)``
  case reparameterizeGradient
  /// ``/Compute/Device/gaussianDivergence(_:parameters:into:)``
  case gaussianDivergence
  /// ``/Compute/Device/gaussianDivergenceGradient(_:parameters:divergenceGradient:into:accumulate:)``
  case gaussianDivergenceGradient
  /// ``/Compute/Device/kernelDiscrepancy(_:_:_:into:)``
  case kernelDiscrepancy
  /// ``/Compute/Device/kernelDiscrepancyGradient(_:_:_:termGradient:into:accumulate:)``
  case kernelDiscrepancyGradient
  /// ``/Compute/Device/conv2d(_:_:weights:bias:into:)``
  case conv2d
  /// ``/Compute/Device/conv2dMaxPool(_:_:weights:bias:into:)``
  case conv2dMaxPool
  /// ``/Compute/Device/conv2dInputGradient(_:weights:outputGradient:into:accumulate:)``
  case conv2dInputGradient
  /// ``/Compute/Device/conv2dWeightGradient(_:_:outputGradient:into:accumulate:)``
  case conv2dWeightGradient
  /// ``/Compute/Device/pool(_:_:into:)``
  case pool
  /// ``/Compute/Device/poolGradient(_:_:outputGradient:into:accumulate:)``
  case poolGradient
  /// ``/Compute/Device/dropout(_:_:_:into:)``
  case dropout
  /// ``/Compute/Device/softmax(_:_:into:)``
  case softmax
  /// ``/Compute/Device/softmaxCrossEntropy(_:logits:labels:into:)``
  case softmaxCrossEntropy
  /// ``/Compute/Device/softmaxCrossEntropyGradient(_:logits:labels:lossGradient:into:accumulate:)``
  case softmaxCrossEntropyGradient
  /// ``/Compute/Device/argmax(_:_:into:)``
  case argmax
  /// ``/Compute/Device/equal(_:_:into:)``
  case equal
  /// ``/Compute/Device/scaleColumns(_:_:by:adding:into:)``
  case scaleColumns
  /// ``/Compute/Device/normalizeRows(_:_:into:)``
  case normalizeRows
  /// ``/Compute/Device/adamStep(_:parameters:gradients:firstMoments:secondMoments:)``
  case adamStep
  /// ``/Compute/Device/gradientDescentStep(_:parameters:gradients:velocities:)``
  case gradientDescentStep
}

/// The conformance suite of the `Device` protocol: every operation against an oracle in double
/// precision.
///
/// To add an operation: a case of ``OperationGroup``, its formula in `Oracle`, and a function that lists
/// its cases; the compiler demands the rest.
public enum Conformance {
  /// How much to check.
  public enum Size: String, Sendable, CaseIterable {
    /// A few small ragged cases of every operation: a fraction of a second on a CPU.
    case selfCheck
    /// Every option at shapes around the edges of tiles, and real sizes.
    case full
  }

  /// The cases of some operations, of all by default.
  public static func cases(
    _ size: Size, of operations: [OperationGroup] = OperationGroup.allCases
  ) -> [ConformanceCase] {
    operations.flatMap { operation in
      switch size {
      case .selfCheck: cases(.selfCheck, of: operation)
      case .full:
        cases(.full, of: operation) + extremeCases(of: operation)
          + cases(.selfCheck, of: operation).map(\.inWholeBuffers)
      }
    }
  }

  private static func cases(_ size: Size, of operation: OperationGroup) -> [ConformanceCase] {
    switch operation {
    case .memory: memoryCases(size)
    case .map: mapCases(size)
    case .mapGradient: mapGradientCases(size)
    case .zip: zipCases(size)
    case .broadcast: broadcastCases(size)
    case .select: selectCases(size)
    case .clamp: clampCases(size)
    case .scaledAdd: scaledAddCases(size)
    case .stridedCopy: stridedCopyCases(size)
    case .matmul: matmulCases(size)
    case .batchedMatmul: batchedMatmulCases(size)
    case .denseGradient: denseGradientCases(size)
    case .denseGradients: denseGradientsCases(size)
    case .reduce: reduceCases(size)
    case .sums: sumsCases(size)
    case .gather: gatherCases(size)
    case .gatherGradient: gatherGradientCases(size)
    case .random: randomCases(size)
    case .permutation: permutationCases(size)
    case .binaryCrossEntropy: binaryCrossEntropyCases(size)
    case .binaryCrossEntropyGradient: binaryCrossEntropyGradientCases(size)
    case .reparameterize: reparameterizeCases(size)
    case .sampleGaussian: sampleGaussianCases(size)
    case .reparameterizeGradient: reparameterizeGradientCases(size)
    case .gaussianDivergence: gaussianDivergenceCases(size)
    case .gaussianDivergenceGradient: gaussianDivergenceGradientCases(size)
    case .kernelDiscrepancy: kernelDiscrepancyCases(size)
    case .kernelDiscrepancyGradient: kernelDiscrepancyGradientCases(size)
    case .conv2d: conv2dCases(size)
    case .conv2dMaxPool: conv2dMaxPoolCases(size)
    case .conv2dInputGradient: conv2dInputGradientCases(size)
    case .conv2dWeightGradient: conv2dWeightGradientCases(size)
    case .pool: poolCases(size)
    case .poolGradient: poolGradientCases(size)
    case .dropout: dropoutCases(size)
    case .softmax: softmaxCases(size)
    case .softmaxCrossEntropy: softmaxCrossEntropyCases(size)
    case .softmaxCrossEntropyGradient: softmaxCrossEntropyGradientCases(size)
    case .argmax: argmaxCases(size)
    case .equal: equalCases(size)
    case .scaleColumns: scaleColumnsCases(size)
    case .normalizeRows: normalizeRowsCases(size)
    case .adamStep: adamCases(size)
    case .gradientDescentStep: gradientDescentCases(size)
    }
  }

  /// Element counts: around the edges of vectors, tiles and work-groups, and a real batch.
  static func counts(_ size: Size) -> [Int] {
    switch size {
    case .selfCheck: [5, 301]
    case .full:
      [1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 255, 256, 257, 1009, 128 * 784]
    }
  }

  /// Sizes of matrices whose rows are treated one by one.
  static func shapes(_ size: Size) -> [Rows] {
    switch size {
    case .selfCheck: [Rows(3, 37), Rows(5, 301), Rows(301, 3)]
    case .full:
      [
        Rows(1, 1), Rows(1, 65), Rows(65, 1), Rows(2, 3), Rows(7, 8), Rows(8, 9), Rows(9, 7),
        Rows(15, 17), Rows(16, 16), Rows(17, 15), Rows(31, 33), Rows(32, 64), Rows(33, 31),
        Rows(63, 65), Rows(64, 63), Rows(65, 64), Rows(5, 257), Rows(1031, 5), Rows(128, 20),
        Rows(128, 784),
      ]
    }
  }
}

extension Rows {
  var label: String { "\(rows)×\(columns)" }
}

extension Bool {
  /// A note on a label if the flag is set.
  func note(_ text: String) -> String { self ? ", " + text : "" }
}
