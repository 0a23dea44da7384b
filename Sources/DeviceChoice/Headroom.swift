import Foundation
import Threads

/// What a driver takes from the system, and ends or hangs the program where it does not get it.
enum Headroom {
  /// What the system does not give this process, in one line with what limits it; nil where there is enough.
  ///
  /// Everything is taken for a moment: no limit tells what others have already used of it.
  static func shortage(
    files: Int = 48, threads: Int = 8, addressSpace: Int = 1 << 30
  ) -> String? {
    if !canOpen(files) { return "\(files) more files cannot be opened (ulimit -n)" }
    if !canReserve(addressSpace) {
      return "\(addressSpace >> 20) MiB more of address space cannot be had (ulimit -v)"
    }
    if !canStart(threads) { return "\(threads) more threads cannot be made (ulimit -u, pids.max)" }
    return nil
  }

  private static func canOpen(_ count: Int) -> Bool {
    let files = (0..<count).map { _ in open("/", O_RDONLY | O_CLOEXEC) }
    for file in files where file >= 0 { close(file) }
    return !files.contains { $0 < 0 }
  }

  private static func canReserve(_ bytes: Int) -> Bool {
    let memory = mmap(nil, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
    guard let memory, memory != MAP_FAILED else { return false }
    munmap(memory, bytes)
    return true
  }

  private static func canStart(_ count: Int) -> Bool {
    // All at the same time: each waits until the last one was made.
    let gate = DispatchSemaphore(value: 0)
    let threads = (0..<count).compactMap { _ in startThread(stack: 1 << 16) { gate.wait() } }
    for _ in threads { gate.signal() }
    for thread in threads { pthread_join(thread, nil) }
    return threads.count == count
  }
}
