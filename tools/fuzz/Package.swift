// swift-tools-version: 6.2
import PackageDescription

// A package of its own, for its flags would go into every product: tools/fuzz/run builds it.
let package = Package(
  name: "fuzz",
  dependencies: [.package(name: "digitalis", path: "../..")],
  targets: [
    .executableTarget(
      name: "fuzz",
      dependencies: [
        "Compute", "ComputeCPU", "Datasets", "Evaluation", "Files", "Generation", "Models",
        "NeuralNetwork", "Training",
      ].map { .product(name: $0, package: "digitalis") })
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .gnu2x
)
