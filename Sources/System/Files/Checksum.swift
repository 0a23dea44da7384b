import CZlib

/// The CRC-32 of bytes in eight hexadecimal digits. It detects mixed-up files, not forged ones.
public func checksum(_ parts: [UInt8]...) -> String {
  var value = crc32(0, nil, 0)
  for bytes in parts { value = crc32_z(value, bytes, bytes.count) }
  let digits = String(value, radix: 16)
  return String(repeating: "0", count: 8 - digits.count) + digits
}
