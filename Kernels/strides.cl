// How kernels visit operands by strides.
//
// Rows are the runs of the innermost loop. Those around it are at most four, of extents.x (the innermost of
// them) to extents.w; `steps` holds an operand's strides in the same order.

static long row_start(uint row, uint4 extents, int4 steps) {
  const uint x = row % extents.x, y = row / extents.x;
  const uint z = y / extents.y, w = z / extents.z;
  return (long)x * steps.x + (long)(y % extents.y) * steps.y + (long)(z % extents.z) * steps.z
         + (long)w * steps.w;
}
