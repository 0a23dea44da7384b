import Foundation

/// The reader that `FUZZ_READER` names.
private let reader: Reader = {
  let name = ProcessInfo.processInfo.environment["FUZZ_READER"] ?? ""
  guard let reader = Reader(rawValue: name) else {
    fatalError("FUZZ_READER must be one of \(Reader.allCases.map(\.rawValue))")
  }
  return reader
}()

private let folder: String = {
  let path = "/dev/shm/digitalis-fuzz-\(getpid())"
  mkdir(path, 0o755)
  return path
}()

/// What libFuzzer calls with bytes of its choice; a trap, a hang or too much memory is a finding.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  do {
    _ = try reader.read(bytes, in: folder)
  } catch {
    fatalError("an error that names no file: \(error)")
  }
  return 0
}
