import Files

extension NumberArray {
  /// Interprets the array as labels: n, n × 1, one-hot n × classes, or QMNIST's n × 8, whose first column
  /// counts.
  /// - Throws: `FileError` for numbers that can't be labels.
  func labels() throws(FileError) -> [Int] {
    guard (1...2).contains(dimensions.count) else {
      throw problem("has the shape \(extents)", remedy: "labels are one number for each image")
    }
    let width = stride
    var labels: [Int] = []
    let isQMNIST = type == .int32 && width == 8 && isBigEndian
    if width != 1 && !isQMNIST {
      // Also if there are no rows.
      guard width > 1, let labels = oneHotLabels() else {
        throw problem(
          "has \(width) numbers for each image", remedy: "labels are one number for each image")
      }
      return labels
    }
    // By the actual numbers, not the rows that a header claims.
    labels.reserveCapacity(count / width)
    let stranger = scan { index, value in
      guard index % width == 0 else { return true }
      guard value == value.rounded(), value >= 0, value < Double(ImageDataset.classLimit) else {
        return false
      }
      labels.append(Int(value))
      return true
    }
    if let (index, value) = stranger {
      let remedy = "number the classes from 0 to \(ImageDataset.classLimit - 1)"
      let label = value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
      let fault =
        value != value.rounded()
        ? "not a whole number"
        : value < 0 ? "below 0" : "above \(ImageDataset.classLimit - 1)"
      throw problem("has label \(label) at \(position(index)), \(fault)", remedy: remedy)
    }
    return labels
  }

  /// The labels of one-hot rows; nil if a row is not one-hot.
  private func oneHotLabels() -> [Int]? {
    let width = stride
    guard width <= ImageDataset.classLimit else { return nil }
    var labels: [Int] = []
    let stranger = scan { index, value in
      let (row, column) = index.quotientAndRemainder(dividingBy: width)
      if value == 1 {
        guard labels.count == row else { return false }
        labels.append(column)
      }
      return value == 1 || value == 0 && (column < width - 1 || labels.count == row + 1)
    }
    return stranger == nil ? labels : nil
  }
}
