import Compute
import Foundation
import Testing

@testable import ComputeOpenCL

@Suite(.enabled(if: TestDevice.any, "no OpenCL device here")) struct ClassificationTests {
  @Test(arguments: TestDevice.all) func pools(_ test: TestDevice) throws {
    let device = test.device
    for (batch, height, width, channels) in [(1, 2, 2, 1), (3, 5, 3, 33), (2, 4, 7, 31)] {
      let shape = Pooling(batch: batch, height: height, width: width, channels: channels)
      // Few different values, so that many windows have several maxima; and a NaN.
      var x = numbers(shape.inputCount).map { ($0 * 2).rounded() }
      x[x.count / 2] = .nan
      let dy = numbers(shape.outputCount, seed: 2), old = numbers(shape.inputCount, seed: 3)
      var expected: [Float] = [], sums = old, gradients = old.map { _ in Float(0) }
      for o in 0..<shape.outputCount {
        let c = o % channels, window = o / channels
        let j = window % shape.outputWidth, i = window / shape.outputWidth % shape.outputHeight
        let image = window / shape.outputWidth / shape.outputHeight
        let places = (0..<4).map {
          ((image * height + 2 * i + $0 / 2) * width + 2 * j + $0 % 2) * channels + c
        }
        let rank = places.map { x[$0].isNaN ? Float.infinity : x[$0] }
        let first = places[rank.firstIndex(of: rank.reduce(-.infinity, max)) ?? 0]
        expected.append(x[first])
        sums[first] += dy[o]
        gradients[first] += dy[o]
      }
      let input = try device.makeBuffer(x)
      let y = try device.makeBuffer(count: shape.outputCount, type: .float32)
      try device.pool(shape, input, into: y)
      #expect(try device.download(y).map(\.bitPattern) == expected.map(\.bitPattern))
      for accumulate in [false, true] {
        let dx = try device.makeBuffer(old)
        try device.poolGradient(
          shape, input, outputGradient: device.makeBuffer(dy), into: dx, accumulate: accumulate)
        #expect(try device.download(dx) == (accumulate ? sums : gradients))
      }
    }
  }

  @Test(arguments: TestDevice.all) func dropsOut(_ test: TestDevice) throws {
    let stream = RandomStream(seed: 5, purpose: 6, step: 7)
    for (count, rate) in [(1, 0.5), (67, 0), (1031, 0.25)] as [(Int, Float)] {
      let x = numbers(count), y = try test.device.makeBuffer(x)
      try test.device.dropout(rate, stream, y, into: y)
      let expected = (0..<count).map { i in
        let words = threefry(
          key: stream.key, counter: stream.counter &+ SIMD4(UInt32(i / 4), 0, 0, 0))
        let dropped = Float(words[i % 4] >> 8) * 0x1p-24 < rate
        return dropped ? 0 : Double(x[i]) / (1 - Double(rate))
      }
      expectClose(try test.device.download(y), expected)
    }
  }

  @Test(arguments: TestDevice.all) func softmaxes(_ test: TestDevice) throws {
    let device = test.device
    for shape in [Rows(1, 1), Rows(3, 10), Rows(5, 33), Rows(2, 300)] {
      var logits = numbers(shape.count).map { $0 * 30 }
      logits[0] = 1e4
      var labels = (0..<shape.rows).map { Int32($0 * 7 % shape.columns) }
      if shape.rows > 2 { labels[1...2] = [-1, Int32(shape.columns)] }
      let probabilities = (0..<shape.count).map { i in
        let start = i / shape.columns * shape.columns
        let row = logits[start..<start + shape.columns]
        let greatest = Double(row.max() ?? 0)
        return exp(Double(logits[i]) - greatest)
          / row.reduce(0) { $0 + exp(Double($1) - greatest) }
      }
      let (l, t) = (try device.makeBuffer(logits), try device.makeBuffer(labels))
      let y = try device.makeBuffer(logits)
      try device.softmax(shape, y, into: y)
      expectClose(try device.download(y), probabilities)

      let loss = try device.makeBuffer(count: shape.rows, type: .float32)
      try device.softmaxCrossEntropy(shape, logits: l, labels: t, into: loss)
      for (r, value) in try device.download(loss).enumerated() {
        guard (0..<shape.columns).contains(Int(labels[r])) else {
          #expect(value.isNaN)
          continue
        }
        let row = (0..<shape.columns).map { Double(logits[r * shape.columns + $0]) }
        let greatest = row.max() ?? 0
        let exact =
          greatest + log(row.reduce(0) { $0 + exp($1 - greatest) }) - row[Int(labels[r])]
        #expect(abs(Double(value) - exact) <= 2e-6 * max(1, abs(exact)), "\(shape), row \(r)")
      }

      let weights = numbers(shape.rows, seed: 2), old = numbers(shape.count, seed: 3)
      for accumulate in [false, true] {
        let gradient = try device.makeBuffer(old)
        try device.softmaxCrossEntropyGradient(
          shape, logits: l, labels: t, lossGradient: .each(device.makeBuffer(weights)),
          into: gradient,
          accumulate: accumulate)
        let expected = (0..<shape.count).map { i in
          let r = i / shape.columns
          let target = Int(labels[r]) == i % shape.columns ? 1.0 : 0
          return Double(weights[r]) * (probabilities[i] - target)
            + (accumulate ? Double(old[i]) : 0)
        }
        expectClose(try device.download(gradient), expected)
      }
    }
  }

  @Test(arguments: TestDevice.all) func findsTheGreatest(_ test: TestDevice) throws {
    let device = test.device
    let infinity = Float.infinity, nan = Float.nan
    for (rows, expected) in [
      ([[3], [-infinity], [nan]], [0, 0, 0]),
      ([[1, 2, 2], [-infinity, -infinity, -infinity], [5, nan, nan]], [1, 0, 1]),
      ([(0..<300).map { Float($0 % 150) }, (0..<300).map { Float(-$0) }], [149, 0]),
      ([[Float](repeating: 0, count: 33) + [nan, infinity]], [33]),
    ] as [([[Float]], [Int32])] {
      let y = try device.makeBuffer(count: rows.count, type: .int32)
      try device.argmax(
        Rows(rows.count, rows[0].count), device.makeBuffer(rows.flatMap { $0 }), into: y)
      #expect(try device.download(y, as: Int32.self) == expected)
    }
    let a = (0..<77).map { Int32($0 % 10 - 3) }, b = (0..<77).map { Int32($0 % 7 - 3) }
    let y = try device.makeBuffer(count: 77, type: .float32)
    try device.equal(device.makeBuffer(a), device.makeBuffer(b), into: y)
    #expect(try device.download(y) == Swift.zip(a, b).map { $0 == $1 ? 1 : 0 })
  }

  @Test(arguments: TestDevice.all) func treatsRows(_ test: TestDevice) throws {
    let device = test.device
    for shape in [Rows(1, 1), Rows(3, 31), Rows(5, 2100)] {
      var x = numbers(shape.count)
      let scale = numbers(shape.columns, seed: 2), shift = numbers(shape.columns, seed: 3)
      let y = try device.makeBuffer(x)
      try device.scaleColumns(
        shape, y, by: device.makeBuffer(scale), adding: device.makeBuffer(shift), into: y)
      let scaled = (0..<shape.count).map { i in
        Double(x[i]) * Double(scale[i % shape.columns]) + Double(shift[i % shape.columns])
      }
      expectClose(try device.download(y), scaled)

      for i in 0..<shape.columns { x[i] = 0 }
      try device.upload(x, to: y)
      try device.normalizeRows(shape, y, into: y)
      let normal = (0..<shape.count).map { i in
        let start = i / shape.columns * shape.columns
        let row = x[start..<start + shape.columns]
        let norm = row.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
        return norm == 0 ? 0 : Double(x[i]) / norm
      }
      expectClose(try device.download(y), normal)
    }
  }

  @Test(arguments: TestDevice.all) func gathersLabels(_ test: TestDevice) throws {
    let bytes = (0..<10).map { UInt8(200 + $0) }, indices: [Int32] = [7, 9, 0, 10, 3, -1, 9]
    let y = try test.device.makeBuffer(count: 6, type: .int32)
    try test.device.gather(
      Gather(width: 1, first: 1), test.device.makeBuffer(bytes),
      at: test.device.makeBuffer(indices), into: y)
    #expect(try test.device.download(y, as: Int32.self) == [209, 200, -1, 203, -1, 209])
  }
}
