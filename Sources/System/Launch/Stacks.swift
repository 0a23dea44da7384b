import CLaunch
import Foundation
import Threads

/// Room for calls, whatever the limit of the stack is (`ulimit -s`): compilers in drivers need a lot.
public enum Stacks {
  /// The bytes that a thread gets on most systems.
  public static let usual = 8 << 20

  /// Runs the program: on the main thread, or on one with a larger stack where that of the main thread
  /// is small.
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
