import Foundation
import Threads

/// The resources without which a driver aborts or hangs the program.
///
/// All are acquired for a moment: limits don't tell what is already in use.
struct Headroom {
  var files = 48
  var threads = 8
  var addressSpace = 1 << 30

  /// How to open a file, and to start a thread.
  var open: () -> Int32 = { Foundation.open("/", O_RDONLY | O_CLOEXEC) }
  var start: (@escaping @Sendable () -> Void) -> pthread_t? = { startThread(stack: 1 << 16, $0) }

  /// The resource that this process lacks, in one line with its limit; nil if there is enough.
  var shortage: String? {
    if !canOpen() { return "\(files) more files cannot be opened (ulimit -n)" }
    if !canReserve() {
      return "\(addressSpace >> 20) MiB more of address space cannot be had (ulimit -v)"
    }
    if !canStart() { return "\(threads) more threads cannot be made (ulimit -u, pids.max)" }
    return nil
  }

  private func canOpen() -> Bool {
    var opened: [Int32] = []
    while opened.count < files, case let file = open(), file >= 0 { opened.append(file) }
    for file in opened { close(file) }
    return opened.count == files
  }

  private func canReserve() -> Bool {
    let memory = mmap(
      nil, addressSpace, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
    guard let memory, memory != MAP_FAILED else { return false }
    munmap(memory, addressSpace)
    return true
  }

  private func canStart() -> Bool {
    // All at the same time: each waits until the last one has started.
    let gate = DispatchSemaphore(value: 0)
    var started: [pthread_t] = []
    while started.count < threads, let thread = start({ gate.wait() }) { started.append(thread) }
    for _ in started { gate.signal() }
    for thread in started { pthread_join(thread, nil) }
    return started.count == threads
  }
}
