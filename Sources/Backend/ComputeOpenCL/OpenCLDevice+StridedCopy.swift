import Compute

extension StridedCopyOperation: OpenCLOperation {
  /// Copies or adds, row by row of the innermost loop over both.
  public func run(on device: OpenCLDevice) throws(DeviceError) {
    let visit = visit
    try device.launch(
      "strided_copy", accumulate ? "strided_add" : "strided_copy",
      matrix: Rows(visit.rows, visit.inner),
      [
        .buffer(x), .buffer(y), .uint(visit.rows), .uint(visit.inner), visit.outerExtents,
        visit.outerSteps(0), visit.outerSteps(1), .int(visit.innerStride(0)),
        .int(visit.innerStride(1)), .uint(source.offset), .uint(target.offset),
      ])
  }
}

extension Traversal {
  /// The lengths of the loops around the innermost one, inner ones first; 1 where there is none.
  var outerExtents: Argument { .uint4(outer(extents, or: 1, UInt32.init)) }

  /// The strides of an operand in those loops.
  func outerSteps(_ operand: Int) -> Argument { .int4(outer(strides[operand], or: 0, Int32.init)) }

  private func outer<Number>(_ numbers: [Int], or absent: Int, _ convert: (Int) -> Number)
    -> SIMD4<Number>
  {
    var vector = SIMD4<Number>(repeating: convert(absent))
    for (i, number) in numbers.dropLast().reversed().enumerated() { vector[i] = convert(number) }
    return vector
  }
}
