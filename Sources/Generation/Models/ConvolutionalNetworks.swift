import Autograd
import Compute
import Datasets
import NeuralNetwork

/// The extents of the images between the convolutions. Each stage halves an image, down to fewer than 8 rows or
/// columns; black borders make the extents of an image multiples of 4 first, so that it can be halved.
struct ConvolutionalStages {
  let image: ImageShape
  /// The image with its borders, then each stage's output.
  let extents: [ImageShape]

  /// The rows and columns that can be halved at all.
  private static let least = 8

  init(_ convolutions: AutoencoderShape.Convolutions) {
    image = convolutions.image
    func bordered(_ pixels: Int) -> Int { pixels < Self.least ? pixels : (pixels + 3) / 4 * 4 }
    var extents = [
      ImageShape(
        rows: bordered(image.rows), columns: bordered(image.columns), channels: image.channels)
    ]
    while let last = extents.last, min(last.rows, last.columns) >= Self.least,
      last.rows % 2 == 0, last.columns % 2 == 0
    {
      let stage = extents.count - 1
      extents.append(
        ImageShape(
          rows: last.rows / 2, columns: last.columns / 2,
          channels: convolutions.width << min(stage, 2)))
    }
    self.extents = extents
  }

  /// The smallest images.
  var innermost: ImageShape { extents[extents.count - 1] }

  /// Images, batch × pixels, as batch × rows × columns × channels, with borders.
  func bordered(_ images: Tensor) throws(DeviceError) -> Tensor {
    let whole = extents[0]
    let x = try images.reshaped([
      images.shape.rows, image.rows, image.columns, image.channels,
    ])
    guard whole != image else { return x }
    return try x.padded([
      (0, 0), (0, whole.rows - image.rows), (0, whole.columns - image.columns), (0, 0),
    ])
  }

  /// Images without their borders, batch × pixels.
  func cropped(_ images: Tensor) throws(DeviceError) -> Tensor {
    var x = images
    if extents[0] != image {
      x = try x.sliced(1, 0..<image.rows).sliced(2, 0..<image.columns)
    }
    return try x.reshaped([x.shape[0], image.count])
  }
}

/// The groups of channels that are normalised together.
private let groups = 8

/// Convolutions of 4 × 4 pixels and stride 2, all but the first followed by a group normalisation, then a fully
/// connected layer and the output; SiLU in between.
struct ConvolutionalEncoder: Encoder {
  private let stages: ConvolutionalStages
  private let convolutions: [Conv2D]
  private let norms: [GroupNorm?]
  private let hidden, output: Dense

  init(_ stages: ConvolutionalStages, hidden width: Int, _ dimension: Int, _ p: Parameters) throws {
    self.stages = stages
    let extents = stages.extents
    convolutions = try (1..<extents.count).map {
      try Conv2D(
        extents[$0 - 1].channels, extents[$0].channels, size: 4, stride: 2, padding: 1,
        p["stage\($0)"])
    }
    norms = try (1..<extents.count).map {
      $0 == 1 ? nil : try GroupNorm(extents[$0].channels, groups: groups, p["norm\($0)"])
    }
    hidden = try Dense(stages.innermost.count, width, .silu, p["hidden"])
    output = try Dense(width, 2 * dimension, p["output"])
  }

  func callAsFunction(_ images: Tensor) throws(DeviceError) -> Tensor {
    var x = try stages.bordered(images)
    for (convolution, norm) in zip(convolutions, norms) {
      x = try convolution(x)
      if let norm { x = try norm(x) }
      x = try x.map(.silu)
    }
    return try output(try hidden(try x.reshaped([x.shape[0], stages.innermost.count])))
  }
}

/// Two fully connected layers, then transposed convolutions of 4 × 4 pixels and stride 2, each after a group
/// normalisation and SiLU.
struct ConvolutionalDecoder: Decoder {
  private let stages: ConvolutionalStages
  private let hidden, input: Dense
  private let norms: [GroupNorm]
  private let convolutions: [ConvTranspose2D]

  init(_ stages: ConvolutionalStages, hidden width: Int, _ dimension: Int, _ p: Parameters) throws {
    self.stages = stages
    let extents = stages.extents
    hidden = try Dense(dimension, width, .silu, p["hidden"])
    input = try Dense(width, stages.innermost.count, p["input"])
    // From the innermost image outwards.
    norms = try (1..<extents.count).reversed().map {
      try GroupNorm(extents[$0].channels, groups: groups, p["norm\($0)"])
    }
    convolutions = try (1..<extents.count).reversed().map {
      try ConvTranspose2D(
        extents[$0].channels, extents[$0 - 1].channels, size: 4, stride: 2, padding: 1,
        p["stage\($0)"])
    }
  }

  func callAsFunction(_ latents: Tensor, _ activation: UnaryFunction) throws(DeviceError) -> Tensor
  {
    let inner = stages.innermost
    var x = try input(try hidden(latents)).reshaped([
      latents.shape.rows, inner.rows, inner.columns, inner.channels,
    ])
    for (norm, convolution) in zip(norms, convolutions) {
      x = try convolution(try norm(x).map(.silu))
    }
    return try stages.cropped(x).map(activation)
  }
}
