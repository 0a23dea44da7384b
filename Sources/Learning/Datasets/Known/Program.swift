import Foundation

/// Runs another program from the search path and waits for it.
///
/// Foundation's `Process` needs its own threads, and hangs without them.
/// - Parameters:
///   - words: The program and its arguments.
///   - environment: Changes to the variables of this process.
///   - log: The file for all output; by default that of this process.
/// - Returns: The exit code; nil if there is no such program, or a signal ended it.
func runProgram(
  _ words: [String], environment: [String: String] = [:], log: String? = nil
) -> Int32? {
  var actions = posix_spawn_file_actions_t()
  posix_spawn_file_actions_init(&actions)
  defer { posix_spawn_file_actions_destroy(&actions) }
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
  if let log {
    posix_spawn_file_actions_addopen(
      &actions, STDOUT_FILENO, log, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
  }
  // A thread that blocks signals must not start a program that can't be interrupted.
  var attributes = posix_spawnattr_t()
  posix_spawnattr_init(&attributes)
  defer { posix_spawnattr_destroy(&attributes) }
  var signals = sigset_t()
  sigemptyset(&signals)
  posix_spawnattr_setsigmask(&attributes, &signals)
  posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))

  let variables = ProcessInfo.processInfo.environment.merging(environment) { $1 }
  var arguments = words.map { strdup($0) } + [nil]
  var settings = variables.map { strdup("\($0)=\($1)") } + [nil]
  defer { for word in arguments + settings { free(word) } }
  var child = pid_t()
  guard posix_spawnp(&child, words[0], &actions, &attributes, &arguments, &settings) == 0 else {
    return nil
  }
  var status: Int32 = 0
  while waitpid(child, &status, 0) < 0 {
    guard errno == EINTR else { return nil }
  }
  return status & 0x7f == 0 ? status >> 8 & 0xff : nil
}
