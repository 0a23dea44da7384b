// Everything that a program with neural networks needs, in one import.

@_exported import Autograd
@_exported import Compute
@_exported import ComputeCPU
@_exported import ComputeOpenCL
@_exported import Datasets
@_exported import DeviceChoice
@_exported import Files
@_exported import NeuralNetwork
@_exported import Training
