import Compute

/// Minimises a function of a vector of tenths by sweeps over its coordinates, from several starts, until
/// no step of one tenth in one coordinate improves it.
///
/// The function is estimated from samples, and more samples cost more: so the eleven values of a coordinate
/// race. All start with few samples, the better ones continue with more, and the finalists are compared
/// with all. The incumbent always takes part in the last round.
struct CoordinateSearch {
  /// The number of coordinates.
  let dimension: Int
  /// The number of samples of each round of a race, increasing.
  let rounds: [Int]
  /// Determines the order of coordinates and the random starts.
  let stream: RandomStream
  /// The function: from a vector and a number of samples to a value; smaller is better.
  let value: ([Int], Int) throws -> Double

  /// The survivors of each round but the last.
  private static let survivors = [4, 2]

  /// The best vector from all starts, and its value with all samples.
  ///
  /// - Parameters:
  ///   - starts: Vectors to start from.
  ///   - randomStarts: How many more to draw.
  func run(from starts: [[Int]], randomStarts: Int) throws -> (theta: [Int], value: Double) {
    var best: (theta: [Int], value: Double)?
    for start in 0..<starts.count + randomStarts {
      let theta = start < starts.count ? starts[start] : random(start)
      let result = try descend(from: theta, start: start)
      if best.map({ result.value < $0.value }) ?? true { best = result }
    }
    guard var best else { preconditionFailure("a search needs a start") }
    // A race may have dropped the better one early.
    var descent = starts.count + randomStarts
    while let step = try improvingStep(from: best) {
      best = try descend(from: step, start: descent)
      descent += 1
    }
    return best
  }

  /// Improves a good vector by steps of one tenth, sweep after sweep until none helps: a step that helps
  /// with the samples of the first round is compared with all.
  func polish(from start: [Int]) throws -> [Int] {
    let (few, all) = (rounds[0], rounds.last ?? 1)
    var theta = start
    var sweep = 0
    var isBetter = true
    while isBetter {
      isBetter = false
      let order = Permutation(count: dimension, stream: at(0, UInt32(sweep), 1))
      for step in 0..<dimension {
        for change in [-1, 1] {
          var candidate = theta
          candidate[order(step)] += change
          guard (0...10).contains(candidate[order(step)]),
            try value(candidate, few) < value(theta, few),
            try value(candidate, all) < value(theta, all)
          else { continue }
          theta = candidate
          isBetter = true
        }
      }
      sweep += 1
    }
    return theta
  }

  /// The best vector one step away, compared with all samples, if it is better.
  private func improvingStep(from best: (theta: [Int], value: Double)) throws -> [Int]? {
    var result = best
    for coordinate in 0..<dimension {
      for tenths in [best.theta[coordinate] - 1, best.theta[coordinate] + 1]
      where (0...10).contains(tenths) {
        var candidate = best.theta
        candidate[coordinate] = tenths
        let value = try self.value(candidate, rounds.last ?? 1)
        if value < result.value { result = (candidate, value) }
      }
    }
    return result.theta == best.theta ? nil : result.theta
  }

  private func descend(from start: [Int], start index: Int) throws -> (theta: [Int], value: Double)
  {
    var theta = start
    var value = try self.value(theta, rounds.last ?? 1)
    var sweep = 0
    while true {
      let before = theta
      let order = Permutation(
        count: dimension, stream: at(UInt32(index), UInt32(sweep), 1))
      for step in 0..<dimension {
        (theta, value) = try race(theta, value, coordinate: order(step))
      }
      if theta == before { return (theta, value) }
      sweep += 1
    }
  }

  /// Finds the best value of one coordinate.
  private func race(_ theta: [Int], _ value: Double, coordinate: Int) throws -> ([Int], Double) {
    var candidates = (0...10).map { tenths in
      var candidate = theta
      candidate[coordinate] = tenths
      return candidate
    }
    for (round, samples) in rounds.dropLast().enumerated() {
      let values = try candidates.map { ($0, try self.value($0, samples)) }
      let keep = Self.survivors[min(round, Self.survivors.count - 1)]
      candidates = values.sorted { $0.1 < $1.1 }.prefix(keep).map(\.0)
    }
    var best = (theta, value)
    for candidate in candidates where candidate != theta {
      let value = try self.value(candidate, rounds.last ?? 1)
      if value < best.1 { best = (candidate, value) }
    }
    return best
  }

  private func at(_ start: UInt32, _ sweep: UInt32, _ use: UInt32) -> RandomStream {
    RandomStream(
      key: stream.key, counter: stream.counter &+ SIMD4(0, start, sweep, use))
  }

  private func random(_ start: Int) -> [Int] {
    (0..<dimension).map { d in
      let words = threefry(
        key: stream.key,
        counter: at(UInt32(start), 0, 2).counter &+ SIMD4(UInt32(d), 0, 0, 0))
      return Int(words.x % 11)
    }
  }
}

/// The order in which the paper tries θ for Medium-1 (section 3.5.2): low values for all dimensions but the
/// last come first, and the last one is free.
///
/// - Returns: The first `count` vectors of tenths.
public func prioritizedOrder(dimension: Int, count: Int) -> [[Int]] {
  var result: [[Int]] = []
  /// Appends the vectors that begin with `prefix` and whose other numbers, except the last, add up to
  /// `rest`.
  func extend(_ prefix: [Int], _ rest: Int) {
    guard result.count < count else { return }
    if prefix.count == dimension - 1 {
      if rest == 0 { result += (0...10).map { prefix + [$0] } }
      return
    }
    let left = dimension - 2 - prefix.count
    guard rest <= 10 * (left + 1) else { return }
    for tenths in 0...min(10, rest) { extend(prefix + [tenths], rest - tenths) }
  }
  for total in 0...10 * max(0, dimension - 1) where result.count < count { extend([], total) }
  return Array(result.prefix(count))
}
