import Threads

/// A hash of an image's bytes, the same on every machine and in every version: it decides which images of
/// an unsplit set are test images.
func contentHash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
  var hash: UInt64 = 0xcbf2_9ce4_8422_2325 ^ UInt64(bytes.count)
  func mix(_ word: UInt64) {
    hash = (hash ^ word) &* 0x9e37_79b9_7f4a_7c15
    hash ^= hash >> 29
  }
  var place = 0
  while place + 8 <= bytes.count {
    mix(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)))
    place += 8
  }
  var rest: UInt64 = 0
  for byte in bytes[place...] { rest = rest << 8 | UInt64(byte) }
  mix(rest)
  // Lets the last words affect all bits (the finaliser of MurmurHash3).
  hash = (hash ^ hash >> 33) &* 0xff51_afd7_ed55_8ccd
  hash = (hash ^ hash >> 33) &* 0xc4ce_b9fe_1a85_ec53
  return hash ^ hash >> 33
}

/// The hash of each image, on all processors.
/// - Parameter size: The size of an image in bytes.
func contentHashes(_ images: [UInt8], size: Int) -> [UInt64] {
  let (count, chunk) = (images.count / size, max(1, (1 << 20) / size))
  return [UInt64](unsafeUninitializedCapacity: count) { hashes, written in
    images.withUnsafeBytes { images in
      // Each image belongs to one thread.
      nonisolated(unsafe) let (images, hashes) = (images, hashes)
      concurrently((count + chunk - 1) / chunk) { part in
        for image in part * chunk..<min(count, (part + 1) * chunk) {
          let bytes = UnsafeRawBufferPointer(rebasing: images[image * size..<(image + 1) * size])
          hashes.initializeElement(at: image, to: contentHash(bytes))
        }
      }
    }
    written = count
  }
}
