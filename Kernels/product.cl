// A tile of a matrix product on GPUs, for matmul.cl and dense_gradients.cl.

#include "tile.cl"

static float4 slope4(int function, float4 y) {
  return (float4)(slope(function, y.x), slope(function, y.y), slope(function, y.z),
                  slope(function, y.w));
}

// Tile number `tile` of c = f′(point)·f(op(a)·op(b) + (accumulate ? c : 0) + bias), from the terms `first`
// up to `last` of the inner products. Without a point, which is the output of the function number `slopeOf`,
// f′ is 1.
//
// Also columnSums (+)= the column sums of b, unless columnSums is null or b transposed: if b is the
// gradient of a layer's output, they are the gradient of its bias.
INLINED void multiply(__global const float *a, __global const float *b, __global const float *bias,
                      __global float *c, __global float *columnSums, int m, int n, int k,
                      int transposeA, int transposeB, int accumulate, int activation,
                      __global const float *point, int slopeOf, int tile, int first, int last,
                      SLAB_MEMORY float4 (*left)[DEPTH * PITCH / 4],
                      SLAB_MEMORY float4 (*right)[DEPTH * PITCH / 4]) {
  const int2 origin = corner_of(tile, n);
  float4 sums[PER][QUADS];
  clear(sums);
  // All quads of b that a work-item reads are of the same columns.
  LOADS(totals);
  EACH_LOAD(l) totals[l] = 0;

  int turn = 0;
  for (int start = first; start < last + DEPTH; start += DEPTH, turn ^= 1) {
    LOADS(nextA);
    LOADS(nextB);
    if (start < last) {
      EACH_LOAD(l) {
        const int2 atA = place(l, !transposeA), atB = place(l, transposeB);
        const int row = origin.x + atA.x, column = origin.y + atB.x;
        nextA[l] = transposeA ? read4(a, start + atA.y, row, k, m)
                              : read4(a, row, start + atA.y, m, k);
        nextB[l] = transposeB ? read4(b, column, start + atB.y, n, k)
                              : read4(b, start + atB.y, column, k, n);
      }
    }
    if (start > first) add_product(SLAB(left, !turn), SLAB(right, !turn), sums);
    if (start < last) {
      EACH_LOAD(l) put(SLAB(left, turn), l, !transposeA, nextA[l]);
      EACH_LOAD(l) put(SLAB(right, turn), l, transposeB, nextB[l]);
      if (columnSums) {
        EACH_LOAD(l) totals[l] += nextB[l];
      }
    }
    barrier(CLK_LOCAL_MEM_FENCE);
  }

  EACH_ROW_OF_RESULTS(i) EACH_QUAD(j) {
    const int row = origin.x + ROW_OF(i), column = origin.y + COLUMN_OF(j);
    float4 quad = sums[i][j];
    if (accumulate) quad += read4(c, row, column, m, n);
    if (bias) quad += read4(bias, 0, column, 1, n);
    quad = activate4(activation, quad);
    if (point) quad *= slope4(slopeOf, read4(point, row, column, m, n));
    write4(quad, c, row, column, m, n);
  }
  if (columnSums) {
    EACH_LOAD(l) put(SLAB(right, 0), l, false, totals[l]);
  }
  // Not in a conditional: PoCL 3.1 miscompiles code after such a barrier.
  barrier(CLK_LOCAL_MEM_FENCE);
  if (columnSums && origin.x == 0) {
    for (int j = LANE; j < TILE && origin.y + j < n; j += SIDE * SIDE) {
      float sum = accumulate ? columnSums[origin.y + j] : 0;
      for (int p = 0; p < DEPTH; p++) sum += SLAB(right, 0)[p * PITCH + j];
      columnSums[origin.y + j] = sum;
    }
  }
}
