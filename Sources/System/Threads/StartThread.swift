import Foundation

/// Starts a thread, to be joined or detached; nil if the system refuses, as under a process limit
/// (`ulimit -u`, `pids.max`).
///
/// Foundation's `Thread` does not report that, and a wait for it never ends.
///
/// - Parameter stack: The size of its stack in bytes.
public func startThread(stack: Int, _ body: @escaping @Sendable () -> Void) -> pthread_t? {
  var attributes = pthread_attr_t()
  guard pthread_attr_init(&attributes) == 0 else { return nil }
  defer { pthread_attr_destroy(&attributes) }
  guard pthread_attr_setstacksize(&attributes, stack) == 0 else { return nil }
  let box = Unmanaged.passRetained(Body(body))
  var thread = pthread_t()
  let status = pthread_create(
    &thread, &attributes,
    { box in
      Unmanaged<Body>.fromOpaque(box!).takeRetainedValue().run()
      return nil
    }, box.toOpaque())
  guard status == 0 else {
    box.release()
    return nil
  }
  return thread
}

private final class Body: Sendable {
  let run: @Sendable () -> Void
  init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}
