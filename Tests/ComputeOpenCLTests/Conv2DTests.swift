import Compute
import Testing

@testable import ComputeOpenCL

@Suite(.enabled(if: TestDevice.any, "no OpenCL device here")) struct Conv2DTests {
  /// Ragged extents: below and above a tile, one panel of channels and two.
  static let shapes = [
    Convolution(batch: 1, height: 1, width: 1, inputChannels: 1, outputChannels: 1, size: 1),
    Convolution(batch: 3, height: 4, width: 7, inputChannels: 3, outputChannels: 31, size: 2),
    Convolution(batch: 3, height: 6, width: 5, inputChannels: 31, outputChannels: 3, size: 3),
    Convolution(batch: 1, height: 5, width: 23, inputChannels: 33, outputChannels: 1, size: 3),
    Convolution(batch: 2, height: 9, width: 13, inputChannels: 1, outputChannels: 33, size: 5),
    Convolution(batch: 1, height: 2, width: 150, inputChannels: 3, outputChannels: 17, size: 1),
    // Whole quads of channels.
    Convolution(batch: 3, height: 8, width: 9, inputChannels: 4, outputChannels: 8, size: 3),
    Convolution(batch: 2, height: 10, width: 10, inputChannels: 32, outputChannels: 64, size: 3),
    // In tiles, more than are done at once in parts.
    Convolution(batch: 6, height: 10, width: 10, inputChannels: 16, outputChannels: 17, size: 3),
    // Whole quads again.
    Convolution(batch: 1, height: 5, width: 6, inputChannels: 16, outputChannels: 132, size: 2),
  ]

  @Test(arguments: TestDevice.tiled) func convolves(_ test: TestDevice) throws {
    let device = test.device
    let functions = [.tanh] + epilogues.dropFirst() + epilogues
    for (shape, activation) in Swift.zip(Self.shapes, functions) {
      var shape = shape
      shape.activation = activation
      let x = numbers(shape.inputCount), w = numbers(shape.weightCount, seed: 2)
      let b = numbers(shape.outputChannels, seed: 3)
      let (xBuffer, weights) = (try device.makeBuffer(x), try device.makeBuffer(w))
      for bias in [nil, b] {
        let y = try device.makeBuffer(count: shape.outputCount, type: .float32)
        let biasBuffer = try bias.map { bias throws(DeviceError) in try device.makeBuffer(bias) }
        try device.conv2d(shape, xBuffer, weights: weights, bias: biasBuffer, into: y)
        var sums = (0..<shape.outputCount).map { Double(bias?[$0 % shape.outputChannels] ?? 0) }
        eachProduct(shape) { x_, w_, y_ in sums[y_] += Double(x[x_]) * Double(w[w_]) }
        expectClose(
          try device.download(y), sums.map { value(activation, $0) }, tolerance: 1e-5, "\(shape)")

        guard shape.outputHeight >= 2 && shape.outputWidth >= 2 else { continue }
        let separate = try device.makeBuffer(count: shape.pooling.outputCount, type: .float32)
        try device.pool(shape.pooling, y, into: separate)
        let fused = try device.makeBuffer(count: separate.count, type: .float32)
        try device.conv2dMaxPool(shape, xBuffer, weights: weights, bias: biasBuffer, into: fused)
        expectClose(
          try device.download(fused), try device.download(separate).map(Double.init),
          "pooled, \(shape)")
      }
    }
  }

  @Test(arguments: TestDevice.tiled) func gradients(_ test: TestDevice) throws {
    let device = test.device
    for shape in Self.shapes {
      let x = numbers(shape.inputCount), w = numbers(shape.weightCount, seed: 2)
      let dy = numbers(shape.outputCount, seed: 3)
      let gradient = try device.makeBuffer(dy)
      for accumulate in [false, true] {
        let oldX = numbers(shape.inputCount, seed: 4), oldW = numbers(shape.weightCount, seed: 5)
        let xGradient = try device.makeBuffer(oldX), wGradient = try device.makeBuffer(oldW)
        try device.conv2dInputGradient(
          shape, weights: device.makeBuffer(w), outputGradient: gradient, into: xGradient,
          accumulate: accumulate)
        try device.conv2dWeightGradient(
          shape, device.makeBuffer(x), outputGradient: gradient, into: wGradient,
          accumulate: accumulate)
        var xSums = oldX.map { accumulate ? Double($0) : 0 }
        var wSums = oldW.map { accumulate ? Double($0) : 0 }
        eachProduct(shape) { x_, w_, y_ in
          xSums[x_] += Double(w[w_]) * Double(dy[y_])
          wSums[w_] += Double(x[x_]) * Double(dy[y_])
        }
        // Computing by tiles rounds more: 1.6e-5 at worst where it was measured, on PoCL.
        let tolerance = shape.transposed.paysInTiles ? 4e-5 : 1e-5
        expectClose(
          try device.download(xGradient), xSums, tolerance: tolerance, "dx, \(shape)")
        expectClose(try device.download(wGradient), wSums, tolerance: 1e-5, "dw, \(shape)")
      }
    }
  }

  /// More images than chunks, so that a chunk holds several.
  @Test(arguments: TestDevice.tiled) func sumsManyImages(_ test: TestDevice) throws {
    let shape = Convolution(
      batch: 130, height: 4, width: 3, inputChannels: 2, outputChannels: 5, size: 2)
    let x = numbers(shape.inputCount), dy = numbers(shape.outputCount, seed: 2)
    let result = try test.device.makeBuffer(count: shape.weightCount, type: .float32)
    try test.device.conv2dWeightGradient(
      shape, test.device.makeBuffer(x), outputGradient: test.device.makeBuffer(dy), into: result,
      accumulate: false)
    var sums = [Double](repeating: 0, count: shape.weightCount)
    eachProduct(shape) { x_, w_, y_ in sums[w_] += Double(x[x_]) * Double(dy[y_]) }
    expectClose(try test.device.download(result), sums, tolerance: 1e-5)
  }

  /// Calls `body` with the places in input, weights and output of each product of a convolution.
  private func eachProduct(_ shape: Convolution, _ body: (Int, Int, Int) -> Void) {
    let (size, channels, filters) = (shape.rows.size, shape.inputChannels, shape.outputChannels)
    for pixel in 0..<shape.outputCount / filters {
      let j = pixel % shape.outputWidth, i = pixel / shape.outputWidth % shape.outputHeight
      let image = pixel / shape.outputWidth / shape.outputHeight
      for (p, q) in (0..<size * size).map({ ($0 / size, $0 % size) }) {
        let from = (image * shape.height + i + p) * shape.width + j + q
        for c in 0..<channels {
          for f in 0..<filters {
            body(
              from * channels + c, ((p * size + q) * channels + c) * filters + f,
              pixel * filters + f)
          }
        }
      }
    }
  }
}
