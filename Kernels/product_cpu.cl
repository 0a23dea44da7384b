// Matrix products on processors with wide registers, for matmul_cpu.cl and dense_gradients_cpu.cl.
//
// A work-group of one work-item owns a panel of TILE_COLUMNS columns and a block of rows. It packs
// its panel of op(b) into local memory as [k][TILE_COLUMNS], then runs register tiles over it (see
// prelude.cl): with as many accumulators as fit, loads and broadcasts hide behind multiply-adds.
// Rows and columns past the edge repeat the last one; their results are not stored.

// A perfect shuffle of 16 registers; four of them transpose 16 × 16 floats.
#define LOW (uint16)(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define HIGH (uint16)(8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
#define SHUFFLE(to, from)                                                                         \
  for (int i = 0; i < 8; i++) {                                                                   \
    to[2 * i] = shuffle2(from[i], from[i + 8], LOW);                                              \
    to[2 * i + 1] = shuffle2(from[i], from[i + 8], HIGH);                                         \
  }

// panel[p][0..<TILE_COLUMNS] = op(b)[firstK + p][column...]
static void pack(__local float *panel, __global const float *b, int n, int k, int transposed,
                 int column, int firstK, int depth) {
  if (transposed) {
    for (int side = 0; side < TILE_COLUMNS; side += 16) {
      int p = 0;
      for (; p + 16 <= depth; p += 16) {
        float16 x[16], y[16];
        #pragma unroll
        for (int i = 0; i < 16; i++)
          x[i] = vload16(0, b + (size_t)min(column + side + i, n - 1) * k + firstK + p);
        #pragma unroll
        SHUFFLE(y, x)
        #pragma unroll
        SHUFFLE(x, y)
        #pragma unroll
        SHUFFLE(y, x)
        #pragma unroll
        SHUFFLE(x, y)
        #pragma unroll
        for (int i = 0; i < 16; i++) vstore16(x[i], 0, panel + (p + i) * TILE_COLUMNS + side);
      }
      for (; p < depth; p++)
        for (int i = 0; i < 16; i++)
          panel[p * TILE_COLUMNS + side + i] = b[(size_t)min(column + side + i, n - 1) * k + firstK + p];
    }
  } else {
    for (int p = 0; p < depth; p++) {
      size_t start = (size_t)(firstK + p) * n + column;
      __local float *line = panel + p * TILE_COLUMNS;
      if (start + TILE_COLUMNS <= (size_t)k * n) {
        for (int h = 0; h < HALVES; h++) vstore16(vload16(h, b + start), h, line);
      } else {
        for (int i = 0; i < TILE_COLUMNS; i++) line[i] = b[start + min(i, n - 1 - column)];
      }
    }
  }
}

// A block of c = f′(point)·f(op(a)·op(b) + (accumulate ? c : 0) + bias): TILE_COLUMNS columns from `column`
// on and the rows from `firstRow` up to `lastRow`. Without a point, which is the output of the function
// number `slopeOf`, f′ is 1. Also columnSums (+)= the column sums of op(b), unless that is null.
static void multiply(__global const float *a, __global const float *b, __global const float *bias,
                     __global float *c, __global float *columnSums, int m, int n, int k,
                     int transposeA, int transposeB, int accumulate, int activation,
                     __global const float *point, int slopeOf, int column, int firstRow,
                     int lastRow, int depthBlock, __local float *panel) {
  const size_t rowStride = transposeA ? 1 : k, step = transposeA ? m : 1;
  for (int firstK = 0; firstK < k; firstK += depthBlock) {
    const int depth = min(depthBlock, k - firstK), last = firstK + depth == k;
    pack(panel, b, n, k, transposeB, column, firstK, depth);
    if (columnSums && firstRow == 0) {
      for (int side = 0; side < TILE_COLUMNS && column + side < n; side += 16) {
        float16 sum = accumulate || firstK > 0 ? load(columnSums, column + side, n) : 0;
        for (int p = 0; p < depth; p++) sum += vload16(0, panel + p * TILE_COLUMNS + side);
        store(sum, columnSums, column + side, n);
      }
    }
    for (int row = firstRow; row < lastRow; row += TILE_ROWS) {
#define DECLARE(r)                                                                                \
  ZERO_SUMS(r)                                                                                    \
  __global const float *a##r = a + min(row + r, m - 1) * rowStride + firstK * step;
      EACH_ROW(DECLARE)
      __local const float *q = panel;
      for (int p = 0; p < depth; p++) {
        TAKE_LINE(q)
#define MULTIPLY(r) ADD_PRODUCT(r, a##r[p * step])
        EACH_ROW(MULTIPLY)
      }
      float16 sums[TILE_ROWS * HALVES];
      EACH_ROW(KEEP_SUMS)
      // The tile's place in c, and how much of it is inside.
      __global float *to = c + (size_t)row * n;
      const int rows = min(TILE_ROWS, lastRow - row);
      const int halves = min(HALVES, (n - column + 15) / 16);
      if (accumulate || firstK > 0)
        for (int r = 0; r < rows; r++)
          for (int i = 0; i < halves; i++)
            sums[HALVES * r + i] += load(to + (size_t)r * n, column + 16 * i, n);
      if (last) {
        if (bias)
          for (int i = 0; i < halves; i++) {
            const float16 value = load(bias, column + 16 * i, n);
            for (int r = 0; r < TILE_ROWS; r++) sums[HALVES * r + i] += value;
          }
        activateTile(activation, sums);
        if (point)
          for (int r = 0; r < rows; r++)
            for (int i = 0; i < halves; i++)
              sums[HALVES * r + i] *=
                  slope(slopeOf, load(point + (size_t)(row + r) * n, column + 16 * i, n));
      }
      for (int r = 0; r < rows; r++)
        for (int i = 0; i < halves; i++)
          store(sums[HALVES * r + i], to + (size_t)r * n, column + 16 * i, n);
    }
  }
}
