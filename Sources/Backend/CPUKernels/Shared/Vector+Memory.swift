import CPUKernels

/// The number of elements of a vector.
@inline(__always)
var lanes: Int { Vector.scalarCount }

@inline(__always)
func load(_ source: Input) -> Vector { UnsafeRawPointer(source).loadUnaligned(as: Vector.self) }

@inline(__always)
func store(_ vector: Vector, _ destination: Output) {
  UnsafeMutableRawPointer(destination).storeBytes(of: vector, as: Vector.self)
}

/// The first `count` elements, then zeros.
@inline(__always)
func load(_ source: Input, first count: Int) -> Vector {
  var vector = Vector.zero
  for i in 0..<count { vector[i] = source[i] }
  return vector
}

@inline(__always)
func store(_ vector: Vector, _ destination: Output, first count: Int) {
  for i in 0..<count { destination[i] = vector[i] }
}

/// The first `count` elements; a full vector at once.
@inline(__always)
func load(_ source: Input, _ count: Int) -> Vector {
  count == lanes ? load(source) : load(source, first: count)
}

@inline(__always)
func store(_ vector: Vector, _ destination: Output, _ count: Int) {
  if count == lanes { store(vector, destination) } else { store(vector, destination, first: count) }
}

/// `y[i] = f(x[i])` by vectors, the rest padded with zeros.
@inline(__always)
func transform(_ x: Input, _ y: Output, _ count: Int, _ f: (Vector) -> Vector) {
  var i = 0
  while i &+ lanes <= count {
    store(f(load(x + i)), y + i)
    i &+= lanes
  }
  if i < count { store(f(load(x + i, first: count &- i)), y + i, first: count &- i) }
}

/// `y[i] = f(a[i], b[i])`.
@inline(__always)
func transform(
  _ a: Input, _ b: Input, _ y: Output, _ count: Int, _ f: (Vector, Vector) -> Vector
) {
  var i = 0
  while i &+ lanes <= count {
    store(f(load(a + i), load(b + i)), y + i)
    i &+= lanes
  }
  if i < count {
    let rest = count &- i
    store(f(load(a + i, first: rest), load(b + i, first: rest)), y + i, first: rest)
  }
}

/// `y[i] = f(a[i], b[i], c[i])`.
@inline(__always)
func transform(
  _ a: Input, _ b: Input, _ c: Input, _ y: Output, _ count: Int,
  _ f: (Vector, Vector, Vector) -> Vector
) {
  var i = 0
  while i &+ lanes <= count {
    store(f(load(a + i), load(b + i), load(c + i)), y + i)
    i &+= lanes
  }
  if i < count {
    let rest = count &- i
    let result = f(
      load(a + i, first: rest), load(b + i, first: rest), load(c + i, first: rest))
    store(result, y + i, first: rest)
  }
}

/// The sum of f(a[i], b[i]) in a fixed order: by lanes, then over the lanes.
@inline(__always)
func sum(_ a: Input, _ b: Input, _ count: Int, _ f: (Vector, Vector) -> Vector) -> Float {
  var total = Vector.zero
  var i = 0
  while i &+ lanes <= count {
    total += f(load(a + i), load(b + i))
    i &+= lanes
  }
  var result = total.sum()
  if i < count {
    let rest = count &- i
    let last = f(load(a + i, first: rest), load(b + i, first: rest))
    for lane in 0..<rest { result += last[lane] }
  }
  return result
}
