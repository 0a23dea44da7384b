import CPUKernels
import CPUKernelsPortable
import Foundation
import Threads

#if INSTRUCTION_SETS && arch(x86_64)
  import CPUKernelsAVX2
  import CPUKernelsAVX512
#endif

/// The instruction sets that the inner loops are compiled for.
public enum InstructionSet: String, Sendable, CaseIterable {
  /// Vectors of 4 numbers, no fused multiply-add: every processor.
  case portable
  /// x86-64-v3: vectors of 8 numbers.
  case avx2
  /// x86-64-v4: vectors of 16 numbers.
  case avx512

  /// The sets that this processor supports and this build contains, the widest last.
  public static let available: [InstructionSet] = {
    var sets: [InstructionSet] = [.portable]
    #if INSTRUCTION_SETS && arch(x86_64)
      let features = processorFeatures()
      if features.isSuperset(of: ["avx2", "fma", "bmi1", "bmi2", "f16c", "movbe", "abm"]) {
        sets.append(.avx2)
        if features.isSuperset(of: ["avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"]) {
          sets.append(.avx512)
        }
      }
    #endif
    return sets
  }()

  /// The inner loops compiled for this set.
  var kernels: KernelTable {
    switch self {
    case .portable: CPUKernelsPortable.kernels
    #if INSTRUCTION_SETS && arch(x86_64)
      case .avx2: CPUKernelsAVX2.kernels
      case .avx512: CPUKernelsAVX512.kernels
    #else
      case .avx2, .avx512: CPUKernelsPortable.kernels
    #endif
    }
  }
}

/// The feature flags that Linux lists for the first processor; empty where it lists none.
private func processorFeatures() -> Set<String> {
  Set((processorField("flags") ?? "").split(separator: " ").map(String.init))
}

/// The first value of a field of `/proc/cpuinfo`.
func processorField(_ name: String) -> String? {
  guard let text = systemText("/proc/cpuinfo") else { return nil }
  for line in text.split(separator: "\n") where line.hasPrefix(name) {
    let parts = line.split(separator: ":", maxSplits: 1)
    if parts.count == 2 { return parts[1].trimmingCharacters(in: .whitespaces) }
  }
  return nil
}
