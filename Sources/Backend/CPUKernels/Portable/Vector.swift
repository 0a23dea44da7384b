import CIntrinsics

/// The widest vector that every processor has in hardware or emulates cheaply.
typealias Vector = SIMD4<Float>
typealias Integers = SIMD4<UInt32>

/// The rows of a register tile of matmul; a tile is two vectors wide.
let tileRows = 4

let instructionSet = "portable"

/// `a·b + c`. Not fused: without the instruction, a fused product is a call into the C library.
@inline(__always)
func multiplyAdd(_ a: Vector, _ b: Vector, _ c: Vector) -> Vector { multiply_add4(a, b, c) }

/// `√a`, one instruction.
@inline(__always)
func exactSquareRoot(_ a: Vector) -> Vector { square_root4(a) }
