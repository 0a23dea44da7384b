// The maximum mean discrepancy of two equally large sets of points of dimension d, with the Gaussian kernel
// k(x, y) = exp(-‖x - y‖² / width).

#if LANES == 1

static float k(__global const float *x, __global const float *y, uint d, float width) {
  float distance = 0;
  for (uint c = 0; c < d; c++) {
    const float difference = x[c] - y[c];
    distance = fma(difference, difference, distance);
  }
  return exp(-distance / width);
}

// terms[i] = Σ_j k(x_i, x_j) - 2 k(x_i, y_j) + k(y_i, y_j): one work-group for each i.
KERNEL void kernel_discrepancy(__global const float *x, __global const float *y,
                               __global float *terms, uint count, uint d, float width) {
  SHARED float scratch[GROUP];
  const uint i = GROUP_ID;
  __global const float *xi = x + (size_t)i * d, *yi = y + (size_t)i * d;
  float sum = 0;
  FOR_ROW(j, count) {
    __global const float *xj = x + (size_t)j * d, *yj = y + (size_t)j * d;
    sum += k(xi, xj, d, width) - 2 * k(xi, yj, d, width) + k(yi, yj, d, width);
  }
  const float total = group_sum(sum, scratch);
  if (get_local_id(0) == 0) terms[i] = total;
}

// dx_i (+)= -2/width·Σ_j (g_i + g_j)·k(x_i, x_j)·(x_i - x_j) - 2 g_i·k(x_i, y_j)·(x_i - y_j): one
// work-group for each i. It computes the weights of GROUP points of each set at a time, then its work-items
// take the dimensions.
KERNEL void kernel_discrepancy_gradient(__global const float *x, __global const float *y,
                                        __global const float *g, float all_rows,
                                        __global float *dx, int accumulate, uint count, uint d,
                                        float width) {
  SHARED float x_weights[GROUP], y_weights[GROUP];
  const uint i = GROUP_ID, lane = get_local_id(0), lanes = get_local_size(0);
  __global const float *xi = x + (size_t)i * d;
  __global float *to = dx + (size_t)i * d;
  for (uint first = 0; first < count; first += lanes) {
    __global const float *xs = x + (size_t)first * d, *ys = y + (size_t)first * d;
    const uint points = min(lanes, count - first);
    barrier(CLK_LOCAL_MEM_FENCE);
    if (lane < points) {
      const float gi = -2 / width * of_row(g, all_rows, i);
      const float gj = -2 / width * of_row(g, all_rows, first + lane);
      x_weights[lane] = (gi + gj) * k(xi, xs + (size_t)lane * d, d, width);
      y_weights[lane] = -2 * gi * k(xi, ys + (size_t)lane * d, d, width);
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    for (uint c = lane; c < d; c += lanes) {
      float sum = first > 0 || accumulate ? to[c] : 0;
      for (uint j = 0; j < points; j++) {
        sum = fma(x_weights[j], xi[c] - xs[(size_t)j * d + c], sum);
        sum = fma(y_weights[j], xi[c] - ys[(size_t)j * d + c], sum);
      }
      to[c] = sum;
    }
  }
}

#else

// Copies 16 points to the group's scratch as [d][16]; past the end, the last one again.
static void load_points(__global const float *x, uint first, uint count, uint d,
                        __global float *points) {
  for (uint c = 0; c < d; c++)
    for (uint j = 0; j < LANES; j++)
      points[c * LANES + j] = x[(size_t)min(first + j, count - 1) * d + c];
}

// The kernels of 16 points with one.
static vec k(__global const float *points, __global const float *y, uint d, float width) {
  vec distance = 0;
  for (uint c = 0; c < d; c++) {
    const vec difference = vload16(c, points) - y[c];
    distance = fma(difference, difference, distance);
  }
  return vexp(distance * (-1.0f / width));
}

KERNEL void kernel_discrepancy(__global const float *x, __global const float *y,
                               __global float *terms, uint count, uint d, float width,
                               __global float *scratch) {
  __global float *points = scratch + (size_t)GROUP_ID * LANES * d;
  const uint first = GROUP_ID * LANES;
  vec sum = 0;
  load_points(x, first, count, d, points);
  for (uint j = 0; j < count; j++)
    sum += k(points, x + (size_t)j * d, d, width) - 2 * k(points, y + (size_t)j * d, d, width);
  load_points(y, first, count, d, points);
  for (uint j = 0; j < count; j++) sum += k(points, y + (size_t)j * d, d, width);
  store(sum, terms, first, count);
}

// Adds weight·k(x, y)·(x - y) for 16 points x.
static void add_gradient(vec weight, __global const float *points, __global const float *y, uint d,
                         float width, __global float *gradients) {
  weight *= k(points, y, d, width);
  for (uint c = 0; c < d; c++)
    vstore16(fma(weight, vload16(c, points) - y[c], vload16(c, gradients)), c, gradients);
}

KERNEL void kernel_discrepancy_gradient(__global const float *x, __global const float *y,
                                        __global const float *g, float all_rows,
                                        __global float *dx, int accumulate, uint count, uint d,
                                        float width, __global float *scratch) {
  __global float *points = scratch + (size_t)GROUP_ID * 2 * LANES * d;
  __global float *gradients = points + LANES * d;
  const uint first = GROUP_ID * LANES;
  load_points(x, first, count, d, points);
  for (uint c = 0; c < d; c++) vstore16((vec)0.0f, c, gradients);
  const vec gi = (-2.0f / width) * (g ? load(g, first, count) : (vec)all_rows);
  for (uint j = 0; j < count; j++) {
    const vec weight = gi - 2.0f / width * of_row(g, all_rows, j);
    add_gradient(weight, points, x + (size_t)j * d, d, width, gradients);
    add_gradient(-2.0f * gi, points, y + (size_t)j * d, d, width, gradients);
  }
  const uint rows = min((uint)LANES, count - first);
  for (uint j = 0; j < rows; j++)
    for (uint c = 0; c < d; c++) {
      __global float *to = dx + (size_t)(first + j) * d + c;
      *to = accumulate ? *to + gradients[c * LANES + j] : gradients[c * LANES + j];
    }
}

#endif
