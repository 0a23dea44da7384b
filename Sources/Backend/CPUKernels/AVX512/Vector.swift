import CIntrinsics

/// One AVX-512 register.
typealias Vector = SIMD16<Float>
typealias Integers = SIMD16<UInt32>

/// The rows of a register tile of matmul; a tile is two vectors wide.
let tileRows = 8

let instructionSet = "avx512"

/// `a·b + c`, one instruction.
@inline(__always)
func multiplyAdd(_ a: Vector, _ b: Vector, _ c: Vector) -> Vector { multiply_add16(a, b, c) }

/// `√a`, one instruction.
@inline(__always)
func exactSquareRoot(_ a: Vector) -> Vector { square_root16(a) }
