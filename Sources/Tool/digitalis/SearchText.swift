import Foundation
import Generation

extension SearchProgress {
  var text: String {
    let scope = label.map { "class \($0)  " } ?? ""
    return "\(scope)\(candidates) candidates  "
      + String(format: "%.1f per second  best %.4f", candidatesPerSecond, best)
  }
}

extension SearchResult {
  /// θ as a table of classes by dimensions, or as one line where all classes share it.
  func thetaText(classNames: [String]) -> String {
    func line(_ theta: [Float]) -> String {
      theta.map { String(format: "%.1f", $0) }.joined(separator: " ")
    }
    if generator == .simple { return "θ = \(theta[0][0]), n = \(draws)" }
    if Set(theta).count == 1 { return "θ = [\(line(theta[0]))]" }
    return theta.enumerated().map { "θ of \(classNames[$0]) = [\(line($1))]" }.joined(
      separator: "\n")
  }
}

extension Score {
  var text: String {
    let interval = cosineInterval.map { String(format: " ± %.4f", $0) } ?? ""
    var text =
      String(format: "cosine %.4f", cosine) + interval
      + String(format: ", accuracy %.4f ± %.4f", accuracy, accuracyInterval)
    if let judgedAccuracy {
      text += String(format: ", by the judge %.4f ± %.4f", judgedAccuracy, judgedInterval)
    }
    return text + " (\(classes[0].count) images of each class)"
  }
}
