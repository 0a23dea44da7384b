import Autograd
import Compute
import Conformance

extension GradientCase {
  private static func convolution(_ activation: UnaryFunction) -> Convolution {
    Convolution(
      batch: 2, height: 4, width: 5, inputChannels: 2, outputChannels: 3, size: 3,
      activation: activation)
  }

  private static let pooling = Pooling(batch: 2, height: 4, width: 5, channels: 2)
  private static let stream = RandomStream(seed: 3, purpose: 4)

  static let convolutional: [GradientCase] =
    [UnaryFunction.identity, .relu, .softplus, .silu].map { activation in
      let shape = convolution(activation)
      return GradientCase("convolved \(activation)", [Rows(2, 40), Rows(18, 3), Rows(1, 3)]) {
        try $0[0].convolved(shape, $0[1], $0[2])
      } exact: {
        Oracle.conv2d(shape, $0[0], weights: $0[1], bias: $0[2]).map(\.value)
      }
    }
    + [UnaryFunction.identity, .relu, .softplus, .silu].map { activation in
      let shape = convolution(activation)
      return GradientCase(
        "convolvedAndPooled \(activation)", [Rows(2, 40), Rows(18, 3), Rows(1, 3)]
      ) {
        try $0[0].convolvedAndPooled(shape, $0[1], $0[2])
      } exact: {
        Oracle.pool(
          shape.pooling, Oracle.conv2d(shape, $0[0], weights: $0[1], bias: $0[2])
        ).map(\.value)
      }
    } + [
      GradientCase("pooled", [Rows(2, 40)]) {
        try $0[0].pooled(pooling)
      } exact: {
        Oracle.pool(pooling, $0[0].map { Measured($0) }).map(\.value)
      },
      GradientCase("droppingOut", [Rows(3, 7)]) {
        try $0[0].droppingOut(0.4, stream)
      } exact: {
        $0[0].enumerated().map { i, x in
          let words = threefry(
            key: stream.key, counter: stream.counter &+ SIMD4(UInt32(i / 4), 0, 0, 0))
          return Double(words[i % 4] >> 8) / 0x1p24 < Double(Float(0.4)) ? 0 : Double(x) / 0.6
        }
      },
      GradientCase("softmaxCrossEntropy", [Rows(3, 5)]) {
        let labels = try $0[0].device.makeBuffer([4, 0, 2] as [Int32])
        return try $0[0].softmaxCrossEntropy(labels: labels)
      } exact: {
        Oracle.softmaxCrossEntropy(Rows(3, 5), logits: $0[0], labels: [4, 0, 2]).map(\.value)
      },
    ]
}

extension GradientCase {
  private static let strided = Convolution(
    batch: 2, height: 5, width: 4, inputChannels: 2, outputChannels: 3,
    rows: Window(3, stride: 2, before: 1, after: 0), columns: Window(2, stride: 2),
    activation: .relu)

  static let general: [GradientCase] =
    [
      GradientCase("convolved by a stride", [Rows(2, 40), Rows(12, 3), Rows(1, 3)]) {
        try $0[0].convolved(strided, $0[1], $0[2])
      } exact: {
        Oracle.conv2d(strided, $0[0], weights: $0[1], bias: $0[2]).map(\.value)
      },
      GradientCase(
        "convolvedTransposed",
        [Rows(2, strided.outputCount / 2), Rows(12, 3), Rows(1, 2)]
      ) {
        try $0[0].convolvedTransposed(strided.linear, $0[1], $0[2])
      } exact: {
        let bias = $0[2]
        return Oracle.conv2dInputGradient(
          strided.linear, weights: $0[1], outputGradient: $0[0], old: nil
        ).enumerated().map { $1.value + Double(bias[$0 % 2]) }
      },
    ]
    + Pooling.Function.allCases.map { function in
      let shape = Pooling(
        function, batch: 2, height: 5, width: 4, channels: 2,
        rows: Window(3, stride: 2, padding: 1), columns: Window(2))
      return GradientCase("pooled \(function)", [Rows(2, 40)]) {
        try $0[0].pooled(shape)
      } exact: {
        Oracle.pool(shape, $0[0].map { Measured($0) }).map(\.value)
      }
    }
}
