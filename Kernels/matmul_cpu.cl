// Matrix products on processors with wide registers; see product_cpu.cl.

#include "product_cpu.cl"

// c = f(op(a)·op(b) + (accumulate ? c : 0) + bias), and columnSums (+)= the column sums of op(b), unless that
// is null. Dimension 0 runs over panels of columns, dimension 1 over blocks of rows, dimension 2 over
// products, whose factors and results are `steps` apart.
KERNEL void matmul(
    __global const float *a, __global const float *b, __global const float *bias,
    __global float *c, __global float *columnSums, int m, int n, int k, int transposeA,
    int transposeB, int accumulate, int activation, int rowBlock, int depthBlock, int4 steps,
    __local float *panel) {
  const int firstRow = get_group_id(1) * rowBlock;
  multiply(a + get_group_id(2) * (size_t)steps.x, b + get_group_id(2) * (size_t)steps.y, bias,
           c + get_group_id(2) * (size_t)steps.z, columnSums, m, n, k, transposeA, transposeB,
           accumulate, activation, 0, 0, get_group_id(0) * TILE_COLUMNS, firstRow,
           min(firstRow + rowBlock, m), depthBlock, panel);
}
