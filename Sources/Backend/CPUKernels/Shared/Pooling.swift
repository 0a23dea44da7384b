import CPUKernels

/// The maximum of each window of a pair of rows: `y[j, c] = max x[0...1, 2j...2j + 1, c]`.
@Sendable func maxPoolRows(
  _ top: Input, _ bottom: Input, _ windows: Int, _ channels: Int, _ y: Output
) {
  for j in 0..<windows {
    let left = 2 &* j &* channels
    forEachVector(channels) { c, n in
      let window = load(top, bottom, left + c, left + channels + c, n)
      store(
        larger(larger(window.0, window.1), larger(window.2, window.3)), y + j &* channels + c, n)
    }
  }
}

/// `dx (+)= dy` at the first maximum of each window of a pair of rows.
@Sendable func maxPoolGradientRows(
  _ top: Input, _ bottom: Input, _ dy: Input, _ windows: Int, _ channels: Int, _ dTop: Output,
  _ dBottom: Output, _ accumulate: Bool
) {
  for j in 0..<windows {
    let left = 2 &* j &* channels
    forEachVector(channels) { c, n in
      let (a, b) = (left &+ c, left &+ channels &+ c)
      let window = load(top, bottom, a, b, n)
      let maximum = larger(larger(window.0, window.1), larger(window.2, window.3))
      var rest = load(dy + j &* channels + c, n)
      // The first element that equals the maximum takes what is left of the gradient. If the maximum is
      // NaN, only a NaN element does.
      func share(_ x: Vector, _ dx: Output) {
        let isMaximum = (x .== maximum) .| (x .!= x)
        var mine = Vector.zero.replacing(with: rest, where: isMaximum)
        rest.replace(with: 0, where: isMaximum)
        if accumulate { mine += load(dx, n) }
        store(mine, dx, n)
      }
      share(window.0, dTop + a)
      share(window.1, dTop + b)
      share(window.2, dBottom + a)
      share(window.3, dBottom + b)
    }
  }
}

/// Runs `body(first, count)` over the vectors of a range, the last perhaps partial.
@inline(__always)
private func forEachVector(_ count: Int, _ body: (Int, Int) -> Void) {
  var i = 0
  while i < count {
    body(i, min(lanes, count &- i))
    i &+= lanes
  }
}

/// The four elements of a window, in order.
@inline(__always)
private func load(_ top: Input, _ bottom: Input, _ a: Int, _ b: Int, _ n: Int) -> (
  Vector, Vector, Vector, Vector
) {
  n == lanes
    ? (load(top + a), load(top + b), load(bottom + a), load(bottom + b))
    : (
      load(top + a, first: n), load(top + b, first: n), load(bottom + a, first: n),
      load(bottom + b, first: n)
    )
}

/// The larger of two numbers; NaN wins.
@inline(__always)
func larger(_ a: Vector, _ b: Vector) -> Vector {
  a.replacing(with: b, where: (b .> a) .| (b .!= b))
}
