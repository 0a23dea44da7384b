/// What the name of an array tells, such as `emnist-letters-train-images-idx3-ubyte.gz`, `x_train` or
/// `valLabels`.
struct ArrayName: Equatable {
  enum Kind { case images, labels }
  enum Split { case training, validation, test }

  /// What the numbers are; nil if the name doesn't tell.
  var kind: Kind?
  /// Which part of the set they belong to; nil if the name doesn't tell.
  var split: Split?
  /// The rest of the name, which the arrays of one set share.
  var set: String

  init(_ name: String) {
    var rest: [String] = []
    var kinds: Set<Kind> = []
    for word in Self.words(name) {
      if let split = Self.splits[word] {
        self.split = split
      } else if let kind = Self.kinds[word] {
        kinds.insert(kind)
      } else if let kind = word.first.flatMap({ Self.kinds[String($0)] }),
        let split = Self.splits[String(word.dropFirst())]
      {
        // As in xtrain.
        self.split = split
        kinds.insert(kind)
      } else if !Self.formats.contains(word) {
        rest.append(word)
      }
    }
    // The labels of images are labels.
    kind = kinds.contains(.labels) ? .labels : kinds.first
    set = rest.joined(separator: "-")
  }

  /// The words of a name in lower case: split at characters other than letters and digits, and between a
  /// lower-case letter and a capital.
  private static func words(_ name: String) -> [String] {
    var words: [String] = []
    var word = ""
    for character in name {
      let starts = character.isUppercase && word.last?.isLowercase == true
      if !character.isLetter && !character.isNumber || starts {
        if !word.isEmpty { words.append(word.lowercased()) }
        word = ""
      }
      if character.isLetter || character.isNumber { word.append(character) }
    }
    if !word.isEmpty { words.append(word.lowercased()) }
    return words
  }

  private static let splits: [String: Split] = [
    "train": .training, "training": .training, "val": .validation, "valid": .validation,
    "validation": .validation, "dev": .validation, "test": .test, "testing": .test, "t10k": .test,
  ]

  private static let kinds: [String: Kind] = [
    "images": .images, "image": .images, "imgs": .images, "img": .images, "x": .images,
    "data": .images, "pixels": .images, "inputs": .images, "labels": .labels, "label": .labels,
    "y": .labels, "target": .labels, "targets": .labels, "class": .labels, "classes": .labels,
  ]

  private static let formats: Set<String> = [
    "idx", "idx1", "idx2", "idx3", "idx4", "ubyte", "byte", "int", "gz", "npy",
  ]
}
