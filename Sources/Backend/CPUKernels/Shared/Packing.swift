import CPUKernels
import Compute

/// Packs a panel whose lines are contiguous: `panel[k·width + w] = source[k·stride + w]`, zeros
/// from `valid` on.
@Sendable func packLines(
  _ source: Input, _ stride: Int, _ depth: Int, _ valid: Int, _ width: Int, _ panel: Output
) {
  if width % lanes > 0 {
    for k in 0..<depth {
      for w in 0..<width { panel[k &* width &+ w] = w < valid ? source[k &* stride &+ w] : 0 }
    }
    return
  }
  for k in 0..<depth {
    for w in Swift.stride(from: 0, to: width, by: lanes) {
      let line = load(source + k &* stride + w, min(lanes, max(0, valid &- w)))
      store(line, panel + k &* width + w)
    }
  }
}

/// Packs a panel whose lines must be transposed: `panel[k·width + w] = source[w·stride + k]`, zeros
/// from `valid` on.
@Sendable func packTurned(
  _ source: Input, _ stride: Int, _ depth: Int, _ valid: Int, _ width: Int, _ panel: Output
) {
  for w in Swift.stride(from: 0, to: width, by: 8) {
    let block = min(8, width &- w)
    var k = 0
    if valid &- w >= 8 {
      while k &+ 8 <= depth {
        turn8x8(source + w &* stride + k, stride, panel + k &* width + w, width)
        k &+= 8
      }
    } else if block == 4 && valid &- w >= 4 {
      while k &+ 4 <= depth {
        turn4x4(source + w &* stride + k, stride, panel + k &* width + w, width)
        k &+= 4
      }
    }
    while k < depth {
      for i in 0..<block {
        panel[k &* width &+ w &+ i] = w &+ i < valid ? source[(w &+ i) &* stride &+ k] : 0
      }
      k &+= 1
    }
  }
}

/// Transposes 8 × 8 numbers: three rounds of interleaving lines i and i + 4.
@inline(__always)
private func turn8x8(_ source: Input, _ stride: Int, _ target: Output, _ targetStride: Int) {
  var lines = InlineArray<8, SIMD8<Float>>(repeating: .zero)
  for i in 0..<8 {
    lines[i] = UnsafeRawPointer(source + i &* stride).loadUnaligned(as: SIMD8<Float>.self)
  }
  for _ in 0..<3 {
    var next = InlineArray<8, SIMD8<Float>>(repeating: .zero)
    for i in 0..<4 {
      let a = lines[i]
      let b = lines[i &+ 4]
      next[2 &* i] = SIMD8(a[0], b[0], a[1], b[1], a[2], b[2], a[3], b[3])
      next[2 &* i &+ 1] = SIMD8(a[4], b[4], a[5], b[5], a[6], b[6], a[7], b[7])
    }
    lines = next
  }
  for i in 0..<8 {
    UnsafeMutableRawPointer(target + i &* targetStride)
      .storeBytes(of: lines[i], as: SIMD8<Float>.self)
  }
}

/// Transposes 4 × 4 numbers.
@inline(__always)
func turn4x4(_ source: Input, _ stride: Int, _ target: Output, _ targetStride: Int) {
  var lines = InlineArray<4, SIMD4<Float>>(repeating: .zero)
  for i in 0..<4 {
    lines[i] = UnsafeRawPointer(source + i &* stride).loadUnaligned(as: SIMD4<Float>.self)
  }
  for i in 0..<4 {
    UnsafeMutableRawPointer(target + i &* targetStride).storeBytes(
      of: SIMD4(lines[0][i], lines[1][i], lines[2][i], lines[3][i]), as: SIMD4<Float>.self)
  }
}
