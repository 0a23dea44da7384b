import COpenCL
import Compute

/// A memory object of a context.
final class Memory: @unchecked Sendable {
  let object: cl_mem
  let byteCount: Int
  private let context: Context

  /// Allocates; on some drivers the memory is only claimed at its first use.
  init(_ context: Context, byteCount: Int) throws(DeviceError) {
    let flags = cl_mem_flags(CL_MEM_READ_WRITE)
    var code: cl_int = 0
    let object = clCreateBuffer(context.context, flags, byteCount, nil, &code)
    try check(code, "clCreateBuffer", "allocating \(byteCount) bytes; try a smaller batch")
    guard let object else {
      throw DeviceError(call: "clCreateBuffer", detail: "no memory object of \(byteCount) bytes")
    }
    self.object = object
    self.byteCount = byteCount
    self.context = context
  }

  /// Makes a memory object that holds a copy of host bytes, taken before this returns.
  init(_ context: Context, copying bytes: UnsafeRawBufferPointer) throws(DeviceError) {
    let flags = cl_mem_flags(CL_MEM_READ_ONLY | CL_MEM_COPY_HOST_PTR)
    var code: cl_int = 0
    let host = UnsafeMutableRawPointer(mutating: bytes.baseAddress)
    let object = clCreateBuffer(context.context, flags, bytes.count, host, &code)
    try check(code, "clCreateBuffer", "allocating \(bytes.count) bytes for an upload")
    guard let object else {
      throw DeviceError(call: "clCreateBuffer", detail: "no memory object for an upload")
    }
    self.object = object
    byteCount = bytes.count
    self.context = context
  }

  /// A view of part of another memory object; the caller keeps that one alive.
  init(_ context: Context, viewing whole: Memory, offset: Int, byteCount: Int)
    throws(DeviceError)
  {
    var region = cl_buffer_region(origin: offset, size: byteCount)
    var code: cl_int = 0
    let object = clCreateSubBuffer(
      whole.object, 0, cl_buffer_create_type(CL_BUFFER_CREATE_TYPE_REGION), &region, &code)
    try check(code, "clCreateSubBuffer", "\(byteCount) bytes from byte \(offset)")
    guard let object else {
      throw DeviceError(call: "clCreateSubBuffer", detail: "the driver returned no memory object")
    }
    self.object = object
    self.byteCount = byteCount
    self.context = context
  }

  deinit {
    logFailure(clReleaseMemObject(object), "clReleaseMemObject")
  }
}
