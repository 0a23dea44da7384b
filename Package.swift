// swift-tools-version: 6.2
import PackageDescription

// The inner loops of the CPU device are compiled once for each instruction set. The flags that ask
// for one are `unsafeFlags`, which SwiftPM before 6.3 refuses in a package that another one depends on
// by version; there the portable loops serve.
#if compiler(>=6.3)
  let takesFlags = true
#else
  let takesFlags = !Context.packageDirectory.contains("/checkouts/")
#endif

func innerLoops(_ flags: [String]) -> [SwiftSetting] {
  #if arch(x86_64)
    takesFlags ? [.unsafeFlags(["-O"] + flags)] : []
  #else
    takesFlags ? [.unsafeFlags(["-O"])] : []
  #endif
}

// Only tools/documentation needs the plugin; no package that depends on this one fetches it.
let documents: [Package.Dependency] =
  Context.environment["DIGITALIS_DOCUMENTATION"] == nil
  ? [] : [.package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0")]

let package = Package(
  name: "digitalis",
  products: [
    .library(name: "Digitalis", targets: ["Digitalis"]),
    .library(name: "Compute", targets: ["Compute"]),
    .library(name: "ComputeCPU", targets: ["ComputeCPU"]),
    .library(name: "ComputeOpenCL", targets: ["ComputeOpenCL"]),
    .library(name: "Profiling", targets: ["Profiling"]),
    .library(name: "DeviceChoice", targets: ["DeviceChoice", "Conformance"]),
    .library(name: "NeuralNetwork", targets: ["Autograd", "NeuralNetwork"]),
    .library(name: "Datasets", targets: ["Datasets"]),
    .library(name: "Training", targets: ["Training"]),
    .library(name: "Models", targets: ["Models"]),
    .library(name: "Generation", targets: ["Generation"]),
    .library(name: "Evaluation", targets: ["Baselines", "Evaluation"]),
    .library(name: "Labelling", targets: ["Labelling"]),
    .library(name: "Reporting", targets: ["Reporting"]),
    .library(name: "Reproduction", targets: ["Reproduction"]),
    .library(name: "Files", targets: ["Files"]),
    .executable(name: "digitalis", targets: ["digitalis"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
  ] + documents,
  targets: [
    // C
    .systemLibrary(name: "COpenCL", pkgConfig: "OpenCL", providers: [.apt(["ocl-icd-opencl-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
    .systemLibrary(name: "CJPEG", pkgConfig: "libjpeg", providers: [.apt(["libjpeg-dev"])]),
    .systemLibrary(
      name: "CArchive", pkgConfig: "libarchive", providers: [.apt(["libarchive-dev"])]),
    .target(name: "CImageFiles", dependencies: ["CJPEG", "CPNG"]),
    .target(name: "CKernels"),
    .target(name: "CDefaultModel", exclude: ["default.safetensors"]),
    .target(name: "CLaunch"),

    // The process
    .target(name: "Threads"),
    .target(name: "Launch", dependencies: ["CLaunch", "Threads"]),

    .target(name: "Files", dependencies: ["CZlib"]),

    // Devices
    .target(name: "Compute"),
    .target(
      name: "CPUKernels", dependencies: ["Compute"], path: "Sources/Backend/CPUKernels/Generic"),
    .target(name: "CIntrinsics"),
    .target(
      name: "CPUKernelsPortable", dependencies: ["CPUKernels", "CIntrinsics"],
      path: "Sources/Backend/CPUKernels/Portable", swiftSettings: innerLoops([])),
    .target(
      name: "CPUKernelsAVX2", dependencies: ["CPUKernels", "CIntrinsics"],
      path: "Sources/Backend/CPUKernels/AVX2",
      swiftSettings: innerLoops(["-Xcc", "-march=x86-64-v3"])),
    .target(
      name: "CPUKernelsAVX512", dependencies: ["CPUKernels", "CIntrinsics"],
      path: "Sources/Backend/CPUKernels/AVX512",
      swiftSettings: innerLoops([
        "-Xcc", "-march=x86-64-v4", "-Xcc", "-mprefer-vector-width=512",
      ])),
    .target(
      name: "ComputeCPU",
      dependencies: [
        "CIntrinsics", "Compute", "CPUKernels", "CPUKernelsPortable", "CPUKernelsAVX2",
        "CPUKernelsAVX512", "Threads",
      ], swiftSettings: takesFlags ? [.define("INSTRUCTION_SETS")] : []),
    .target(
      name: "ComputeOpenCL",
      dependencies: [
        "Compute", "COpenCL", "CKernels", "Files", "Threads",
        .product(name: "Logging", package: "swift-log"),
      ]),
    .target(
      name: "Conformance", dependencies: ["Compute", "Threads"],
      // The oracle is slow enough where it is optimised.
      swiftSettings: innerLoops([])),
    .target(
      name: "DeviceChoice",
      dependencies: [
        "Compute", "ComputeCPU", "ComputeOpenCL", "Conformance", "Files", "Threads",
      ]),

    .target(name: "Profiling", dependencies: ["Compute", "Files"]),

    // Learning
    .target(name: "Autograd", dependencies: ["Compute"]),
    .target(name: "NeuralNetwork", dependencies: ["Compute", "Autograd", "Files"]),
    .target(
      name: "Datasets",
      dependencies: ["CArchive", "CImageFiles", "Compute", "CZlib", "Files", "Threads"]),
    .target(
      name: "Training",
      dependencies: ["Autograd", "Compute", "Datasets", "Files", "NeuralNetwork"]),
    .target(
      name: "Digitalis",
      dependencies: [
        "Autograd", "Compute", "ComputeCPU", "ComputeOpenCL", "Datasets", "DeviceChoice", "Files",
        "NeuralNetwork", "Training",
      ]),
    .target(
      name: "Models", dependencies: ["Autograd", "NeuralNetwork", "Datasets", "Files", "Training"]),
    .target(
      name: "Generation",
      dependencies: ["CDefaultModel", "Models", "Datasets", "Files", "Threads", "Training"]),
    .target(
      name: "Baselines",
      dependencies: ["Autograd", "NeuralNetwork", "Datasets", "Files", "Models", "Training"]),
    .target(name: "Reporting", dependencies: ["CImageFiles", "Files"]),
    .target(
      name: "Evaluation",
      dependencies: [
        "Autograd", "Baselines", "Datasets", "Files", "Generation", "Models", "NeuralNetwork",
        "Threads", "Training",
      ]),
    .target(
      name: "Labelling",
      dependencies: [
        "Autograd", "Compute", "Datasets", "Evaluation", "Files", "Generation", "Models",
        "NeuralNetwork", "Threads", "Training",
      ]),
    .target(
      name: "Reproduction",
      dependencies: [
        "Compute", "NeuralNetwork", "Models", "Generation", "Datasets", "Reporting", "Files",
        "Training",
      ]),
    .target(
      name: "Benchmark",
      dependencies: [
        "Autograd", "Compute", "Datasets", "DeviceChoice", "Evaluation", "Generation", "Models",
        "NeuralNetwork", "Training",
      ]),
    .executableTarget(
      name: "digitalis",
      dependencies: [
        "Autograd", "Baselines", "Benchmark", "Compute", "ComputeCPU", "ComputeOpenCL",
        "Conformance",
        "DeviceChoice", "Evaluation", "Files", "Datasets", "Labelling", "Launch", "Models",
        "NeuralNetwork",
        "Generation", "Profiling", "Reporting", "Reproduction", "Training",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ]),

    // Tests
    .target(
      name: "TestSupport",
      dependencies: ["Compute", "ComputeCPU", "ComputeOpenCL", "Datasets", "Files"],
      path: "Tests/Support"),
    .testTarget(name: "LaunchTests", dependencies: ["Launch"]),
    .testTarget(name: "ThreadsTests", dependencies: ["TestSupport", "Threads"]),
    .testTarget(name: "FilesTests", dependencies: ["Files", "TestSupport"]),
    .testTarget(
      name: "DatasetsTests",
      dependencies: ["CArchive", "CImageFiles", "CZlib", "Datasets", "Files"]),
    .testTarget(name: "ReportingTests", dependencies: ["Reporting", "CPNG", "Files"]),
    .testTarget(
      name: "ConformanceTests",
      dependencies: ["Compute", "ComputeCPU", "ComputeOpenCL", "Conformance"],
      swiftSettings: innerLoops([])),
    .testTarget(
      name: "BenchmarkTests",
      dependencies: ["Benchmark", "Compute", "ComputeCPU", "ComputeOpenCL", "TestSupport"]),
    .testTarget(
      name: "ComputeOpenCLTests", dependencies: ["ComputeOpenCL", "Files", "TestSupport"]),
    .testTarget(
      name: "ComputeCPUTests", dependencies: ["Autograd", "ComputeCPU", "TestSupport", "Threads"]),
    .testTarget(
      name: "DeviceChoiceTests",
      dependencies: ["ComputeCPU", "DeviceChoice", "Files", "TestSupport", "Threads"]),
    .testTarget(
      name: "ProfilingTests",
      dependencies: [
        "ComputeCPU", "ComputeOpenCL", "Conformance", "Files", "Profiling", "TestSupport",
        "Training",
      ]),
    .testTarget(
      name: "AutogradTests", dependencies: ["Autograd", "ComputeCPU", "Conformance", "TestSupport"]),
    .testTarget(
      name: "NeuralNetworkTests", dependencies: ["ComputeCPU", "NeuralNetwork", "TestSupport"],
      exclude: ["Trajectories.safetensors"]),
    .testTarget(
      name: "TrainingTests", dependencies: ["ComputeCPU", "Files", "TestSupport", "Training"]),
    .testTarget(
      name: "ModelsTests",
      dependencies: [
        "Autograd", "ComputeCPU", "Conformance", "Files", "Models", "TestSupport", "Training",
      ]),
    .testTarget(
      name: "GenerationTests", dependencies: ["Autograd", "Generation", "TestSupport", "Training"]),
    .testTarget(
      name: "TrustTests",
      dependencies: [
        "Baselines", "ComputeCPU", "ComputeOpenCL", "Conformance", "Datasets", "Files",
        "Generation", "Models", "NeuralNetwork", "TestSupport", "Training",
      ]),
    .testTarget(
      name: "EvaluationTests",
      dependencies: ["Baselines", "ComputeCPU", "Evaluation", "Files", "TestSupport", "Training"]),
    .testTarget(
      name: "LabellingTests",
      dependencies: ["Evaluation", "Files", "Labelling", "Models", "NeuralNetwork", "TestSupport"]),
    .testTarget(name: "CommandTests", dependencies: ["digitalis", "Files", "TestSupport"]),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .gnu2x
)

// The storeys of the house, each a folder of Sources, from the ground up. A module knows those before it in
// this list, and no other: tools/checks/storeys.
let storeys: KeyValuePairs = [
  "System": [
    "COpenCL", "CZlib", "CPNG", "CJPEG", "CArchive", "CImageFiles", "CKernels", "CIntrinsics",
    "CDefaultModel", "CLaunch", "Threads", "Launch", "Files",
  ],
  "Backend": [
    "Compute", "CPUKernels", "ComputeCPU", "ComputeOpenCL", "Conformance", "DeviceChoice",
    "Profiling",
  ],
  "Learning": ["Autograd", "NeuralNetwork", "Datasets", "Training", "Digitalis"],
  "Generation": ["Models", "Generation", "Baselines", "Evaluation", "Labelling"],
  "Tool": ["Reporting", "Reproduction", "Benchmark", "digitalis"],
]
for (storey, modules) in storeys {
  for target in package.targets where modules.contains(target.name) && target.path == nil {
    target.path = "Sources/\(storey)/\(target.name)"
  }
}
