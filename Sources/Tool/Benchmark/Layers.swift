import Compute
import Models

/// A dense layer.
struct DenseExtents: Hashable {
  var inputs: Int
  var outputs: Int

  /// The operations for one image.
  var operations: Double { 2 * Double(inputs * outputs) }
}

extension AutoencoderShape {
  /// The dense layers, from the image to the logits (tables 1 and 2).
  var layers: [DenseExtents] { encoderLayers + decoderLayers }

  var encoderLayers: [DenseExtents] {
    [
      DenseExtents(inputs: pixels, outputs: hidden), DenseExtents(inputs: hidden, outputs: hidden),
      DenseExtents(inputs: hidden, outputs: 2 * latentDimension),
    ]
  }

  var decoderLayers: [DenseExtents] {
    [
      DenseExtents(inputs: latentDimension, outputs: hidden),
      DenseExtents(inputs: hidden, outputs: hidden), DenseExtents(inputs: hidden, outputs: pixels),
    ]
  }

  /// The number of weights and biases.
  var parameterCount: Int { layers.reduce(0) { $0 + ($1.inputs + 1) * $1.outputs } }
}

/// The layers of the classifier (table 3) for a batch of images of 28 × 28.
struct ClassifierLayers {
  let first: Convolution
  let second: Convolution
  let dense: [DenseExtents]

  init(batch: Int) {
    first = Convolution(
      batch: batch, height: 28, width: 28, inputChannels: 1, outputChannels: 32, activation: .relu)
    second = Convolution(
      batch: batch, height: first.outputHeight, width: first.outputWidth, inputChannels: 32,
      outputChannels: 64, activation: .relu)
    let features = second.pooling.outputCount / batch
    dense = [
      DenseExtents(inputs: features, outputs: 128), DenseExtents(inputs: 128, outputs: 10),
    ]
  }

  /// The operations of a forward pass, counting convolutions as direct ones.
  var operations: Double {
    first.operations + second.operations + Double(first.batch) * dense.operations
  }
}

extension Sequence<DenseExtents> {
  /// The operations for one image.
  var operations: Double { reduce(0) { $0 + $1.operations } }
}
