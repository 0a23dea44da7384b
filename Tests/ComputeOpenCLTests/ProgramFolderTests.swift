import Files
import Foundation
import Testing

import class TestSupport.TemporaryFolder

@testable import ComputeOpenCL

@Suite struct ProgramFolderTests {
  let place: TemporaryFolder
  let cache: ProgramCache
  let folder: ProgramFolder
  let key = key("kernel")

  init() throws {
    place = try TemporaryFolder()
    cache = ProgramCache(folder: place["a/programs"], capacity: 10_000)
    folder = try ProgramFolder(cache)
  }

  static func key(_ source: String, identity: String = "driver \"1\"\n") -> ProgramKey {
    ProgramKey(identity: identity, options: "-DGROUP=1", source: source)
  }

  /// The names in the folder, with the programs' numbers in place of their hashes.
  func names(_ keys: [ProgramKey] = []) throws -> Set<String> {
    var names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    for (number, key) in ([key] + keys).enumerated() {
      names = names.map { $0.replacingOccurrences(of: key.name, with: "\(number)") }
    }
    return Set(names)
  }

  @Test func everyDamageIsNoticed() {
    let binary = (0..<150).map { UInt8($0) }
    let entry = ProgramEntry.bytes(key, binary)
    #expect(ProgramEntry.binary(in: entry, key) == binary)
    for count in 0..<entry.count {
      #expect(ProgramEntry.binary(in: Array(entry[..<count]), key) == nil, "\(count) bytes")
    }
    #expect(ProgramEntry.binary(in: entry + [0], key) == nil)
    for bit in 0..<8 * entry.count {
      var damaged = entry
      damaged[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(ProgramEntry.binary(in: damaged, key) == nil, "bit \(bit)")
    }
  }

  @Test func keysHaveEverything() {
    let keys = [
      key, Self.key("kernel "), Self.key("kernel", identity: "driver \"2\"\n"),
      ProgramKey(identity: "driver \"1\"\n", options: "-DGROUP=2", source: "kernel"),
      // Nothing may pass from one part into the next.
      ProgramKey(identity: "driver \"1\"\noptions \"a\"\n", options: "b", source: "c"),
      ProgramKey(identity: "driver \"1\"\n", options: "a\"\noptions \"b", source: "c"),
    ]
    let entry = ProgramEntry.bytes(key, [1])
    for (index, other) in keys.enumerated() {
      #expect((ProgramEntry.binary(in: entry, other) == nil) == (index > 0))
    }
    #expect(Set(keys.map(\.name)).count == keys.count)
  }

  @Test func isTakenOnceAndThenKept() throws {
    #expect(folder.take(key) == nil)
    #expect(try folder.mark(key))
    #expect(try !folder.mark(key))
    try folder.store([1, 2], key)
    #expect(try names() == ["0.new"])
    // Nobody stores it twice, though he found nothing when he began.
    #expect(try !folder.mark(key))
    #expect(try names() == ["0.new"])
    let first = try #require(folder.take(key))
    #expect(first == ([1, 2], true))
    // Until its driver has returned, or for ever if it never does.
    #expect(folder.take(key) == nil)
    #expect(try !folder.mark(key))
    folder.keep(key)
    #expect(try names() == ["0"])
    #expect(try !folder.mark(key))
    for _ in 0..<2 {
      let later = try #require(folder.take(key))
      #expect(later == ([1, 2], false))
    }
    folder.remove(key, isNew: false)
    #expect(try names().isEmpty)
  }

  @Test func marksBelongToTheirOwner() throws {
    try folder.store([1, 2], key)
    try writeAtomically("", to: "\(folder.path)/\(key.name).tried")
    #expect(folder.take(key) == nil)
    folder.remove(key, isNew: false)
    #expect(try names() == ["0.new", "0.tried"])
    #expect(try readFile("\(folder.path)/\(key.name).tried").isEmpty)
  }

  @Test(arguments: ["", ".new"]) func damagedEntriesGo(_ state: String) throws {
    try folder.store([1, 2], key)
    let entry = try readFile("\(folder.path)/\(key.name).new")
    let other = ProgramEntry.bytes(Self.key("other"), [3])
    for bytes in [[], Array(entry.dropLast()), entry + [0], other] {
      try? FileManager.default.removeItem(atPath: "\(folder.path)/\(key.name).new")
      try writeAtomically(bytes, to: "\(folder.path)/\(key.name)\(state)")
      #expect(folder.take(key) == nil)
      #expect(try names().isEmpty)
    }
  }

  @Test func oldestEntriesGo() throws {
    let keys = (1...6).map { Self.key("kernel \($0)") }
    func age(_ key: ProgramKey, _ seconds: Int) {
      var times = [timespec](repeating: timespec(tv_sec: seconds, tv_nsec: 0), count: 2)
      utimensat(AT_FDCWD, "\(folder.path)/\(key.name).new", &times, 0)
    }
    let mine = "\(folder.path)/notes.txt"
    try writeAtomically([UInt8](repeating: 0, count: 9000), to: mine)
    for (number, key) in keys.prefix(3).enumerated() {
      try folder.store([UInt8](repeating: 1, count: 2500), key)
      age(key, 1_000_000 + number)
    }
    // What is used is young again.
    #expect(folder.take(keys[0]) != nil)
    folder.keep(keys[0])
    try folder.store([UInt8](repeating: 1, count: 2500), keys[3])
    #expect(try names(keys) == ["1", "3.new", "4.new", "notes.txt"])
    try folder.store([UInt8](repeating: 1, count: 9500), keys[4])
    #expect(try names(keys) == ["5.new", "notes.txt"])
  }

  @Test func leftoversGo() throws {
    // Of a process that can't be there.
    try writeAtomically([1], to: "\(folder.path)/.digitalis-2147483646-1.tmp")
    try folder.store([1], key)
    #expect(try names() == ["0.new"])
  }

  @Test func belongsToItsUser() throws {
    var status = stat()
    #expect(stat(folder.path, &status) == 0 && status.st_mode & 0o777 == 0o700)
    try folder.store([1], key)
    let entry = "\(folder.path)/\(key.name).new"
    #expect(stat(entry, &status) == 0 && status.st_mode & 0o022 == 0)
    for mode: mode_t in [0o620, 0o602] {
      try folder.store([1], key)
      chmod(entry, mode)
      #expect(folder.take(key) == nil)
    }
    for mode: mode_t in [0o720, 0o702, 0o777] {
      chmod(folder.path, mode)
      #expect(throws: FileError.self) { _ = try ProgramFolder(cache) }
    }
    chmod(folder.path, 0o755)
    _ = try ProgramFolder(cache)
  }

  @Test(.enabled(if: geteuid() == 0, "only root can give a file away"))
  func refusesWhatIsOfOthers() throws {
    try folder.store([1], key)
    chown("\(folder.path)/\(key.name).new", 54321, 54321)
    #expect(folder.take(key) == nil)
    chown(folder.path, 54321, 54321)
    #expect(throws: FileError.self) { _ = try ProgramFolder(cache) }
    // Nor through a link of its own.
    symlink(folder.path, place["link"])
    #expect(throws: FileError.self) { _ = try ProgramFolder(ProgramCache(folder: place["link"])) }
  }

  @Test func needsAFolder() throws {
    try writeAtomically("", to: place["file"])
    symlink(place["nowhere"], place["dangling"])
    for path in ["file", "file/programs", "dangling"] {
      #expect(throws: FileError.self, "\(path)") {
        _ = try ProgramFolder(ProgramCache(folder: place[path]))
      }
    }
    try FileManager.default.removeItem(atPath: folder.path)
    #expect(throws: FileError.self) { try folder.mark(key) }
    #expect(throws: FileError.self) { try folder.store([1], key) }
    #expect(folder.take(key) == nil)
  }

  @Test func severalAtOnce() async throws {
    let keys = (0..<5).map { Self.key("kernel \($0)") }
    let folder = folder
    func binary(_ number: Int) -> [UInt8] {
      [UInt8](repeating: UInt8(number), count: 300 * number + 1)
    }
    let taken = await withTaskGroup(of: Int.self) { group in
      for task in 0..<4 {
        group.addTask {
          var taken = 0
          for turn in 0..<1000 {
            let number = (turn + task) % keys.count
            if let (bytes, isNew) = folder.take(keys[number]) {
              #expect(bytes == binary(number))
              taken += 1
              if isNew { folder.keep(keys[number]) }
              if turn % 7 == 0 { folder.remove(keys[number], isNew: false) }
            } else if (try? folder.mark(keys[number])) == true {
              try? folder.store(binary(number), keys[number])
            }
          }
          return taken
        }
      }
      return await group.reduce(0, +)
    }
    #expect(taken > 100)
    // No mark is left, nor is anything stored twice.
    let names = try names(keys)
    #expect(names.allSatisfy { !$0.hasSuffix(".tmp") && !$0.hasSuffix(".tried") })
    #expect(Set(names.map { $0.prefix { $0 != "." } }).count == names.count)
  }
}
