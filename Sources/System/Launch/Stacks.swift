import CLaunch
import Foundation
import Threads

/// Stack space, whatever the stack limit (`ulimit -s`): compilers in drivers need a lot.
public enum Stacks {
  /// The usual stack size of a thread in bytes.
  public static let usual = 8 << 20

  /// Runs the program: on the main thread, or on one with a larger stack if the main thread's is small.
  public static func run(_ program: @escaping @Sendable () -> Never) -> Never {
    grow_default_stacks(usual)
    if let limit = Limits.current(RLIMIT_STACK), limit < usual,
      let thread = startThread(stack: usual, { program() })
    {
      pthread_join(thread, nil)
    }
    program()
  }
}
