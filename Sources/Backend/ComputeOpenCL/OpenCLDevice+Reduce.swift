import Compute

extension ReduceOperation: OpenCLOperation {
  /// Reduces in a fixed order; longer ones in two launches.
  public func run(on device: OpenCLDevice) throws(DeviceError) {
    let length = reduction.length
    let part =
      length < 2 * device.tuning.reducedPart
      ? length : max(device.tuning.reducedPart, quotient(length, device.tuning.reducedParts))
    let parts = quotient(length, part)
    guard parts > 1 else {
      return try device.stage(reduction, x, part: length, into: y)
    }
    let partial = try device.makeBuffer(count: y.count * parts, type: .float32)
    var (first, second) = (reduction, reduction)
    (first.scale, first.accumulate) = (1, false)
    try device.stage(first, x, part: part, into: partial)
    second.length = parts
    try device.stage(second, partial, part: parts, into: y)
  }
}

extension SumsOperation: OpenCLOperation {
  /// Four sums a launch, of tensors short enough for one work-group each.
  public func run(on device: OpenCLDevice) throws(DeviceError) {
    guard terms.allSatisfy({ $0.x.count < 2 * device.tuning.reducedPart }) else {
      return try compose(on: device)
    }
    for first in stride(from: 0, to: terms.count, by: 4) {
      let some = terms[first..<min(first + 4, terms.count)]
      var counts = SIMD4<UInt32>(repeating: 0)
      var scales = SIMD4<Float>(repeating: 0)
      for (i, term) in some.enumerated() {
        (counts[i], scales[i]) = (UInt32(term.x.count), term.scale)
      }
      let operands = some.map { Argument.buffer($0.x) }
      try device.launch(
        "reduce", "sums", results: some.count,
        operands + [Argument](repeating: .null, count: 4 - some.count)
          + [.uint4(counts), .float4(scales), .buffer(y), .uint(first)])
    }
  }
}

extension OpenCLDevice {
  /// Reduces each part of a dimension to one result.
  fileprivate func stage(_ reduction: Reduction, _ x: Buffer, part: Int, into y: Buffer)
    throws(DeviceError)
  {
    let (outer, length, inner) = (reduction.outer, reduction.length, reduction.inner)
    let function = Argument.int(reduction.function.number)
    if inner == 1 {
      try launch(
        "reduce", "reduce_rows", results: outer * quotient(length, part), work: part,
        [
          function, .buffer(x), .buffer(y), .uint(length), .uint(part), .float(reduction.scale),
          .flag(reduction.accumulate),
        ])
    } else {
      let results = min(outer * quotient(length, part), 65_535)
      let isGPU = tuning.family == .gpu
      try launch(
        "reduce", "reduce_columns",
        [
          function, .buffer(x), .buffer(y), .uint(outer), .uint(length), .uint(inner), .uint(part),
          .float(reduction.scale), .flag(reduction.accumulate),
        ]
      ) { group in
        let local = isGPU ? block(columns: min(inner, 32), of: group) : [1, 1]
        return Grid([quotient(inner, isGPU ? local[0] : 16), results], of: local)
      }
    }
  }
}

extension Reduction.Function {
  /// The number of a function in `reduce.cl`.
  fileprivate var number: Int {
    switch self {
    case .sum: 0
    case .maximum: 1
    case .minimum: 2
    }
  }
}
