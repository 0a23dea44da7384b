// swift-tools-version: 6.2
import PackageDescription

// A package of its own, as anybody's would be: outside of this repository, name its URL and a version instead of
// the path.
let package = Package(
  name: "examples",
  dependencies: [.package(name: "digitalis", path: "..")],
  targets: [
    "Perceptron", "ConvolutionalClassifier", "VariationalAutoencoder", "OwnOperation",
  ].map {
    .executableTarget(
      name: $0, dependencies: [.product(name: "Digitalis", package: "digitalis")])
  },
  swiftLanguageModes: [.v6]
)
