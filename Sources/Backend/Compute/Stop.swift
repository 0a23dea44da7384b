/// Stops the program, in a release build too, and says why: what a caller did wrong, with the values that do
/// not fit.
///
/// `precondition` says nothing once optimised, and whoever trains does so with an optimised build.
@inline(__always)
package func stopUnless(_ isSo: Bool, _ message: @autoclosure () -> String) {
  if !isSo { fatalError(message()) }
}
