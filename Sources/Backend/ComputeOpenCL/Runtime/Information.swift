import COpenCL
import Compute

/// Queries a number of a platform or device; nil if the query fails.
func number<Object, Value: FixedWidthInteger>(
  _ object: Object, _ name: Int32, as: Value.Type,
  _ query: (Object, cl_uint, Int, UnsafeMutableRawPointer?, UnsafeMutablePointer<Int>?) -> cl_int
) -> Value? {
  var value = Value.zero
  let code = query(object, cl_uint(name), MemoryLayout<Value>.size, &value, nil)
  return code == CL_SUCCESS ? value : nil
}

/// The work-items that a work-group may have along each of its first two dimensions; nil if the query fails.
func largestItems(_ device: cl_device_id) -> Int? {
  var sizes = [Int](repeating: 0, count: 16)
  let code = clGetDeviceInfo(
    device, cl_device_info(CL_DEVICE_MAX_WORK_ITEM_SIZES), sizes.count * MemoryLayout<Int>.size,
    &sizes, nil)
  return code == CL_SUCCESS ? max(1, min(sizes[0], sizes[1])) : nil
}

/// Queries a text of a platform or device; empty if the query fails.
func text<Object>(
  _ object: Object, _ name: Int32,
  _ query: (Object, cl_uint, Int, UnsafeMutableRawPointer?, UnsafeMutablePointer<Int>?) -> cl_int
) -> String {
  var size = 0
  guard query(object, cl_uint(name), 0, nil, &size) == CL_SUCCESS, size > 0 else { return "" }
  var bytes = [UInt8](repeating: 0, count: size)
  guard query(object, cl_uint(name), size, &bytes, nil) == CL_SUCCESS else { return "" }
  let end = bytes.firstIndex(of: 0) ?? size
  let words = String(decoding: bytes[..<end], as: UTF8.self).split(whereSeparator: \.isWhitespace)
  return words.joined(separator: " ")
}

/// Whether a version text such as `OpenCL 3.0 CUDA 12.2` promises at least 1.2.
func isAtLeastOpenCL12(_ version: String) -> Bool {
  let words = version.split(separator: " ")
  guard words.count > 1 else { return false }
  let parts = words[1].split(separator: ".").compactMap { Int($0) }
  guard parts.count > 1 else { return false }
  return (parts[0], parts[1]) >= (1, 2)
}
