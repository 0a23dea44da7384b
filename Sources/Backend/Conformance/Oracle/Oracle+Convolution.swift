import Compute

extension Convolution {
  /// Visits every product of a convolution: the indices of its output, its input and its weight.
  fileprivate func forEachTerm(_ body: (_ output: Int, _ input: Int, _ weight: Int) -> Void) {
    for b in 0..<batch {
      for i in 0..<outputHeight {
        for j in 0..<outputWidth {
          let output = ((b * outputHeight + i) * outputWidth + j) * outputChannels
          for p in 0..<rows.size {
            let row = i * rows.stride + p - rows.before
            guard (0..<height).contains(row) else { continue }
            for q in 0..<columns.size {
              let column = j * columns.stride + q - columns.before
              guard (0..<width).contains(column) else { continue }
              for c in 0..<inputChannels {
                let input = ((b * height + row) * width + column) * inputChannels + c
                let weight = ((p * columns.size + q) * inputChannels + c) * outputChannels
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

  /// Gives each result the greatest scale of its 4 × 4 tile if a device may compute by tiles:
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

  /// Each input sums the contributions of the outputs that it reached.
  package static func conv2dInputGradient(
    _ shape: Convolution, weights w: [Float], outputGradient dy: [Float], old: [Float]?
  ) -> [Measured] {
    var dx = (old ?? [Float](repeating: 0, count: shape.inputCount)).map { Measured($0) }
    shape.forEachTerm { output, input, weight in
      dx[input] += Measured(dy[output]) * Measured(w[weight])
    }
    return shape.gradientPaysInTiles ? spread(shape.transposed, dx) : dx
  }

  /// Each weight sums the contributions of the outputs that it reached.
  package static func conv2dWeightGradient(
    _ shape: Convolution, _ x: [Float], outputGradient dy: [Float], old: [Float]?
  ) -> [Measured] {
    var dw = (old ?? [Float](repeating: 0, count: shape.weightCount)).map { Measured($0) }
    shape.forEachTerm { output, input, weight in
      dw[weight] += Measured(x[input]) * Measured(dy[output])
    }
    guard shape.paysInTiles else { return dw }
    // By tiles the taps of a kernel are sums of the same 36 numbers.
    let taps = shape.taps
    let tap = shape.weightCount / taps
    return dw.indices.map { i in
      var result = dw[i]
      result.scale = (0..<taps).map { dw[$0 * tap + i % tap].scale }.reduce(0, max)
      return result
    }
  }
}

extension Pooling {
  /// The positions inside the image of an output's window, row by row.
  fileprivate func window(of output: Int) -> [Int] {
    let (c, column) = (output % channels, output / channels % outputWidth)
    let row = output / channels / outputWidth % outputHeight
    let b = output / channels / outputWidth / outputHeight
    var places: [Int] = []
    for p in 0..<rows.size {
      for q in 0..<columns.size {
        let (i, j) = (
          row * rows.stride + p - rows.before, column * columns.stride + q - columns.before
        )
        guard (0..<height).contains(i) && (0..<width).contains(j) else { continue }
        places.append(((b * height + i) * width + j) * channels + c)
      }
    }
    return places
  }
}

extension Oracle {
  /// The maximum, or the mean, of each window. Errors may let any element win, so the greatest scale
  /// counts.
  package static func pool(_ shape: Pooling, _ x: [Measured]) -> [Measured] {
    (0..<shape.outputCount).map { output in
      let window = shape.window(of: output).map { x[$0] }
      switch shape.function {
      case .average: return window.reduce(.zero, +) / Double(window.count)
      case .maximum:
        return window.dropFirst().reduce(window[0]) { a, b in
          let value = a.value.isNaN || a.value > b.value ? a.value : b.value
          return Measured(value: value, scale: max(a.scale, b.scale))
        }
      }
    }
  }

  /// `dy` at the first maximum of each window, or an equal share for each element of a mean.
  package static func poolGradient(
    _ shape: Pooling, _ x: [Float], outputGradient dy: [Float], old: [Float]?
  ) -> [Measured] {
    var dx = (old ?? [Float](repeating: 0, count: shape.inputCount)).map { Measured($0) }
    for output in 0..<shape.outputCount {
      let window = shape.window(of: output)
      switch shape.function {
      case .average:
        for place in window { dx[place] += Measured(dy[output]) / Double(window.count) }
      case .maximum:
        let first = window.dropFirst().reduce(window[0]) { x[$1] > x[$0] ? $1 : $0 }
        dx[first] += Measured(dy[output])
      }
    }
    return dx
  }
}
