// Sums, maxima and minima of a dimension of a tensor, in a fixed order.
//
// Long ones go in two stages: each of several parts of `part` elements gives a partial result, and
// a second launch reduces those.

#define SUM 0
#define MAXIMUM 1

static vec combine(int function, vec a, vec b) {
  if (function == SUM) return a + b;
  return function == MAXIMUM ? select(a, b, b > a || isnan(b)) : select(a, b, b < a || isnan(b));
}

static float combine1(int function, float a, float b) {
  if (function == SUM) return a + b;
  return isnan(b) || (function == MAXIMUM ? b > a : b < a) ? b : a;
}

static float start_value(int function) {
  return function == SUM ? 0.0f : function == MAXIMUM ? -INFINITY : INFINITY;
}

static float finish(float value, float scale, float old, int accumulate) {
  return accumulate ? old + scale * value : scale * value;
}

// y[r · parts + q] from part q of row r; one work-group for each.
KERNEL void reduce_rows(int function, __global const float *x, __global float *y, uint columns,
                        uint part, float scale, int accumulate) {
  const uint parts = (columns - 1) / part + 1;
  const uint result = GROUP_ID;
  const uint first = result % parts * part, count = min(part, columns - first);
  __global const float *row = x + (size_t)(result / parts) * columns + first;
  const float nothing = start_value(function);
  vec value = nothing;
  FOR_ROW(i, count) value = combine(function, value, load_or(row, i, count, nothing));
#if LANES == 1
  SHARED float scratch[GROUP];
  const uint lane = get_local_id(0);
  scratch[lane] = value;
  barrier(CLK_LOCAL_MEM_FENCE);
  for (uint width = get_local_size(0) / 2; width > 0; width /= 2) {
    if (lane < width) scratch[lane] = combine1(function, scratch[lane], scratch[lane + width]);
    barrier(CLK_LOCAL_MEM_FENCE);
  }
  if (lane == 0) y[result] = finish(scratch[0], scale, accumulate ? y[result] : 0, accumulate);
#else
  float lanes[LANES];
  vstore16(value, 0, lanes);
  for (uint width = LANES / 2; width > 0; width /= 2)
    for (uint j = 0; j < width; j++) lanes[j] = combine1(function, lanes[j], lanes[j + width]);
  y[result] = finish(lanes[0], scale, accumulate ? y[result] : 0, accumulate);
#endif
}

// Of outer matrices of rows × columns: y[o, q, c] from the rows of part q of column c. Dimension 0 runs over
// columns, 1 over parts and matrices.
KERNEL void reduce_columns(int function, __global const float *x, __global float *y, uint outer,
                           uint rows, uint columns, uint part, float scale, int accumulate) {
  const uint parts = (rows - 1) / part + 1;
#if LANES == 1
  SHARED float scratch[GROUP];
#endif
  for (uint result = get_group_id(1); result < outer * parts; result += get_num_groups(1)) {
    const uint first = result % parts * part, last = min(first + part, rows);
    __global const float *from = x + (size_t)(result / parts) * rows * columns;
    __global float *to = y + (size_t)result * columns;
    vec value = start_value(function);
#if LANES == 1
    // A work-group is a block of columns by several rows at a time.
    const uint column = get_global_id(0), row = get_local_id(1), width = get_local_size(0);
    const uint lane = row * width + get_local_id(0);
    if (column < columns)
      for (uint r = first + row; r < last; r += get_local_size(1))
        value = combine(function, value, from[(size_t)r * columns + column]);
    scratch[lane] = value;  // nobody else has read it since the barrier that ended the last round
    barrier(CLK_LOCAL_MEM_FENCE);
    for (uint height = get_local_size(1) / 2; height > 0; height /= 2) {
      if (row < height)
        scratch[lane] = combine1(function, scratch[lane], scratch[lane + height * width]);
      barrier(CLK_LOCAL_MEM_FENCE);
    }
    if (row == 0 && column < columns)
      to[column] = finish(scratch[lane], scale, accumulate ? to[column] : 0, accumulate);
#else
    const uint column = GROUP_ID * LANES;
    for (uint r = first; r < last; r++)
      value = combine(function, value, load(from + (size_t)r * columns, column, columns));
    value *= scale;
    store(accumulate ? load(to, column, columns) + value : value, to, column, columns);
#endif
  }
}

// y[first + i] = scales[i]·Σ x_i, for up to four tensors of n[i] elements: one work-group for each. The choices are
// chains, since Intel's compiler of 2026 crashes on trees of them before a barrier.
KERNEL void sums(__global const float *x0, __global const float *x1, __global const float *x2,
                 __global const float *x3, uint4 n, float4 scales, __global float *y, uint first) {
  SHARED float scratch[GROUP];
  const int i = GROUP_ID;
  __global const float *x = i == 0 ? x0 : i == 1 ? x1 : i == 2 ? x2 : x3;
  const uint count = i == 0 ? n.x : i == 1 ? n.y : i == 2 ? n.z : n.w;
  const float scale = i == 0 ? scales.x : i == 1 ? scales.y : i == 2 ? scales.z : scales.w;
  vec sum = 0;
  FOR_ROW(j, count) sum += load(x, j, count);
  const float total = group_sum(sum, scratch);
  if (get_local_id(0) == 0) y[first + i] = scale * total;
}

// c = f(Σ partial[p] + (accumulate ? c : 0) + bias), row by row: the second stage of a split product; the
// parts are added in order.
KERNEL void add_parts(__global const float *partial, uint parts, __global const float *bias,
                      __global float *c, uint rows, uint columns, int accumulate,
                      int activation) {
  FOR_ROWS(r, rows) {
    __global float *to = c + (size_t)r * columns;
    FOR_ELEMENTS(i, columns) {
      vec sum = 0;
      for (uint p = 0; p < parts; p++)
        sum += load(partial + ((size_t)p * rows + r) * columns, i, columns);
      if (accumulate) sum += load(to, i, columns);
      if (bias) sum += load(bias, i, columns);
      store(activate(activation, sum), to, i, columns);
    }
  }
}
