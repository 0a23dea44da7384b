import Digitalis

struct Perceptron: Module {
  let hidden, output: Dense

  init(_ p: Parameters) throws {
    hidden = try Dense(784, 128, .relu, p["hidden"])
    output = try Dense(128, 10, p["output"])
  }

  func callAsFunction(_ x: Tensor) throws -> Tensor { try output(hidden(x)) }
}

let device = try openDevice()
let (training, test) = try Dataset.load("mnist").ready(on: device)
let model = try Model(Perceptron.init, seed: 1, on: device)
let adam = try Adam(model.parameters, learningRate: 0.002)
for epoch in 1...3 {
  for batch in try training.batches(of: 128, seed: 1, epoch: epoch) {
    try adam.step { try crossEntropy(model(batch.images), batch.labels).mean() }
  }
  print("epoch \(epoch): accuracy \(try model.accuracy(on: test))")
}
try model.save("perceptron.safetensors")
