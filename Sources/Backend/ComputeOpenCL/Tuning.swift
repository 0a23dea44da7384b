import Compute

/// Which of the two families of kernels runs.
public enum KernelFamily: String, Sendable, CaseIterable {
  /// Many work-items in groups that share local memory.
  case gpu
  /// Work-groups of one work-item that use the widest registers.
  case cpu
}

/// The sizes that a device's kernels are built and launched with.
struct Tuning: Sendable, Hashable {
  var family: KernelFamily
  /// The compute units that share the work.
  var computeUnits: Int
  /// The most work-items of a work-group but those of tiles, a power of two; a kernel may allow fewer.
  var group: Int
  /// The most work-items that the device allows in a work-group.
  private var maximumGroup: Int
  /// The local memory of the device in bytes.
  private(set) var localMemory: Int
  /// The maximum number of work-groups of an elementwise kernel in one dimension: enough for any GPU;
  /// beyond that each work-item takes several elements.
  var mostGroups = 32768
  /// The minimum length of a part of a reduction; one of twice as many elements is split.
  var reducedPart = 1024
  /// The maximum number of parts of a reduction.
  var reducedParts = 64

  /// The tiles of matrix products that a GPU has room for, largest first.
  var tiles: [Tile]
  /// The minimum length of a part of an inner product; those of four times this length may be split. A
  /// compute unit with one work-group takes an estimated 20 ns for a term, 5 µs for this many, which is the
  /// cost of another launch: shorter products, such as the autoencoder's, are not split.
  var shortestPart = 256
  /// The maximum number of products that a convolution's gradient adds in a row: more would lose digits.
  var longestSum = 4096

  /// The bytes of each scratch buffer of a convolution by tiles: enough for many work-groups, while the caches of many
  /// GPUs hold a part.
  var scratch = 64 << 20
  /// The multiply-adds that a convolution by tiles must save for each number that passes between its launches. An
  /// estimate: GPUs do 10 to 40 operations in the time in which they move a byte, and this is 15.
  var leastSavings = 30

  /// The elements that a work-item of the CPU family takes in a row.
  var chunk = 2048
  /// The register tiles of the CPU family's products.
  var registerTile: RegisterTile
  /// The depth of a packed panel of the CPU family, as wide as a register tile; less if local memory is
  /// small.
  var panelDepth: Int

  /// The results that one work-item of the CPU family keeps in registers.
  struct RegisterTile: Sendable, Hashable {
    var rows: Int
    var columns: Int

    /// The define of the kernels that use it.
    var define: String { "-DTILE_COLUMNS=\(columns)" }

    /// For 32 registers of 16 floats.
    static let large = RegisterTile(rows: 8, columns: 32)
    /// For 16 registers of 8 floats.
    static let small = RegisterTile(rows: 4, columns: 16)
  }

  /// The sizes for a device with these limits: local memory in bytes, `width` in floats a register.
  init(
    family: KernelFamily, maximumGroup: Int, localMemory: Int, computeUnits: Int, width: Int = 16
  ) {
    self.family = family
    self.computeUnits = computeUnits
    self.localMemory = localMemory
    self.maximumGroup = maximumGroup
    // Two numbers for each work-item are the most that a kernel shares.
    group = family == .gpu ? powerOfTwo(below: min(maximumGroup, 128, localMemory / 8)) : 1
    tiles = Tuning.tiles(group: maximumGroup, localMemory: localMemory)
    registerTile = width >= 16 ? .large : .small
    panelDepth = max(16, min(512, localMemory / 4 / registerTile.columns) / 16 * 16)
  }

  /// The tiles that a device or a kernel has room for; the smaller ones only where there is no other.
  private static func tiles(group: Int, localMemory: Int) -> [Tile] {
    let fitting = Tile.fitting(group: group, localMemory: localMemory)
    let large = fitting.filter { $0.size >= 32 }
    return large.isEmpty ? [fitting.first ?? .smallest] : large
  }

  /// The sizes to try for the work-groups of a kernel that may have no more than `limit` work-items.
  func groups(below limit: Int) -> [Int] {
    [32, 64, 128, 256].filter { $0 <= min(limit, maximumGroup, localMemory / 8) }
  }

  /// The tiles to try for a kernel that may have no more than `group` work-items.
  func allTiles(below group: Int) -> [Tile] {
    Tile.fitting(group: min(group, maximumGroup), localMemory: localMemory).filter { $0.size >= 16 }
  }

  /// The same for a kernel that may have no more than `group` work-items.
  func allowing(_ group: Int) -> Tuning {
    guard tiles.contains(where: { $0.group > group }) else { return self }
    var tuning = self
    tuning.tiles.removeAll { $0.group > group }
    if tuning.tiles.isEmpty {
      tuning.tiles = Tuning.tiles(group: group, localMemory: localMemory)
    }
    return tuning
  }

  /// Whether a convolution is usually done by tiles of 4 × 4 results, where it may be. For the GPU family the
  /// transforms and the products are launches of their own: a tile saves 108 of 144 multiply-adds for each channel and
  /// filter, and 36 numbers for each channel and each filter are written and read.
  func takesTiles(_ shape: Convolution) -> Bool {
    let (channels, filters) = (shape.inputChannels, shape.outputChannels)
    return family == .cpu
      || 108 * channels * filters >= leastSavings * 72 * (channels + filters)
  }

  /// The width of a kernel's vectors.
  var lanes: Int { family == .gpu ? 1 : 16 }

  /// The defines that every kernel file needs, for work-groups of `group`.
  func defines(group: Int) -> String {
    switch family {
    case .gpu: "-DLANES=\(lanes) -DGROUP=\(group)"
    case .cpu: "-DLANES=\(lanes) -DGROUP=1 -DCHUNK=\(chunk)"
    }
  }

  /// The define of the files with register tiles.
  var tileDefine: String { registerTile.define }

  /// Sizes that force one of the variants that a shape chooses between.
  struct Variant: Sendable {
    var name: String
    var tuning: Tuning
  }

  /// Each of the tiles alone, and each in the shortest possible parts: everything that a shape may run, at
  /// shapes small enough for a check. For the CPU family, the register tile of other processors.
  var variants: [Variant] {
    guard family == .gpu else {
      var tuning = self
      tuning.registerTile = registerTile == .large ? .small : .large
      let (rows, columns) = (tuning.registerTile.rows, tuning.registerTile.columns)
      return [Variant(name: "register tiles of \(rows) × \(columns)", tuning: tuning)]
    }
    return [false, true].flatMap { inParts in
      tiles.map { tile in
        var tuning = self
        tuning.tiles = [tile]
        if inParts {
          tuning.computeUnits = 1 << 20
          tuning.shortestPart = 9
          tuning.longestSum = 16
          // Convolutions by tiles: 19 at once for 17 channels, which is no multiple of their parts.
          tuning.scratch = 19 * 17 * 144
          tuning.leastSavings = 0
        }
        let name = "tiles of \(tile.size) × \(tile.size)" + (inParts ? " in parts" : "")
        return Variant(name: name, tuning: tuning)
      }
    }
  }
}
