// Rows of a matrix, each on its own.

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
  __local float scratch[GROUP];
  const size_t start = (size_t)get_group_id(0) * columns;
  vec sum = 0;
  FOR_ROW(i, columns) {
    const vec value = load(x + start, i, columns);
    sum = fma(value, value, sum);
  }
  const float square = group_sum(sum, scratch);
  // Zeros stay zeros.
  const float norm = square == 0 ? 1.0f : sqrt(square);
  FOR_ROW(i, columns) store(load(x + start, i, columns) / norm, y + start, i, columns);
}
