/// Which of the two forms of the kernels runs.
public enum KernelFamily: String, Sendable, CaseIterable {
  /// Many work-items in groups that share local memory.
  case gpu
  /// Work-groups of one work-item that use the widest registers.
  case cpu
}

/// The sizes that a device's kernels are built with and launched by.
struct Tuning: Sendable, Hashable {
  var family: KernelFamily
  /// The work-items of a one-dimensional work-group, a power of two.
  var group: Int
  /// The elements that a work-item of the CPU family takes in a row.
  var chunk = 2048
  /// The depth to which the CPU family packs a panel of 32 columns for a product.
  var panelDepth: Int
  /// The most work-items of a work-group of matmul.
  var maximumGroup: Int

  /// The sizes for a device with these limits; local memory in bytes.
  init(family: KernelFamily, maximumGroup: Int, localMemory: Int) {
    self.family = family
    self.maximumGroup = maximumGroup
    group = 1
    if family == .gpu {
      while group * 2 <= min(maximumGroup, 128) { group *= 2 }
    }
    panelDepth = max(16, min(256, localMemory / (32 * 4) / 16 * 16))
  }

  /// The defines that every kernel file needs.
  var defines: String {
    switch family {
    case .gpu: "-DLANES=1 -DGROUP=\(group)"
    case .cpu: "-DLANES=16 -DGROUP=1 -DCHUNK=\(chunk)"
    }
  }
}
