import Threads

/// The caches of this processor.
enum Cache {
  /// The bytes of the second-level cache of a core, as reported by Linux; 512 KiB if it is not.
  static let secondLevel: Int = {
    for index in 0..<8 {
      let folder = "/sys/devices/system/cpu/cpu0/cache/index\(index)/"
      guard systemText(folder + "level") == "2", let size = systemText(folder + "size"),
        size.hasSuffix("K"),
        let kibibytes = Int(size.dropLast())
      else { continue }
      return kibibytes << 10
    }
    return 512 << 10
  }()
}
