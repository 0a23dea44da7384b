import CZlib
import Files

/// Whether bytes begin as every gzip file does.
func isGzip(_ bytes: [UInt8]) -> Bool { bytes.starts(with: [0x1f, 0x8b]) }

/// Unpacks all members of a gzip file, and checks their CRCs.
/// - Parameters:
///   - packed: the whole file, which ``isGzip(_:)``.
///   - path, remedy: the path and the remedy named in errors.
///   - limit: the maximum unpacked size in bytes; some tiny files unpack to gigabytes.
///   - first: how many bytes to unpack, ignoring the rest of the file; nil for all.
/// - Throws: `FileError` when the data is cut off, damaged, too large or followed by other bytes.
func gunzip(
  _ packed: [UInt8], path: String, remedy: String, limit: Int = 1 << 30, first: Int? = nil
) throws(FileError) -> [UInt8] {
  var stream = z_stream()
  let gzipOnly = MAX_WBITS + 16  // zlib's way to ask for a gzip header
  guard
    inflateInit2_(&stream, gzipOnly, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
  else { throw FileError(path, "zlib does not start", remedy: "free some memory") }
  defer { inflateEnd(&stream) }

  var unpacked = [UInt8](repeating: 0, count: first ?? min(limit, 4 * packed.count) + 1)
  var read = 0
  var written = 0
  while true {
    let status = inflateStep(&stream, from: packed, at: &read, into: &unpacked, at: &written)
    guard written <= limit else {
      throw FileError(path, "unpacks to more than \(limit) bytes", remedy: remedy)
    }
    if written == first { return unpacked }
    switch status {
    case Z_STREAM_END where read == packed.count:
      unpacked.removeLast(unpacked.count - written)
      return unpacked
    case Z_STREAM_END where isGzip(Array(packed[read...].prefix(2))):
      inflateReset(&stream)
    case Z_STREAM_END:
      throw FileError(
        path, "\(packed.count - read) stray bytes follow its gzip data", remedy: remedy)
    case Z_OK, Z_BUF_ERROR:
      if written < unpacked.count {  // there was room, so the input given ran out
        if read < packed.count { continue }
        throw FileError(
          path, "its gzip data is truncated after \(packed.count) bytes", remedy: remedy)
      }
      let more = min(unpacked.count, limit + 1 - unpacked.count)
      unpacked += [UInt8](repeating: 0, count: more)
    default:
      let reason = stream.msg.map { String(cString: $0) } ?? "zlib code \(status)"
      throw FileError(path, "its gzip data is damaged (\(reason))", remedy: remedy)
    }
  }
}

/// Unpacks until the input ends, the output is full, or a member ends; moves both positions.
private func inflateStep(
  _ stream: inout z_stream, from input: [UInt8], at read: inout Int, into output: inout [UInt8],
  at written: inout Int
) -> Int32 {
  input.withUnsafeBufferPointer { source in
    output.withUnsafeMutableBufferPointer { target in
      // zlib counts in 32 bits, and only reads the input, whatever its pointer's type.
      stream.next_in = UnsafeMutablePointer(mutating: source.baseAddress).map { $0 + read }
      stream.avail_in = UInt32(clamping: source.count - read)
      stream.next_out = target.baseAddress.map { $0 + written }
      stream.avail_out = UInt32(clamping: target.count - written)
      let (input, output) = (stream.avail_in, stream.avail_out)
      let status = inflate(&stream, Z_NO_FLUSH)
      read += Int(input - stream.avail_in)
      written += Int(output - stream.avail_out)
      return status
    }
  }
}

/// Packs bytes like `gzip`, without a time stamp.
func gzip(_ bytes: [UInt8]) -> [UInt8] { deflated(bytes, windowBits: MAX_WBITS + 16) }

/// Packs bytes by deflate.
/// - Parameter windowBits: zlib's way to ask for a header: negative for none, above 15 for that of gzip.
func deflated(_ contents: [UInt8], windowBits: Int32) -> [UInt8] {
  var stream = z_stream()
  let status = deflateInit2_(
    &stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, windowBits, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
    Int32(MemoryLayout<z_stream>.size))
  precondition(status == Z_OK, "zlib does not start")
  defer { deflateEnd(&stream) }
  let most = Int(deflateBound(&stream, UInt(contents.count)))
  // zlib counts in 32 bits; callers stay below that.
  precondition(most <= UInt32.max, "too many bytes to pack at once")
  return [UInt8](unsafeUninitializedCapacity: most) { target, count in
    contents.withUnsafeBufferPointer { source in
      stream.next_in = UnsafeMutablePointer(mutating: source.baseAddress)
      stream.avail_in = UInt32(source.count)
      stream.next_out = target.baseAddress
      stream.avail_out = UInt32(most)
      let status = deflate(&stream, Z_FINISH)
      precondition(status == Z_STREAM_END, "deflate has room for all")
      count = most - Int(stream.avail_out)
    }
  }
}
