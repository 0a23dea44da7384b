import Compute

/// An operation of the `Device` protocol, or a group of them that is tested together.
public enum OperationGroup: String, Sendable, CaseIterable {
  case memory
  case map
  case mapGradient
  case zip
  case broadcast
  case select
  case clamp
  case scaledAdd
  case stridedCopy
  case matmul
  case batchedMatmul
  case denseGradient
  case reduce
  case gather
  case gatherGradient
  case random
  case permutation
  case binaryCrossEntropy
  case binaryCrossEntropyGradient
  case reparameterize
  case reparameterizeGradient
  case gaussianDivergence
  case gaussianDivergenceGradient
  case kernelDiscrepancy
  case kernelDiscrepancyGradient
  case conv2d
  case conv2dMaxPool
  case conv2dInputGradient
  case conv2dWeightGradient
  case pool
  case poolGradient
  case dropout
  case softmax
  case softmaxCrossEntropy
  case softmaxCrossEntropyGradient
  case argmax
  case equal
  case scaleColumns
  case normalizeRows
  case adamStep
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
    case .reduce: reduceCases(size)
    case .gather: gatherCases(size)
    case .gatherGradient: gatherGradientCases(size)
    case .random: randomCases(size)
    case .permutation: permutationCases(size)
    case .binaryCrossEntropy: binaryCrossEntropyCases(size)
    case .binaryCrossEntropyGradient: binaryCrossEntropyGradientCases(size)
    case .reparameterize: reparameterizeCases(size)
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
