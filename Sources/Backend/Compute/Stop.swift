/// Stops the program, in a release build too, and says why: the caller's error, with the values that do not
/// match.
///
/// `precondition` gives no message in an optimised build, and training uses one.
@inline(__always)
package func stopUnless(_ isSo: Bool, _ message: @autoclosure () -> String) {
  if !isSo { fatalError(message()) }
}
