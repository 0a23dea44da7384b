import Compute
import Foundation

extension NaiveDevice {
  func conv2d(
    _ shape: Convolution, _ x: Buffer, weights: Buffer, bias: Buffer?, into y: Buffer
  ) throws(DeviceError) {
    let channels = shape.inputChannels - (has(.convolutionDropsLastChannel) ? 1 : 0)
    let rowOff = has(.convolutionRowOff) ? 1 : 0
    let columnOff = has(.convolutionColumnOff) ? 1 : 0
    let (flips, transposes) = (has(.convolutionFlipsKernel), has(.convolutionTransposesKernel))
    let swaps = has(.convolutionSwapsWeightChannels)
    let channelsFirst = has(.convolutionChannelsFirst)
    let (inputs, outputs) = (shape.inputChannels, shape.outputChannels)
    let (down, across) = (shape.rows.size, shape.columns.size)
    let (input, kernel) = (x.floats, weights.floats)
    for place in 0..<shape.outputCount {
      let (f, j) = (place % outputs, place / outputs % shape.outputWidth)
      let i = place / outputs / shape.outputWidth % shape.outputHeight
      let b = place / outputs / shape.outputWidth / shape.outputHeight
      var sum: Float = 0
      for p in 0..<down {
        for q in 0..<across {
          var row = i * shape.rows.stride + p - shape.rows.before
          var column = j * shape.columns.stride + q - shape.columns.before
          if has(.convolutionWrapsMargin) { column = (column + shape.width) % shape.width }
          guard 0..<shape.height ~= row && 0..<shape.width ~= column else { continue }
          row = min(row + rowOff, shape.height - 1)
          column = min(column + columnOff, shape.width - 1)
          var tap = flips ? (down - 1 - p) * across + across - 1 - q : p * across + q
          if transposes { tap = min(q * down + p, down * across - 1) }
          for c in 0..<channels {
            let source =
              channelsFirst
              ? ((b * inputs + c) * shape.height + row) * shape.width + column
              : ((b * shape.height + row) * shape.width + column) * inputs + c
            let weight = swaps ? f * inputs + c : c * outputs + f
            sum += input[source] * kernel[tap * inputs * outputs + weight]
          }
        }
      }
      if has(.convolutionDropsLastImage), b == shape.batch - 1 { continue }
      if has(.convolutionWrongTile), j >= 16 { sum = 0 }
      if has(.convolutionWrongChannelTile), f >= 32 { sum = 0 }
      let offset = has(.convolutionNoBias) ? 0 : bias?.floats[f] ?? 0
      y.floats[place] =
        has(.convolutionBiasAfterActivation)
        ? value(shape.activation, sum) + offset : value(shape.activation, sum + offset)
    }
  }

  func conv2dMaxPool(
    _ shape: Convolution, _ x: Buffer, weights: Buffer, bias: Buffer?, into y: Buffer
  ) throws(DeviceError) {
    var shape = shape
    if has(.convolutionPoolNoActivation) { shape.activation = .identity }
    let bias = has(.convolutionPoolNoBias) ? nil : bias
    let between = try makeBuffer(count: shape.outputCount, type: .float32)
    try conv2d(shape, x, weights: weights, bias: bias, into: between)
    try pool(shape.pooling, between, into: y)
  }

  func conv2dInputGradient(
    _ shape: Convolution, weights: Buffer, outputGradient: Buffer, into xGradient: Buffer,
    accumulate: Bool
  ) throws(DeviceError) {
    let keeps = accumulate && !has(.inputGradientIgnoresAccumulate)
    let (noFlip, swaps) = (has(.inputGradientNoFlip), has(.inputGradientSwapsChannels))
    let (inputs, outputs) = (shape.inputChannels, shape.outputChannels)
    let (kernel, gradient) = (weights.floats, outputGradient.floats)
    let (down, across) = (shape.rows.size, shape.columns.size)
    let inner = has(.inputGradientDropsBorder) ? down - 1 : 0
    // The output that a tap puts on a pixel, if there is one.
    func output(_ pixel: Int, _ tap: Int, _ window: Window, _ count: Int) -> Int? {
      let place = pixel + window.before - tap
      guard place >= 0 else { return nil }
      let isHit = place % window.stride == 0 || has(.inputGradientRoundsStride)
      return isHit && inner..<max(inner, count) ~= place / window.stride
        ? place / window.stride : nil
    }
    for place in 0..<shape.inputCount {
      let (c, j) = (place % inputs, place / inputs % shape.width)
      let i = place / inputs / shape.width % shape.height
      let b = place / inputs / shape.width / shape.height
      var sum: Float = 0
      for p in 0..<down {
        guard let line = output(i, p, shape.rows, shape.outputHeight) else { continue }
        for q in 0..<across {
          guard let column = output(j, q, shape.columns, shape.outputWidth) else { continue }
          let tap = noFlip ? (down - 1 - p) * across + across - 1 - q : p * across + q
          let output = (b * shape.outputHeight + line) * shape.outputWidth + column
          for f in 0..<outputs {
            let weight = swaps ? f * inputs + c : c * outputs + f
            sum += gradient[output * outputs + f] * kernel[tap * inputs * outputs + weight]
          }
        }
      }
      if has(.inputGradientAppliesActivation) { sum = value(shape.activation, sum) }
      xGradient.floats[place] = (keeps ? xGradient.floats[place] : 0) + sum
    }
  }

  func conv2dWeightGradient(
    _ shape: Convolution, _ x: Buffer, outputGradient: Buffer, into weightsGradient: Buffer,
    accumulate: Bool
  ) throws(DeviceError) {
    let keeps = accumulate && !has(.weightGradientIgnoresAccumulate)
    let (inputs, outputs) = (shape.inputChannels, shape.outputChannels)
    let (input, gradient) = (x.floats, outputGradient.floats)
    let across = shape.columns.size
    let batch = shape.batch - (has(.weightGradientDropsLastImage) ? 1 : 0)
    let rows = shape.outputHeight - (has(.weightGradientDropsLastRow) ? 1 : 0)
    for place in 0..<shape.weightCount {
      let (f, c) = (place % outputs, place / outputs % inputs)
      let tap = place / outputs / inputs
      let flipped = has(.weightGradientFlipsKernel) ? shape.taps - 1 - tap : tap
      let (p, q) = (flipped / across, flipped % across)
      var sum: Float = 0
      for b in 0..<batch {
        for i in 0..<rows {
          let row = i * shape.rows.stride + p - shape.rows.before
          guard 0..<shape.height ~= row else { continue }
          let output = (b * shape.outputHeight + i) * shape.outputWidth * outputs + f
          for j in 0..<shape.outputWidth {
            let column =
              j * (has(.weightGradientIgnoresStride) ? 1 : shape.columns.stride) + q
              - shape.columns.before
            guard 0..<shape.width ~= column else { continue }
            let source = ((b * shape.height + row) * shape.width + column) * inputs + c
            sum += input[source] * gradient[output + j * outputs]
          }
        }
      }
      if has(.weightGradientIsMean) { sum /= Float(shape.batch) }
      weightsGradient.floats[place] = (keeps ? weightsGradient.floats[place] : 0) + sum
    }
  }
}
