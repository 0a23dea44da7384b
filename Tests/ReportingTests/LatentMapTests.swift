import Testing

@testable import Reporting

@Suite struct LatentMapTests {
  @Test func isTheSameEachTimeAndWellFormed() throws {
    let points: [(x: Float, y: Float)] = (0..<500).map { index in
      (Float(index * 37 % 101), Float(index * 53 % 97))
    }
    let map = LatentMap(
      points: points, labels: (0..<500).map { $0 % 3 }, classNames: ["a<", "b", "c"], summary: "s")
    let svg = try map.drawing().svg()
    #expect(try map.drawing().svg() == svg)
    #expect(isWellFormed(svg))
    #expect(svg.contains("data:image/png;base64,"))
    #expect(svg.contains(">a&lt;<") && svg.contains(">b<") && svg.contains(">c<"))
  }

  @Test func everyClassHasAColourOfItsOwn() {
    #expect(LatentMap.color(3, of: 10) == LatentMap.colors[3])
    for count in [11, 52, 100, 255] {
      let colors = (0..<count).map { LatentMap.color($0, of: count) }
      #expect(colors.allSatisfy { min($0.0, $0.1, $0.2) >= 0 && max($0.0, $0.1, $0.2) <= 255 })
      #expect(Set(colors.map { "\($0)" }).count == count)
      for (one, next) in zip(colors, colors.dropFirst()) {
        let distance = abs(one.0 - next.0) + abs(one.1 - next.1) + abs(one.2 - next.2)
        #expect(distance > 60, "\(one) beside \(next)")
      }
    }
  }

  @Test func leavesOutWhatIsNotFinite() throws {
    let finite = LatentMap(
      points: [(0, 0), (1, 1)], labels: [0, 1], classNames: ["a", "b", "c"], summary: "")
    let odd = LatentMap(
      points: [(.nan, 0), (0, .infinity), (0, 0), (1, 1)], labels: [2, 2, 0, 1],
      classNames: ["a", "b", "c"], summary: "")
    #expect(try odd.drawing().svg() == finite.drawing().svg())
    #expect(try !odd.drawing().svg().contains(">c<"), "a class without points has no name")
  }

  @Test func drawsDegenerateMaps() throws {
    for points: [(x: Float, y: Float)] in [
      [], [(0, 0)], [(7, -7), (7, -7)], [(-3e38, -3e38), (3e38, 3e38)],
      [(.leastNonzeroMagnitude, 0), (0, 0)],
    ] {
      let map = LatentMap(
        points: points, labels: points.map { _ in 0 }, classNames: ["a"], summary: "")
      #expect(try isWellFormed(map.drawing().svg()))
    }
  }

  @Test func discsAreWhereTheyShouldBe() {
    var canvas = Canvas(side: 20)
    canvas.disc(x: 5, y: 15, radius: 3, opacity: 1, color: (255, 0, 51))
    canvas.disc(x: -50, y: 500, radius: 3, opacity: 1, color: (255, 0, 51))
    let image = canvas.image()
    func pixel(_ x: Int, _ y: Int) -> [UInt8] {
      Array(image.pixels[(y * 20 + x) * 4..<(y * 20 + x) * 4 + 4])
    }
    #expect(pixel(5, 15) == [255, 0, 51, 255])
    #expect(pixel(15, 5) == [0, 0, 0, 0])
    #expect(pixel(5, 5) == [0, 0, 0, 0])
  }

  @Test func discsAreTransparent() {
    var canvas = Canvas(side: 4)
    canvas.disc(x: 2, y: 2, radius: 9, opacity: 0.5, color: (255, 0, 0))
    #expect(canvas.image().pixels.prefix(4) == [255, 0, 0, 128])
    canvas.disc(x: 2, y: 2, radius: 9, opacity: 0.5, color: (0, 0, 255))
    // Half of the upper, half of the lower's half: alpha 3/4, of which blue has two thirds.
    #expect(canvas.image().pixels.prefix(4) == [85, 0, 170, 191])
  }
}
