import Foundation
import Testing

@testable import Datasets

@Suite struct LabelTableTests {
  let set: ImageFolder

  init() throws { set = try ImageFolder() }

  @Test func readsSeparatedValues() throws {
    let text = "a,\"b, \"\"c\"\"\nd\" \r\n\n x , \r\"\",é"
    #expect(throws: SeparatedValues.Problem.self) { try SeparatedValues(Array(text.utf8)) }
    let records = try SeparatedValues(Array(text.replacing("\" \r\n", with: "\"\r\n").utf8)).records
    #expect(records.map(\.values) == [["a", "b, \"c\"\nd"], ["x", ""], ["", "é"]])
    #expect(records.map(\.line) == [1, 4, 5])
    #expect(try SeparatedValues(Array("\u{FEFF}a;b".utf8)).records[0].values == ["a", "b"])
    #expect(try SeparatedValues(Array("a\tb,c\td\n".utf8)).records[0].values == ["a", "b,c", "d"])
    #expect(try SeparatedValues([]).records.isEmpty)
    for (text, problem) in [
      ("a\n\"b", "line 2: its quotes do not end"),
      ("\"a\"b", "line 1: more follows a value in quotes"),
      ("a\n\nb\0", "line 3: holds bytes that are no text in UTF-8"),
    ] {
      let error = #expect(throws: SeparatedValues.Problem.self) {
        try SeparatedValues(Array(text.utf8))
      }
      #expect(error?.text == problem)
    }
    #expect(throws: SeparatedValues.Problem.self) { try SeparatedValues([0xFF, 0xFE]) }
  }

  @Test func sortsNaturally() {
    let sorted = ["", "0", "01", "1", "2", "10", "a", "a1b", "a2", "a10", "b"]
    #expect(sorted.reversed().sorted(by: precedesNaturally) == sorted)
  }

  @Test(arguments: [
    "file,label\n1.png,dog\n2.png,cat\n3.png,dog\n",
    "1.png,dog\n2.png,cat\n3.png,dog",
    "label;id\r\ndog;1\r\ncat;2\r\ndog;3\r\n",
    "n,class,image,split\n7,dog,./1.png,a\n8,cat,2.png,a\n9,dog,\"3.png\",b\n",
  ])
  func findsColumnsByContent(table: String) throws {
    try set.writeImages("1.png", "2.png", "3.png")
    try set.write(table, "any.csv")
    let data = try #require(try set.read())
    #expect(data.classNames == ["cat", "dog"])
    #expect(data.unsplit.labels == [1, 0, 1])
  }

  @Test func labelsMayBeNumbers() throws {
    try set.writeImages("images/1.png", "images/2.png", "images/3.png")
    try set.write("id\tlabel\n1\t10\n2\t9\n3\t\n", "labels.tsv")
    let data = try #require(try set.read())
    #expect(data.classNames == ["9", "10"])
    #expect(data.unsplit.labels == [1, 0, nil])
  }

  @Test func eachPartMayHaveItsTable() throws {
    try set.writeImages("train/1.png", "train/2.png", "test/1.png", "test/2.png")
    try set.write("f,label\n1.png,a\n2.png,b\n", "train/labels.csv")
    #expect(try #require(try set.read()).test.labels == [nil, nil])
    try set.write("f,label\n1.png,b\n2.png,a\n", "test/labels.csv")
    let data = try #require(try set.read())
    #expect(data.training.labels == [0, 1] && data.test.labels == [1, 0])
  }

  @Test func foldersTellMoreThanTables() throws {
    try set.writeImages("a/1.png", "b/2.png")
    try set.write("1.png,x\n", "statistics.csv")
    #expect(try #require(try set.read()).classNames == ["a", "b"])
  }

  @Test func refusesTablesThatDoNotFit() throws {
    try set.writeImages("1.png", "2.png", "x/3.png", "y/3.png")
    func problem(_ table: String) throws -> String {
      try set.write(table, "t.csv")
      return set.problem()
    }
    let correct = "; correct the table"
    #expect(
      try problem("1.png,a\n9.png,b\n")
        == "set/t.csv: line 2: names 9.png, which is not there; remove the line, or add the file")
    #expect(
      try problem("1.png,a\n3.png,b\n")
        == "set/t.csv: line 2: names 3.png, of which there are several; write its path, such as "
        + "folder/3.png")
    #expect(
      try problem("1.png,a\n")
        == "set/2.png: no table names its class; add a line for it, with an empty label where it "
        + "has none")
    #expect(
      try problem("1.png,a\n2.png\n") == "set/t.csv: line 2: has 1 values instead of 2" + correct)
    #expect(
      try problem("1.png,a\n1.png,b\n")
        == "set/t.csv: line 2: calls 1.png \"b\", and another line \"a\"" + correct)
    #expect(
      try problem("1.png,a,b\n2.png,b,b\n")
        == "set/t.csv: has 3 columns, and none of them is called label; call one of them label")
    #expect(
      try problem("1.png\n2.png\n")
        == "set/t.csv: has files but no labels; add a column of labels")
    #expect(
      try problem("x,y\n")
        == "set/t.csv: names none of the 4 images; name them in one of its columns, or remove it")
    #expect(try problem("1.png,\"a\n") == "set/t.csv: line 1: its quotes do not end" + correct)
    try set.write("1.png,c\n2.png,b\n", "u.csv")
    #expect(
      try problem("1.png,a\n2.png,b\n")
        == "set/u.csv: calls 1.png \"c\", and another table \"a\"; correct one of them")
  }

  @Test func refusesTooManyClasses() throws {
    let names = (0..<256).map { "\($0).png" }
    for name in names { try set.write(png([0]), name) }
    try set.write(names.map { "\($0),\($0)\n" }.joined(), "t.csv")
    #expect(set.problem() == "set: has 256 classes, more than 255; keep some of them")
  }
}
