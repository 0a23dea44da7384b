import COpenCL

extension Program {
  /// Loads a binary that the driver made of a program.
  ///
  /// - Parameters:
  ///   - context: The context, of the same device.
  ///   - binary: The binary.
  ///   - options: The options that it was built with.
  ///   - kernel: A kernel that it must have.
  /// - Returns: Nil when the driver refuses it.
  convenience init?(_ context: Context, binary: [UInt8], options: String, kernel: String) {
    var devices: [cl_device_id?] = [context.device]
    var code: cl_int = 0
    var status: cl_int = 0
    var count = binary.count
    let object = binary.withUnsafeBufferPointer { bytes in
      var start = bytes.baseAddress
      return clCreateProgramWithBinary(
        context.context, 1, &devices, &count, &start, &status, &code)
    }
    guard let object else { return nil }
    self.init(context, object: object)
    guard code == CL_SUCCESS, status == CL_SUCCESS,
      clBuildProgram(object, 1, &devices, options, nil, nil) == CL_SUCCESS,
      (try? Kernel(self, kernel)) != nil
    else { return nil }
  }

  /// The binary that the driver made of the program; nil if it has none of at most `limit` bytes.
  func binary(limit: Int) -> [UInt8]? {
    var size = 0
    let width = MemoryLayout<Int>.size
    guard
      clGetProgramInfo(object, cl_program_info(CL_PROGRAM_BINARY_SIZES), width, &size, nil)
        == CL_SUCCESS, 1...max(1, limit) ~= size
    else { return nil }
    var code = CL_SUCCESS
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { storage, count in
      var start = storage.baseAddress
      code = clGetProgramInfo(object, cl_program_info(CL_PROGRAM_BINARIES), width, &start, nil)
      count = code == CL_SUCCESS ? size : 0
    }
    return code == CL_SUCCESS ? bytes : nil
  }
}
