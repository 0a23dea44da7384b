// Softmax, its cross-entropy and the greatest column; one work-group for each row.

#if LANES == 1
// The maximum over a work-group of GROUP work-items.
static float group_max(float value, SHARED float *scratch) {
  const uint i = get_local_id(0);
  barrier(CLK_LOCAL_MEM_FENCE);
  scratch[i] = value;
  barrier(CLK_LOCAL_MEM_FENCE);
  for (uint width = get_local_size(0) / 2; width > 0; width /= 2) {
    if (i < width) scratch[i] = fmax(scratch[i], scratch[i + width]);
    barrier(CLK_LOCAL_MEM_FENCE);
  }
  return scratch[0];
}
static vec greater(vec a, vec b) { return fmax(a, b); }
#else
// Plain comparisons, which unlike fmax are one instruction; a NaN still shows in the sum.
static vec greater(vec a, vec b) { return select(a, b, b > a); }

static float group_max(vec x, SHARED float *scratch) {
  const float8 low = half_of(x, 0), high = half_of(x, 1), a = select(low, high, high > low);
  const float4 b = select(a.lo, a.hi, a.hi > a.lo);
  const float2 c = select(b.lo, b.hi, b.hi > b.lo);
  return c.y > c.x ? c.y : c.x;
}
#endif

// The greatest element of a row and Σ exp(x - greatest).
static float2 exponential_sum(__global const float *x, uint columns, SHARED float *scratch) {
  vec greatest = -INFINITY;
  FOR_ROW(i, columns) greatest = greater(greatest, load_or(x, i, columns, -INFINITY));
  const float shift = group_max(greatest, scratch);
  vec sum = 0;
  FOR_ROW(i, columns) sum += within(vexp(load(x, i, columns) - shift), i, columns);
  return (float2)(shift, group_sum(sum, scratch));
}

KERNEL void softmax(uint columns, __global const float *x, __global float *y) {
  SHARED float scratch[GROUP];
  const size_t start = (size_t)GROUP_ID * columns;
  const float2 s = exponential_sum(x + start, columns, scratch);
  FOR_ROW(i, columns) store(vexp(load(x + start, i, columns) - s.x) / s.y, y + start, i, columns);
}

KERNEL void softmax_cross_entropy(uint columns, __global const float *logits,
                                  __global const int *labels, __global float *loss) {
  SHARED float scratch[GROUP];
  const uint r = GROUP_ID;
  __global const float *row = logits + (size_t)r * columns;
  const float2 s = exponential_sum(row, columns, scratch);
  if (get_local_id(0) == 0) {
    // A negative label is a large one as unsigned.
    const uint label = as_uint(labels[r]);
    loss[r] = label < columns ? log(s.y) - (row[label] - s.x) : NAN;
  }
}

KERNEL void softmax_cross_entropy_gradient(uint columns, __global const float *logits,
                                           __global const int *labels,
                                           __global const float *loss_gradient, float all_rows,
                                           __global float *logits_gradient, int accumulate) {
  SHARED float scratch[GROUP];
  const uint r = GROUP_ID;
  const size_t start = (size_t)r * columns;
  __global float *to = logits_gradient + start;
  const float2 s = exponential_sum(logits + start, columns, scratch);
  const float g = of_row(loss_gradient, all_rows, r);
  const uint label = as_uint(labels[r]);
  FOR_ROW(i, columns) {
#if LANES == 1
    const float target = i == label ? 1.0f : 0.0f;
#else
    const uvec lane = (uvec)(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    const vec target = select((vec)0.0f, (vec)1.0f, lane + i == label);
#endif
    const vec value = g * (vexp(load(logits + start, i, columns) - s.x) / s.y - target);
    store(accumulate ? load(to, i, columns) + value : value, to, i, columns);
  }
}

// Whether element i with value x beats the best so far: greater, or equal and further left. A NaN counts as
// greatest.
static bool precedes(float x, int i, float best, int at) {
  if (isnan(x) || isnan(best)) return isnan(x) && (!isnan(best) || i < at);
  return x > best || (x == best && i < at);
}

KERNEL void argmax(uint columns, __global const float *x, __global int *y) {
  __global const float *row = x + (size_t)GROUP_ID * columns;
  const uint lane = get_local_id(0);
  float best = -INFINITY;
  int at = INT_MAX;
  for (uint i = lane; i < columns; i += get_local_size(0))
    if (precedes(row[i], i, best, at)) {
      best = row[i];
      at = i;
    }
  SHARED float values[GROUP];
  SHARED int indices[GROUP];
  values[lane] = best;
  indices[lane] = at;
  barrier(CLK_LOCAL_MEM_FENCE);
  for (uint width = get_local_size(0) / 2; width > 0; width /= 2) {
    if (lane < width
        && precedes(values[lane + width], indices[lane + width], values[lane], indices[lane])) {
      values[lane] = values[lane + width];
      indices[lane] = indices[lane + width];
    }
    barrier(CLK_LOCAL_MEM_FENCE);
  }
  if (lane == 0) y[GROUP_ID] = indices[0];
}

KERNEL void equal(__global const int *a, __global const int *b, __global float *y, uint n) {
  FOR_RANGE(i, n, 1) y[i] = a[i] == b[i] ? 1.0f : 0.0f;
}
