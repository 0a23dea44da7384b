import Autograd
import Compute
import ComputeCPU
import Datasets
import Files
import Models
import TestSupport
import Testing
import Training

/// Programs that classify, and such that don't.
@Suite struct ExternalClassifierTests {
  private let folder: TemporaryFolder
  private static let shape = ImageShape(rows: 12, columns: 12)

  init() throws { folder = try TemporaryFolder() }

  private func classifier(
    _ body: String, _ shape: ImageShape = shape, patience: Double = 600
  ) throws -> ExternalClassifier {
    let command = try ClassifierProgram.write(body, to: folder["a program.py"])
    return try ExternalClassifier(command, image: shape, classes: 10, patience: patience)
  }

  private func images(_ count: Int, on device: any Device = CPUDevice()) throws -> Tensor {
    try DeviceDataset(test, on: device).images(0..<count)
  }

  /// What ``ClassifierProgram/tenths`` says.
  private func tenths(_ image: ArraySlice<Float>) -> [Float] {
    let tenth = image.count / 10
    let sums = (0..<10).map {
      image.dropFirst($0 * tenth).prefix(tenth).reduce(0.01) { $0 + Double($1) }
    }
    return sums.map { Float($0 / sums.reduce(0, +)) }
  }

  private func expectTenths(_ seen: Tensor, of images: Tensor) throws {
    #expect(seen.shape.matrix == Rows(images.shape.rows, 10))
    let (seen, pixels) = (try seen.values(), try images.values())
    let size = images.shape.columns
    let expected = (0..<images.shape.rows).flatMap { tenths(pixels[$0 * size..<($0 + 1) * size]) }
    #expect(zip(seen, expected).allSatisfy { abs($0 - $1) < 1e-5 })
  }

  @Test(arguments: TestDevice.all)
  func oneProgramAnswersBatchesOfAnySize(_ device: TestDevice) throws {
    let classifier = try classifier(ClassifierProgram.tenths)
    for count in [40, 1, 7] {
      let images = try images(count, on: device.device)
      try expectTenths(try classifier.probabilities(images), of: images)
    }
  }

  @Test func channelsComeLast() throws {
    let shape = ImageShape(rows: 2, columns: 5, channels: 3)
    let classifier = try classifier(
      "assert extents == [2, 5, 3]\n" + ClassifierProgram.tenths, shape)
    let values = (0..<2 * shape.count).map { Float($0 % 11) / 10 }
    let images = try Tensor(values, Rows(2, shape.count), on: CPUDevice())
    try expectTenths(try classifier.probabilities(images), of: images)
  }

  /// NumPy has many ways to write the same numbers.
  @Test(arguments: [
    #""<f8", "d""#, #"">f4", "f""#, #""<f4", "f", True"#, #"">f8", "d", True"#,
  ])
  func anyKindOfFloatsWillDo(_ kind: String) throws {
    let body = ClassifierProgram.tenths.replacing(
      "for row in sums])", with: "for row in sums], \(kind))")
    let images = try images(9)
    try expectTenths(try classifier(body).probabilities(images), of: images)
  }

  @Test(arguments: [#""|b1", "?""#, #""|u1", "B""#, #""<i8", "q""#, #""<f2", "e""#])
  func certaintyMayBeWhole(_ kind: String) throws {
    let classifier = try classifier("write([[k == 3 for k in range(10)] for i in images], \(kind))")
    let seen = try classifier.probabilities(try images(2)).values()
    #expect(seen == (0..<20).map { $0 % 10 == 3 ? 1 : 0 })
  }

  @Test(arguments: TestDevice.all)
  func hitsAreCounted(_ device: TestDevice) throws {
    let images = try images(40, on: device.device)
    let pixels = try images.values()
    let expected = (0..<40).filter { row in
      let seen = tenths(pixels[row * 144..<(row + 1) * 144])
      return seen.firstIndex(of: seen.max() ?? 0) == Int(test.labels[row])
    }.count
    let hits = try device.device.makeBuffer([Float(100)])
    let labels = try DeviceDataset(test, on: device.device).labels(0..<40)
    try classifier(ClassifierProgram.tenths).countHits(images, labels: labels, into: hits)
    #expect(try device.device.download(hits) == [Float(100 + expected)])
    #expect((1..<40).contains(expected), "all or none would say little")
  }

  private static let failures: [(body: String, texts: [String])] = [
    ("write([[0.5, 0.5] for i in images])", ["an array of 5 × 2 for 5 images of 10", "n × 10"]),
    ("write([[0.1] * 10] * 4)", ["an array of 4 × 10 for 5 images", "n × 12 × 12"]),
    (#"say(header("<i8", [5]) + bytes(40))"#, ["an array of 5 for 5 images of 10 classes"]),
    (#"say(header("<f4", []) + bytes(4))"#, ["an array of one number for"]),
    ("write([[float('nan')] * 10] * 5)", ["nan for class 0 of image 1 of 5", "divides by 0"]),
    ("write([[.1] * 10] * 4 + [[.1] * 9 + [math.inf]])", ["inf for class 9 of image 5 of 5"]),
    (
      "write([[.1] * 10, [.1] * 8 + [7, -2]] + [[.1] * 10] * 3)",
      ["7.0 for class 8 of image 2 of 5", "softmax"]
    ),
    ("write([[-2.5] * 10] * 5)", ["-2.5 for class 0 of image 1", "softmax to its logits"]),
    ("write([[.2] * 10] * 5)", ["sum is 2.0", "for image 1 of 5", "the last axis"]),
    ("write([[.1] * 10] * 4 + [[0] * 10])", ["sum is 0.0 for image 5 of 5"]),
    (
      #"say("loading…\nagain".encode())"#,
      [#"wrote "loading…" where an .npy array begins"#, "standard error"]
    ),
    (#"say(b"\x93PNG"); time.sleep(1000)"#, ["where an .npy array begins"]),
    (#"say(header("|O", [5, 10]))"#, ["Python objects (a pickle)"]),
    (#"say(header("<U5", [5, 10]))"#, ["texts (<U5)"]),
    (#"say(b"\x93NUMPY\2\0\xff\xff\xff\xff")"#, ["absurd header of 4294967295 bytes"]),
    (#"say(b"\x93NUMPY\7\0\0\0\0\0"); time.sleep(1000)"#, ["version 7"]),
    (#"say(header("<f4", [1 << 50, 10]))"#, ["absurd shape 1125899906842624 × 10"]),
    (#"say(header("<f4", [1 << 30, 10])); time.sleep(1000)"#, ["an array of 1073741824 × 10"]),
    ("write([[.1] * 10] * 5); write([[.1] * 10] * 5)", []),
    (#"say(header("<f4", [5, 10]) + bytes(200) + b"done\n")"#, ["wrote 5 bytes after its answer"]),
    (#"say(header("<f4", [5, 10]) + bytes(10)); sys.exit(4)"#, ["status 4 before it answered"]),
    ("sys.exit(4)", ["ended with status 4 before it answered"]),
    ("os.kill(os.getpid(), 9)", ["was ended by signal 9 (Killed)"]),
  ]

  @Test(arguments: failures.indices)
  func otherAnswersAreRefused(_ index: Int) throws {
    let (body, texts) = Self.failures[index]
    let path = folder["program.py"]
    let command = try ClassifierProgram.write(body, to: path)
    let classifier = try ExternalClassifier(command, image: Self.shape, classes: 10, patience: 600)
    let images = try images(5)
    let error = #expect(throws: FileError.self) {
      // A program that answers twice may be taken to have answered the next batch. It has read each batch when
      // one has answers, so that before the fourth at least one is left over.
      for _ in 0..<4 { _ = try classifier.probabilities(images) }
    }
    let text = error?.description ?? ""
    #expect(
      text.hasPrefix("\(command): ") && text.contains("; ") && !text.contains("\n"), "\(text)")
    for part in texts { #expect(text.contains(part), "\(text)") }
  }

  @Test func theLimitHolds() throws {
    let classifier = try classifier("time.sleep(1000)", patience: 1)
    for _ in 0..<2 {
      // No late answer is taken for the next one.
      let error = #expect(throws: FileError.self) {
        _ = try classifier.probabilities(try images(2))
      }
      #expect(error?.description.contains("gave no answer within 1 s") == true)
    }
  }
}
