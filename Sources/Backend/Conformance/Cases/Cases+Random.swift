import Compute

extension Conformance {
  static func randomCases(_ size: Size) -> [ConformanceCase] {
    let streams: [(name: String, stream: RandomStream)] = [
      ("a seed", RandomStream(seed: 0x0123_4567_89AB_CDEF, purpose: 3, step: 1 << 33 + 5)),
      // The first word wraps around without a carry into the second.
      (
        "a wrapping counter",
        RandomStream(key: SIMD4(1, 2, 3, 4), counter: SIMD4(.max, .max, 5, 6))
      ),
      // The first blocks here begin with 24 zeros and with 24 ones: the longest and the shortest
      // radius of a normal number, √(48 log 2) and 0.
      ("the greatest normal", RandomStream(key: .zero, counter: SIMD4(12_624_070, 0, 0, 0))),
      ("the least normal", RandomStream(key: .zero, counter: SIMD4(8_915_322, 0, 0, 0))),
    ]
    let lengths =
      switch size {
      case .selfCheck: [1, 301]
      case .full: counts(size) + [4, 5, 6, 60_001]
      }
    let drawn = Distribution.allCases.flatMap { distribution in
      streams.flatMap { name, stream in
        lengths.map { randomCase(distribution, stream, $0, "\(distribution) × \($0) of \(name)") }
      }
    }
    return knownAnswerCases + drawn
  }

  private static var knownAnswerCases: [ConformanceCase] {
    Oracle.knownAnswers.enumerated().map { number, answer in
      ConformanceCase(.random, "known answer \(number + 1)") { bench in
        let y = try bench.output(4, .int32)
        try bench.run { try $0.random(.bits, answer.stream, into: y.buffer) }
        bench.expect(y, exactly: answer.words.map { Int32(bitPattern: $0) })
      }
    }
  }

  private static func randomCase(
    _ distribution: Distribution, _ stream: RandomStream, _ count: Int, _ label: String
  ) -> ConformanceCase {
    ConformanceCase(.random, label) { bench in
      let y = try bench.output(count, distribution == .bits ? .int32 : .float32)
      try bench.run { try $0.random(distribution, stream, into: y.buffer) }
      switch distribution {
      case .bits:
        let words = Oracle.bits(stream, count: count)
        bench.expect(y, exactly: words.map { Int32(bitPattern: $0) })
      case .uniform:
        bench.expect(y, exactly: Oracle.uniform(stream, count: count))
      case .normal:
        bench.expect(y, Oracle.normal(stream, count: count), within: .transcendental())
      }
    }
  }

  static func permutationCases(_ size: Size) -> [ConformanceCase] {
    let lengths =
      switch size {
      case .selfCheck: [1, 301]
      case .full: [1, 2, 3, 4, 5, 16, 17, 255, 256, 257, 1000, 60_000]
      }
    return lengths.map { count in
      ConformanceCase(.permutation, "of \(count)") { bench in
        let stream = RandomStream(seed: 7, purpose: 1, step: UInt64(count))
        let y = try bench.output(count, .int32)
        try bench.run { try $0.permutation(stream, into: y.buffer) }
        let permutation = Permutation(count: count, stream: stream)
        bench.expect(y, exactly: (0..<count).map { Int32(permutation($0)) })
        bench.require(
          y.contents(as: Int32.self).sorted() == (0..<Int32(count)).map { $0 },
          "is no permutation of 0..<\(count)")
      }
    }
  }
}
