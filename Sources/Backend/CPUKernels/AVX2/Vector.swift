import CIntrinsics

/// One AVX2 register.
typealias Vector = SIMD8<Float>
typealias Integers = SIMD8<UInt32>

/// The rows of a register tile of matmul; a tile is two vectors wide.
let tileRows = 6

let instructionSet = "avx2"

/// `a·b + c`, one instruction.
@inline(__always)
func multiplyAdd(_ a: Vector, _ b: Vector, _ c: Vector) -> Vector { multiply_add8(a, b, c) }

/// `√a`, one instruction.
@inline(__always)
func exactSquareRoot(_ a: Vector) -> Vector { square_root8(a) }
