import COpenCL
import Compute
import Files
import Synchronization

/// The programs of a device in the folder of a cache.
final class ProgramStore: Sendable {
  private let folder: ProgramFolder
  private let identity: String
  /// Whether the folder can't be written to any more.
  private let isFull = Atomic(false)

  init(_ folder: ProgramFolder, identity: String) {
    self.folder = folder
    self.identity = identity
  }

  /// Opens the store of a device; nil, and a line in the log, if its folder can't be used.
  convenience init?(_ cache: ProgramCache, _ handle: OpenCLDeviceHandle) {
    // PoCL keeps what it builds itself, for each size of work-group. To make a binary, it builds every kernel of
    // the file again, for any size: that takes longer than all else, and the result is slower.
    if handle.description.platform == "Portable Computing Language" && !cache.servesAll {
      return nil
    }
    do throws(FileError) {
      self.init(try ProgramFolder(cache), identity: ProgramIdentity.text(of: handle.identifier))
    } catch {
      logger.debug("programs are not cached: \(error)")
      return nil
    }
  }

  /// Loads a program, or builds and stores it. Either way it comes from its binary, so that what is checked at the
  /// first start is what later ones run.
  ///
  /// - Parameters:
  ///   - context: The device's context.
  ///   - name: The name of its file, for messages.
  ///   - source: Its source.
  ///   - defines: The defines that it is built with.
  ///   - kernel: The kernel that it is needed for.
  /// - Throws: `DeviceError` when it can't be built from source.
  func program(
    _ context: Context, name: String, source: String, defines: String, kernel: String
  ) throws(DeviceError) -> Program {
    let options = Program.options(defines)
    let key = ProgramKey(identity: identity, options: options, source: source)
    if let (binary, isNew) = folder.take(key) {
      if let program = Program(context, binary: binary, options: options, kernel: kernel) {
        if isNew { folder.keep(key) }
        return program
      }
      logger.debug("the driver refuses the stored binary of \(name).cl; it is built from source")
      folder.remove(key, isNew: isNew)
    }
    let program = try Program(context, name: name, source: source, options: defines)
    return store(program, context, key, options, kernel) ?? program
  }

  /// Stores a program, and returns what the driver makes of its binary.
  private func store(
    _ program: Program, _ context: Context, _ key: ProgramKey, _ options: String, _ kernel: String
  ) -> Program? {
    guard !isFull.load(ordering: .relaxed) else { return nil }
    do throws(FileError) {
      guard try folder.mark(key) else { return nil }
      // What the driver can't do, it isn't asked again: the mark stays.
      guard let binary = program.binary(limit: folder.capacity),
        let loaded = Program(context, binary: binary, options: options, kernel: kernel)
      else { return nil }
      try folder.store(binary, key)
      return loaded
    } catch {
      isFull.store(true, ordering: .relaxed)
      logger.debug("programs are no longer cached: \(error)")
      return nil
    }
  }
}
