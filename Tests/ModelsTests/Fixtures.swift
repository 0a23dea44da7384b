import Compute
import Datasets
import Models
import TestSupport
import Training

/// 160 training and 40 test images of 12 × 12.
let training = Blobs.dataset(160, side: 12)
let test = Blobs.dataset(40, side: 12, seed: 2)

/// A small run: ten steps to an epoch.
func configuration(
  _ objective: RunConfiguration.ObjectiveName = .elbo, epochs: Int = 2, seed: UInt64 = 5,
  learningRate: Float = 0.001, latent: Int = 3
) -> RunConfiguration {
  RunConfiguration(
    shape: AutoencoderShape(pixels: 144, hidden: 33, latentDimension: latent), imageRows: 12,
    imageColumns: 12, objective: objective, dataset: "blobs", epochs: epochs, batchSize: 16,
    learningRate: learningRate, seed: seed)
}

/// A trainer of ``configuration(_:epochs:seed:learningRate:latent:)`` that reads every loss.
func trainer(_ configuration: RunConfiguration, on device: any Device) throws
  -> AutoencoderTraining
{
  try AutoencoderTraining(
    configuration, training: training, test: test, on: device, reportInterval: 1)
}

/// All parameters and moments.
func state(_ trainer: AutoencoderTraining) throws -> [[[Float]]] {
  try trainer.task.optimizers[0].allValues()
}
