import CZlib

/// The CRC-32 of bytes in eight hexadecimal digits. It tells files apart that were mixed up, not files
/// that were forged.
public func checksum(_ parts: [UInt8]...) -> String {
  var value = crc32(0, nil, 0)
  for bytes in parts { value = crc32_z(value, bytes, bytes.count) }
  let digits = String(value, radix: 16)
  return String(repeating: "0", count: 8 - digits.count) + digits
}
