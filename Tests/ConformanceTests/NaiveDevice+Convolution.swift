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
    let (size, inputs, outputs) = (shape.size, shape.inputChannels, shape.outputChannels)
    let (input, kernel) = (x.floats, weights.floats)
    for place in 0..<shape.outputCount {
      let (f, j) = (place % outputs, place / outputs % shape.outputWidth)
      let i = place / outputs / shape.outputWidth % shape.outputHeight
      let b = place / outputs / shape.outputWidth / shape.outputHeight
      var sum: Float = 0
      for p in 0..<size {
        for q in 0..<size {
          let row = min(i + p + rowOff, shape.height - 1)
          let column = min(j + q + columnOff, shape.width - 1)
          var tap = flips ? (size - 1 - p) * size + size - 1 - q : p * size + q
          if transposes { tap = q * size + p }
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
    try maxPool(shape.pooling, between, into: y)
  }

  func conv2dInputGradient(
    _ shape: Convolution, weights: Buffer, outputGradient: Buffer, into xGradient: Buffer,
    accumulate: Bool
  ) throws(DeviceError) {
    let keeps = accumulate && !has(.inputGradientIgnoresAccumulate)
    let (noFlip, swaps) = (has(.inputGradientNoFlip), has(.inputGradientSwapsChannels))
    let (size, inputs, outputs) = (shape.size, shape.inputChannels, shape.outputChannels)
    let (kernel, gradient) = (weights.floats, outputGradient.floats)
    let inner = has(.inputGradientDropsBorder) ? size - 1 : 0
    for place in 0..<shape.inputCount {
      let (c, j) = (place % inputs, place / inputs % shape.width)
      let i = place / inputs / shape.width % shape.height
      let b = place / inputs / shape.width / shape.height
      var sum: Float = 0
      for p in 0..<size where (inner..<shape.outputHeight).contains(i - p) {
        for q in 0..<size where (inner..<shape.outputWidth).contains(j - q) {
          let tap = noFlip ? (size - 1 - p) * size + size - 1 - q : p * size + q
          let output = (b * shape.outputHeight + i - p) * shape.outputWidth + j - q
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
    let (size, inputs, outputs) = (shape.size, shape.inputChannels, shape.outputChannels)
    let (input, gradient) = (x.floats, outputGradient.floats)
    let batch = shape.batch - (has(.weightGradientDropsLastImage) ? 1 : 0)
    let rows = shape.outputHeight - (has(.weightGradientDropsLastRow) ? 1 : 0)
    for place in 0..<shape.weightCount {
      let (f, c) = (place % outputs, place / outputs % inputs)
      let tap = place / outputs / inputs
      let flipped = has(.weightGradientFlipsKernel) ? size * size - 1 - tap : tap
      let (p, q) = (flipped / size, flipped % size)
      var sum: Float = 0
      for b in 0..<batch {
        for i in 0..<rows {
          let source = ((b * shape.height + i + p) * shape.width + q) * inputs + c
          let output = (b * shape.outputHeight + i) * shape.outputWidth * outputs + f
          for j in 0..<shape.outputWidth {
            sum += input[source + j * inputs] * gradient[output + j * outputs]
          }
        }
      }
      if has(.weightGradientIsMean) { sum /= Float(shape.batch) }
      weightsGradient.floats[place] = (keeps ? weightsGradient.floats[place] : 0) + sum
    }
  }
}
