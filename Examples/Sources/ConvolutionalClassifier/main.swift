// A convolutional classifier for any data set, trained by the training loop: with progress, a checkpoint after each
// epoch, and resuming from it when the program is started again.
//
//   ConvolutionalClassifier [DATASET [EPOCHS]]
import Digitalis

struct Network: Module {
  let layers: Sequential

  init(_ p: Parameters, _ image: ImageShape, classes: Int) throws {
    let (rows, columns) = (image.rows / 4, image.columns / 4)
    layers = Sequential(
      Reshape([image.rows, image.columns, image.channels]),
      try Conv2D(image.channels, 16, size: 3, padding: 1, .relu, p["first"]), MaxPool(2),
      try Conv2D(16, 32, size: 3, padding: 1, p["second"]), try BatchNorm(32, p["norm"]),
      Activation(.relu), MaxPool(2), Flatten(), Dropout(0.3),
      try Dense(rows * columns * 32, classes, p["output"]))
  }

  func callAsFunction(_ x: Tensor) throws -> Tensor { try layers(x) }
}

let arguments = CommandLine.arguments.dropFirst()
let choice = try chooseDevice()
print(choice.summary)
let (training, test) = try Dataset.load(DatasetSource(arguments.first ?? "mnist"))
  .ready(on: choice.device)
let model = try Model(
  { try Network($0, training.shape, classes: training.classCount) }, on: choice.device)
let epochs = arguments.dropFirst().first.flatMap { Int($0) } ?? 2
let steps = epochs * (training.count / 128 + 1)
let adam = try AdamW(
  model.parameters, learningRate: .warmUp(50, then: .cosine(0.003, steps: steps)),
  weightDecay: 0.01, clippingNorm: 5)
let loop = try TrainingLoop(
  ClassificationTask(model.network, adam, measuring: ["test accuracy": test]), data: training,
  TrainingSettings(epochs: epochs))
try loop.train(
  checkpoint: "classifier-checkpoint.safetensors",
  progress: { print("epoch \($0.epoch): \($0.images) images, \(Int($0.secondsLeft)) s left") },
  result: { print("epoch \($0.epoch): loss \($0.losses[0]), accuracy \($0.measures[0])") })
try model.save("classifier.safetensors")
