import Foundation
import Threads

/// What a driver takes from the system, and ends or hangs the program where it does not get it.
///
/// Everything is taken for a moment: no limit tells what others have already used of it.
struct Headroom {
  var files = 48
  var threads = 8
  var addressSpace = 1 << 30

  /// How a file is opened, and a thread started.
  var open: () -> Int32 = { Foundation.open("/", O_RDONLY | O_CLOEXEC) }
  var start: (@escaping @Sendable () -> Void) -> pthread_t? = { startThread(stack: 1 << 16, $0) }

  /// What the system does not give this process, in one line with what limits it; nil where there is enough.
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
    // All at the same time: each waits until the last one was made.
    let gate = DispatchSemaphore(value: 0)
    var started: [pthread_t] = []
    while started.count < threads, let thread = start({ gate.wait() }) { started.append(thread) }
    for _ in started { gate.signal() }
    for thread in started { pthread_join(thread, nil) }
    return started.count == threads
  }
}
