import Compute
import Synchronization

/// In which of several ways a device does things: as is usual for their sizes, or as a tuning found to be faster.
final class Decisions: Sendable {
  /// The ways of what is not done as usual, by name.
  let ways: [String: String]
  /// Whether to note what is asked.
  private let isNoting: Bool
  private let noted = Mutex<[Decision]>([])

  init(_ ways: [String: String] = [:], isNoting: Bool = false) {
    self.ways = ways
    self.isNoting = isNoting
  }

  /// What was asked so far, each once.
  var asked: [Decision] { noted.withLock { $0 } }

  /// The way to do something: the usual one, or one of the others if that was found to be faster.
  func way<Way: CustomStringConvertible>(
    _ name: @autoclosure () -> String, _ usual: Way, of others: () -> [Way]
  ) -> Way {
    guard isNoting || !ways.isEmpty else { return usual }
    let name = name()
    let chosen = ways[name].flatMap { label in others().first { $0.description == label } } ?? usual
    if isNoting {
      let labels = others().map(\.description)
      let decision = Decision(
        name: name, taken: chosen.description,
        ways: labels.contains(usual.description) ? labels : [usual.description] + labels)
      noted.withLock { noted in
        if !noted.contains(where: { $0.name == name }) { noted.append(decision) }
      }
    }
    return chosen
  }
}

extension OpenCLDevice: TunableDevice {
  /// Runs `body` on this device with an eye on what it decides.
  public func decisions(_ body: (any Device) throws -> Void) throws -> [Decision] {
    let decisions = Decisions(self.decisions.ways, isNoting: true)
    try body(OpenCLDevice(self, decisions))
    return decisions.asked
  }

  /// The same device with other ways; buffers and kernels are shared.
  public func deciding(_ ways: [String: String]) -> any TunableDevice {
    OpenCLDevice(self, Decisions(decisions.ways.merging(ways) { $1 }))
  }
}
