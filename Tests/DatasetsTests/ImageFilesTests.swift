import Files
import Foundation
import Testing

@testable import Datasets

@Suite struct ImageFilesTests {
  let set: ImageFolder

  init() throws { set = try ImageFolder() }

  @Test func classesAreFolders() throws {
    try set.writeImages("dog/b.png", "dog/a.png", "cat/deep/er/1.png", "a10/x.png", "a9/x.png")
    try set.write("What this is.", "README.md")
    try set.write(png([9, 9]), "cat/.hidden.png")
    try set.write(png([9, 9]), "__MACOSX/cat/1.png")
    try set.write("", "dog/Thumbs.db")
    let data = try #require(try set.read())
    #expect(data.shape == ImageShape(rows: 1, columns: 2))
    #expect(data.classNames == ["a9", "a10", "cat", "dog"])
    #expect(
      data.unsplit.names == [
        "a10/x.png", "a9/x.png", "cat/deep/er/1.png", "dog/a.png", "dog/b.png",
      ])
    #expect(data.unsplit.labels == [1, 0, 2, 3, 3])
    #expect(data.unsplit.images == [4, 0, 5, 0, 3, 0, 2, 0, 1, 0])
    #expect(data.training.labels.isEmpty && data.test.labels.isEmpty && data.leftOut.isEmpty)
  }

  @Test func partsAreFolders() throws {
    try set.writeImages("Train/a/1.png", "val/b/1.png", "TESTING/a/1.png")
    let data = try #require(try set.read())
    #expect(data.training.names == ["Train/a/1.png", "val/b/1.png"])
    #expect(data.training.labels == [0, 1])
    #expect(data.test.labels == [0] && data.test.images == [3, 0])
    #expect(data.classNames == ["a", "b"])
    #expect(
      data.notes == [
        "the images for validation, such as val/b/1.png, are among those to learn from"
      ])
  }

  @Test func foldersWithoutImagesAreNoted() throws {
    try set.writeImages("a/1.png", "b/1.png", "c/deep/1.png")
    #expect(try #require(try set.read()).notes.isEmpty)
    try set.write("none", "empty/note.txt")
    #expect(try #require(try set.read()).notes == ["the folder empty holds no images"])
    try set.write("none", "e/f/note.txt")
    #expect(
      try #require(try set.read()).notes == ["the folder e (and 1 more) holds no images"])
  }

  @Test func validationServesAsTestWhereThereIsNone() throws {
    try set.writeImages("train/a/1.png", "val/b/1.png")
    let data = try #require(try set.read())
    #expect(data.training.labels == [0] && data.test.labels == [1])
  }

  @Test func onePartAloneIsToBeSplit() throws {
    try set.writeImages("set/train/a/1.png", "set/train/b/1.png")
    let data = try #require(try set.read())
    #expect(data.unsplit.labels == [0, 1] && data.classNames == ["a", "b"])
  }

  @Test func testImagesMayHaveNoLabels() throws {
    try set.writeImages("train/a/1.png", "train/b/1.png", "test/1.png")
    let data = try #require(try set.read())
    #expect(data.training.labels == [0, 1] && data.test.labels == [nil])
  }

  @Test func aClassMayBeCalledTrain() throws {
    try set.writeImages("car/1.png", "train/1.png")
    #expect(try #require(try set.read()).classNames == ["car", "train"])
    try set.writeImages("train/x/2.png")
    #expect(
      set.problem()
        == "set/car/1.png: is in no folder for training or test images, as train/x/2.png is; "
        + "move it into one, or out of set")
  }

  @Test func imagesWithoutFoldersHaveNoLabels() throws {
    try set.writeImages("1.png", "2.png")
    let data = try #require(try set.read())
    #expect(data.unsplit.labels == [nil, nil] && data.classNames == nil)
    try set.writeImages("a/1.png")
    #expect(
      set.problem()
        == "set/1.png: is in no folder of a class, as a/1.png is; move it into one, or out of set")
  }

  @Test func oneFolderIsOneClass() throws {
    try set.writeImages("cats/1.png", "cats/2.png")
    #expect(try #require(try set.read()).classNames == ["cats"])
  }

  @Test func contentTellsWhatAFileIs() throws {
    try set.write(png([1, 0]), "a/picture")
    try set.write(JPEGFixtures.gray, "a/other.png")
    let data = try #require(try set.read(Preparation(rows: 1, columns: 2)))
    #expect(data.unsplit.names == ["a/other.png", "a/picture"])
  }

  @Test func aTextNamedPNGIsAnError() throws {
    try set.writeImages("a/1.png")
    try set.write("no picture", "a/2.png")
    #expect(
      set.problem()
        == "set/a/2.png: is neither a PNG nor a JPEG file: it starts with \"no pictu\"; "
        + "repair or remove it, or leave such files out with --skip-unreadable")
    let data = try #require(try set.read(Preparation(skipsUnreadable: true)))
    #expect(data.unsplit.images == [1, 0] && data.unsplit.labels == [0])
    #expect(
      data.leftOut == [
        "a/2.png: is neither a PNG nor a JPEG file: it starts with \"no pictu\""
      ])
  }

  @Test func whatIsLeftOutLeavesNoHole() throws {
    try set.write([], "a/0.png")
    try set.writeImages("a/1.png", "a/2.png", "b/3.png", "b/4.png")
    try set.write(Array(png([8, 8]).dropLast()), "b/1.jpg")
    let skips = Preparation(skipsUnreadable: true)
    for _ in 0..<2 {  // the second time from the cache
      let data = try #require(try set.read(skips))
      #expect(data.unsplit.images == [1, 0, 2, 0, 3, 0, 4, 0])
      #expect(data.unsplit.labels == [0, 0, 1, 1])
      #expect(data.leftOut.map { $0.prefix(8) } == ["a/0.png:", "b/1.jpg:"])
    }
    #expect(set.problem().hasPrefix("set/a/0.png: is empty; "))
  }

  @Test func colourMakesAllColoured() throws {
    try set.writeImages("1.png", "2.png")
    try set.write(png(2, 1, colour: 2, [[1, 2, 3, 4, 5, 6]]), "3.png")
    let data = try #require(try set.read())
    #expect(data.shape == ImageShape(rows: 1, columns: 2, channels: 3))
    #expect(data.unsplit.images == [1, 1, 1, 0, 0, 0, 2, 2, 2, 0, 0, 0, 1, 2, 3, 4, 5, 6])
    let gray = try #require(try set.read(Preparation(channels: 1)))
    #expect(gray.unsplit.images == [1, 0, 2, 0, 2, 5])
  }

  @Test func sizesMustBeOne() throws {
    for index in 0..<5 { try set.write(png([0, 1]), "\(index).png") }
    try set.write(png([0, 1, 2]), "a.png")
    try set.write(png([0, 1, 2]), "b.png")
    try set.write(png(2, 2, [[0, 1], [2, 3]]), "c.png")
    #expect(
      set.problem() == "set: holds images of several sizes: 5 of 1 × 2, 2 of 1 × 3 and 1 of 2 × 2; "
        + "give --size, such as --size 32")
    let data = try #require(try set.read(Preparation(rows: 1, columns: 1)))
    #expect(data.unsplit.labels.count == 8)
  }

  @Test func linksStayInTheFolder() throws {
    try set.writeImages("a/1.png", "b/2.png")
    set.link("a/3.png", to: "../b/2.png")
    set.link("c", to: "b")
    let data = try #require(try set.read())
    #expect(data.unsplit.names == ["a/1.png", "a/3.png", "b/2.png", "c/2.png"])
    #expect(data.unsplit.images == [1, 0, 2, 0, 2, 0, 2, 0])
    set.link("a/4.png", to: "/etc/passwd")
    set.link("d", to: ".")
    set.link("e.png", to: "nowhere")
    #expect(
      set.problem()
        == "set/a/4.png: is a link to /etc/passwd, outside the folder; put a copy in its place, "
        + "or leave such files out with --skip-unreadable")
    let skipped = try #require(try set.read(Preparation(skipsUnreadable: true)))
    #expect(skipped.unsplit.images == data.unsplit.images)
    #expect(skipped.leftOut.map { $0.prefix(1) } == ["a", "d", "e"])
  }

  // To root everything is readable.
  @Test(.enabled(if: geteuid() != 0)) func filesMayBeForbidden() throws {
    try set.writeImages("a/1.png", "a/2.png")
    chmod("\(set.path)/a/2.png", 0)
    #expect(
      set.problem()
        == "set/a/2.png: cannot read the file: Permission denied; check its permissions, or "
        + "leave such files out with --skip-unreadable")
  }

  @Test func filesMayChangeMeanwhile() throws {
    try set.writeImages("a/1.png", "a/2.png")
    let files = try #require(try ImageFiles(path: set.path))
    try set.write(png([1, 2, 3]), "a/2.png")
    let problem = ImageFolder.problem(set.path) {
      try files.read(Preparation(), environment: set.environment)
    }
    #expect(problem.hasPrefix("set/a/2.png: has changed since it was found: "))
    // As many bytes as before are no proof, its time is: that of a file system has coarse steps.
    let again = try #require(try ImageFiles(path: set.path))
    usleep(30_000)
    try set.write(png([1, 2, 3]), "a/2.png")
    let sameSize = ImageFolder.problem(set.path) {
      try again.read(Preparation(), environment: set.environment)
    }
    #expect(sameSize.hasPrefix("set/a/2.png: has changed since it was found; "))
    unlink("\(set.path)/a/2.png")
    let other = ImageFolder.problem(set.path) {
      try files.read(Preparation(), environment: set.environment)
    }
    #expect(other.hasPrefix("set/a/2.png: no such file; "))
  }

  @Test func noImages() throws {
    #expect(try set.read() == nil)
    try set.write("", "a.txt")
    try set.write("", "b.txt")
    try set.write("", "c")
    #expect(try set.read() == nil)
    #expect(
      try ImageFiles.noImages(set.path).problem
        == "holds no images: 2 .txt files and 1 other file")
    #expect(try ImageFiles(path: "\(set.path)/a.txt") == nil)
    #expect(throws: FileError.self) { try ImageFiles(path: "\(set.path)/missing") }
    try set.write("", "a.png")
    #expect(
      set.problem(Preparation(skipsUnreadable: true)).hasPrefix(
        "set: holds no image that can be read: a.png is empty; "))
  }

  @Test func thereMayBeManyImages() throws {
    // More than are prepared in one go, and the first colours late.
    let file = png([0, 7])
    for number in 0..<9 { try set.write(file, "\(number)/0.png") }
    for number in 1..<4990 {
      try Data(file).write(to: URL(fileURLWithPath: "\(set.path)/\(number % 7)/\(number).png"))
    }
    try set.write(png([200, 7]), "3/5000.png")
    try set.write(png(2, 1, colour: 2, [[1, 2, 3, 4, 5, 6]]), "9/0.png")
    var reports: [Int] = []
    let data = try #require(
      try set.read { done, all in
        #expect(all == 5000)
        reports.append(done)
      })
    #expect(reports == [2048, 4096, 5000])
    #expect(data.shape.channels == 3)
    let place = try #require(data.unsplit.names.firstIndex(of: "3/5000.png"))
    var expected = [UInt8]()
    for index in 0..<4999 { expected += [index == place ? 200 : 0, 7].flatMap { [$0, $0, $0] } }
    #expect(data.unsplit.images == expected + [1, 2, 3, 4, 5, 6])
    struct Stop: Error {}
    #expect(throws: Stop.self) { try set.read(Preparation(channels: 1)) { _, _ in throw Stop() } }
  }
}
