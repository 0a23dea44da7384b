// Rows of a matrix, each independently.

KERNEL void scale_columns(uint rows, uint columns, __global const float *x,
                          __global const float *scale, __global const float *shift,
                          __global float *y) {
  FOR_ROWS(r, rows) {
    const size_t start = (size_t)r * columns;
    FOR_ELEMENTS(i, columns) {
      const vec value = load(x + start, i, columns);
      store(fma(value, load(scale, i, columns), load(shift, i, columns)), y + start, i, columns);
    }
  }
}

// One work-group for each row.
KERNEL void normalize_rows(uint columns, __global const float *x, __global float *y) {
  SHARED float scratch[GROUP];
  const size_t start = (size_t)GROUP_ID * columns;
  // If squares overflow or underflow, they are recomputed on rescaled numbers.
  float units = 1, square = 0;
  for (int i = 0; i < 2 && !(square > 1e-30f && square < 1e30f); i++) {
    if (i == 1) units = square < 1 ? 0x1p100f : 0x1p-80f;
    vec sum = 0;
    FOR_ROW(i, columns) {
      const vec value = units * load(x + start, i, columns);
      sum = fma(value, value, sum);
    }
    square = group_sum(sum, scratch);
  }
  // Zeros stay zeros.
  const float norm = square == 0 ? 1.0f : sqrt(square);
  FOR_ROW(i, columns) store(units * load(x + start, i, columns) / norm, y + start, i, columns);
}
