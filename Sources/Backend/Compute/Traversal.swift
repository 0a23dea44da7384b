/// A joint traversal of all elements of some operands, in as few loops as their strides allow: dimensions
/// of size 1 are dropped, and those contiguous in every operand are merged.
package struct Traversal: Sendable {
  /// The loops, outermost first; at least one.
  package private(set) var extents: [Int] = []
  /// The strides of each operand in each loop.
  package private(set) var strides: [[Int]]

  /// Plans the traversal of `shape` by operands of these strides, one for each dimension.
  package init(_ shape: Shape, _ operands: [[Int]]) {
    strides = operands.map { _ in [] }
    for axis in 0..<shape.rank where shape.extents[axis] > 1 {
      let extent = shape.extents[axis]
      let steps = operands.map { $0[axis] }
      if !extents.isEmpty
        && operands.indices.allSatisfy({ strides[$0][extents.count - 1] == steps[$0] * extent })
      {
        extents[extents.count - 1] *= extent
        for i in operands.indices { strides[i][extents.count - 1] = steps[i] }
      } else {
        extents.append(extent)
        for i in operands.indices { strides[i].append(steps[i]) }
      }
    }
    if extents.isEmpty {
      extents = [1]
      for i in operands.indices { strides[i] = [1] }
    }
  }

  /// The length of the innermost loop.
  package var inner: Int { extents[extents.count - 1] }
  /// How often the innermost loop runs.
  package var rows: Int { extents.dropLast().reduce(1, *) }

  /// The stride of an operand in the innermost loop.
  package func innerStride(_ operand: Int) -> Int { strides[operand][extents.count - 1] }

  /// The offset of an operand's first element in a run of the innermost loop.
  package func start(_ operand: Int, row: Int) -> Int {
    var (rest, start) = (row, 0)
    for axis in extents.indices.dropLast().reversed() {
      start += rest % extents[axis] * strides[operand][axis]
      rest /= extents[axis]
    }
    return start
  }
}
