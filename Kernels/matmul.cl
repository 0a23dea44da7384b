// Matrix products on GPUs, in tiles; see product.cl.

#include "product.cl"

// c = f(op(a)·op(b) + (accumulate ? c : 0) + bias). Dimension 0 runs over tiles, dimension 1 over parts of
// the inner products, `part` long: a multiple of DEPTH, or all. Each part gives its own matrix. Dimension 2
// runs over products, whose factors and results are `steps` apart.
TILED void matmul(__global const float *a, __global const float *b, __global const float *bias,
                  __global float *c, __global float *columnSums, int m, int n, int k,
                  int transposeA, int transposeB, int accumulate, int activation, int part,
                  int4 steps) {
  SLABS(left);
  SLABS(right);
  const int first = get_group_id(1) * part;
  multiply(a + get_group_id(2) * (size_t)steps.x, b + get_group_id(2) * (size_t)steps.y, bias,
           c + get_group_id(2) * (size_t)steps.z + get_group_id(1) * (size_t)m * n, columnSums, m,
           n, k, transposeA, transposeB, accumulate, activation, 0, 0, TILE_NUMBER, first,
           min(k, first + part), left, right);
}
