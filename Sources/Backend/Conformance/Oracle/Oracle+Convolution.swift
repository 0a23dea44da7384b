import Compute

extension Convolution {
  /// Visits every product of a convolution: the places of its output, its input and its weight.
  fileprivate func forEachTerm(_ body: (_ output: Int, _ input: Int, _ weight: Int) -> Void) {
    for b in 0..<batch {
      for i in 0..<outputHeight {
        for j in 0..<outputWidth {
          let output = ((b * outputHeight + i) * outputWidth + j) * outputChannels
          for p in 0..<size {
            for q in 0..<size {
              for c in 0..<inputChannels {
                let input = ((b * height + i + p) * width + j + q) * inputChannels + c
                let weight = ((p * size + q) * inputChannels + c) * outputChannels
                for f in 0..<outputChannels { body(output + f, input, weight + f) }
              }
            }
          }
        }
      }
    }
  }
}

extension Oracle {
  /// `f(Σ x·w + bias)`.
  package static func conv2d(
    _ shape: Convolution, _ x: [Float], weights w: [Float], bias: [Float]?
  ) -> [Measured] {
    var sums = (0..<shape.outputCount).map { i in
      bias.map { Measured($0[i % shape.outputChannels]) } ?? .zero
    }
    shape.forEachTerm { output, input, weight in
      sums[output] += Measured(x[input]) * Measured(w[weight])
    }
    return spread(shape, sums).map { apply(shape.activation, $0) }
  }

  /// Gives each result the greatest scale of its tile of 4 × 4 where a device may compute by tiles:
  /// a tile's results are sums of the same 36 products and share their errors.
  private static func spread(_ shape: Convolution, _ results: [Measured]) -> [Measured] {
    guard shape.paysInTiles else { return results }
    let (height, width, channels) = (shape.outputHeight, shape.outputWidth, shape.outputChannels)
    return results.indices.map { i in
      let (f, column) = (i % channels, i / channels % width)
      let (row, image) = (i / channels / width % height, i / channels / width / height)
      let (top, left) = (row / 4 * 4, column / 4 * 4)
      var result = results[i]
      for p in top..<min(top + 4, height) {
        for q in left..<min(left + 4, width) {
          let other = results[((image * height + p) * width + q) * channels + f]
          result.scale = max(result.scale, other.scale)
        }
      }
      return result
    }
  }

  /// Each input takes in what each output that it reached passes back.
  package static func conv2dInputGradient(
    _ shape: Convolution, weights w: [Float], outputGradient dy: [Float], old: [Float]?
  ) -> [Measured] {
    var dx = (old ?? [Float](repeating: 0, count: shape.inputCount)).map { Measured($0) }
    shape.forEachTerm { output, input, weight in
      dx[input] += Measured(dy[output]) * Measured(w[weight])
    }
    return spread(shape.transposed, dx)
  }

  /// Each weight takes in what each output that it made passes back.
  package static func conv2dWeightGradient(
    _ shape: Convolution, _ x: [Float], outputGradient dy: [Float], old: [Float]?
  ) -> [Measured] {
    var dw = (old ?? [Float](repeating: 0, count: shape.weightCount)).map { Measured($0) }
    shape.forEachTerm { output, input, weight in
      dw[weight] += Measured(x[input]) * Measured(dy[output])
    }
    guard shape.paysInTiles else { return dw }
    // By tiles the taps of a kernel are sums of the same 36 numbers.
    let taps = shape.size * shape.size
    let tap = shape.weightCount / taps
    return dw.indices.map { i in
      var result = dw[i]
      result.scale = (0..<taps).map { dw[$0 * tap + i % tap].scale }.reduce(0, max)
      return result
    }
  }
}

extension Pooling {
  /// The places of the window of an output, row by row.
  fileprivate func window(of output: Int) -> [Int] {
    let (c, column) = (output % channels, output / channels % outputWidth)
    let row = output / channels / outputWidth % outputHeight
    let b = output / channels / outputWidth / outputHeight
    return [(0, 0), (0, 1), (1, 0), (1, 1)].map { p, q in
      ((b * height + 2 * row + p) * width + 2 * column + q) * channels + c
    }
  }
}

extension Oracle {
  /// The maximum of each window. Any element may win by its error, so the greatest scale counts.
  package static func maxPool(_ shape: Pooling, _ x: [Measured]) -> [Measured] {
    (0..<shape.outputCount).map { output in
      let window = shape.window(of: output).map { x[$0] }
      return window.dropFirst().reduce(window[0]) { a, b in
        Measured(value: max(a.value, b.value), scale: max(a.scale, b.scale))
      }
    }
  }

  /// `dy` at the first maximum of each window.
  package static func maxPoolGradient(
    _ shape: Pooling, _ x: [Float], outputGradient dy: [Float], old: [Float]?
  ) -> [Measured] {
    var dx = (old ?? [Float](repeating: 0, count: shape.inputCount)).map { Measured($0) }
    for output in 0..<shape.outputCount {
      let window = shape.window(of: output)
      let first = window.dropFirst().reduce(window[0]) { x[$1] > x[$0] ? $1 : $0 }
      dx[first] += Measured(dy[output])
    }
    return dx
  }
}
