import Reporting

/// A progress line that closures share.
final class LineBox { var value = ProgressLine() }
