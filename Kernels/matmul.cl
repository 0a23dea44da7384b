// c = f(op(a)·op(b) + (accumulate ? c : 0) + bias) on GPUs.
//
// A work-group of SIDE × SIDE work-items makes a TILE × TILE tile of c from slabs of DEPTH columns
// of op(a) and rows of op(b) in local memory; each work-item makes PER × PER elements, SIDE apart,
// so that neighbours touch neighbouring banks and addresses.

#define PER (TILE / SIDE)
#define DEPTH 16
// One more column than the tile keeps transposing stores off each other's banks.
#define PITCH (TILE + 1)

__kernel __attribute__((reqd_work_group_size(SIDE, SIDE, 1))) void matmul(
    __global const float *a, __global const float *b, __global const float *bias,
    __global float *c, int m, int n, int k, int transposeA, int transposeB, int accumulate,
    int activation) {
  __local float slabA[DEPTH * PITCH];
  __local float slabB[DEPTH * PITCH];
  const int x = get_local_id(0), y = get_local_id(1);
  const int firstColumn = get_group_id(0) * TILE, firstRow = get_group_id(1) * TILE;

  float sums[PER][PER];
  #pragma unroll
  for (int i = 0; i < PER; i++)
    #pragma unroll
    for (int j = 0; j < PER; j++) sums[i][j] = 0;

  for (int firstK = 0; firstK < k; firstK += DEPTH) {
    // Neighbouring work-items read along the rows of the stored matrices.
    for (int i = y * SIDE + x; i < TILE * DEPTH; i += SIDE * SIDE) {
      const int row = transposeA ? i % TILE : i / DEPTH, p = transposeA ? i / TILE : i % DEPTH;
      const int r = firstRow + row, q = firstK + p;
      slabA[p * PITCH + row] =
          r < m && q < k ? a[transposeA ? (size_t)q * m + r : (size_t)r * k + q] : 0;
    }
    for (int i = y * SIDE + x; i < TILE * DEPTH; i += SIDE * SIDE) {
      const int column = transposeB ? i / DEPTH : i % TILE, p = transposeB ? i % DEPTH : i / TILE;
      const int s = firstColumn + column, q = firstK + p;
      slabB[p * PITCH + column] =
          s < n && q < k ? b[transposeB ? (size_t)s * k + q : (size_t)q * n + s] : 0;
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    #pragma unroll
    for (int p = 0; p < DEPTH; p++) {
      float left[PER], right[PER];
      #pragma unroll
      for (int i = 0; i < PER; i++) left[i] = slabA[p * PITCH + y + i * SIDE];
      #pragma unroll
      for (int j = 0; j < PER; j++) right[j] = slabB[p * PITCH + x + j * SIDE];
      #pragma unroll
      for (int i = 0; i < PER; i++)
        #pragma unroll
        for (int j = 0; j < PER; j++) sums[i][j] = fma(left[i], right[j], sums[i][j]);
    }
    barrier(CLK_LOCAL_MEM_FENCE);
  }

  #pragma unroll
  for (int i = 0; i < PER; i++)
    #pragma unroll
    for (int j = 0; j < PER; j++) {
      const int row = firstRow + y + i * SIDE, column = firstColumn + x + j * SIDE;
      if (row < m && column < n) {
        const size_t at = (size_t)row * n + column;
        float value = sums[i][j];
        if (accumulate) value += c[at];
        if (bias) value += bias[column];
        c[at] = activate(activation, value);
      }
    }
}
