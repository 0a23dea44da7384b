// Sums of the Gaussian kernel k(x, y) = exp(-‖x - y‖² / width) over pairs of points of dimension d.

#if LANES == 1

// sums[i] = Σ_j k(x_i, y_j): one work-group for each i.
KERNEL void kernel_sums(__global const float *x, __global const float *y, __global float *sums,
                        uint y_count, uint d, float width) {
  __local float scratch[GROUP];
  const uint i = get_group_id(0);
  __global const float *xi = x + (size_t)i * d;
  float sum = 0;
  FOR_ROW(j, y_count) {
    float distance = 0;
    for (uint c = 0; c < d; c++) {
      const float difference = xi[c] - y[(size_t)j * d + c];
      distance = fma(difference, difference, distance);
    }
    sum += exp(-distance / width);
  }
  const float total = group_sum(sum, scratch);
  if (get_local_id(0) == 0) sums[i] = total;
}

// dx_i (+)= Σ_j w_j·(x_i - y_j) with w_j = -2/width·(gx_i + gy_j)·k(x_i, y_j): one work-group for
// each i. It finds the weights of GROUP points at a time, then its work-items take the dimensions.
KERNEL void kernel_sums_gradient(__global const float *x, __global const float *y,
                                 __global const float *gx, __global const float *gy,
                                 __global float *dx, uint x_count, uint y_count, uint d,
                                 float width, int accumulate) {
  __local float weights[GROUP];
  const uint i = get_group_id(0), lane = get_local_id(0), lanes = get_local_size(0);
  __global const float *xi = x + (size_t)i * d;
  __global float *to = dx + (size_t)i * d;
  for (uint first = 0; first < y_count; first += lanes) {
    const uint count = min(lanes, y_count - first);
    barrier(CLK_LOCAL_MEM_FENCE);
    if (lane < count) {
      const uint j = first + lane;
      float distance = 0;
      for (uint c = 0; c < d; c++) {
        const float difference = xi[c] - y[(size_t)j * d + c];
        distance = fma(difference, difference, distance);
      }
      const float g = gx[i] + (gy ? gy[j] : 0.0f);
      weights[lane] = -2.0f / width * g * exp(-distance / width);
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    for (uint c = lane; c < d; c += lanes) {
      float sum = first > 0 || accumulate ? to[c] : 0;
      for (uint j = 0; j < count; j++)
        sum = fma(weights[j], xi[c] - y[(size_t)(first + j) * d + c], sum);
      to[c] = sum;
    }
  }
}

#else

// Copies 16 points of x to the group's scratch as [d][16]; past the end, the last one again.
static void load_points(__global const float *x, uint first, uint count, uint d,
                        __global float *points) {
  for (uint c = 0; c < d; c++)
    for (uint j = 0; j < LANES; j++)
      points[c * LANES + j] = x[(size_t)min(first + j, count - 1) * d + c];
}

static vec distance_to(__global const float *points, __global const float *y, uint d) {
  vec distance = 0;
  for (uint c = 0; c < d; c++) {
    const vec difference = vload16(c, points) - y[c];
    distance = fma(difference, difference, distance);
  }
  return distance;
}

KERNEL void kernel_sums(__global const float *x, __global const float *y, __global float *sums,
                        uint x_count, uint y_count, uint d, float width, __global float *scratch) {
  __global float *points = scratch + (size_t)get_group_id(0) * LANES * d;
  const uint first = get_group_id(0) * LANES;
  load_points(x, first, x_count, d, points);
  vec sum = 0;
  for (uint j = 0; j < y_count; j++)
    sum += vexp(distance_to(points, y + (size_t)j * d, d) * (-1.0f / width));
  store(sum, sums, first, x_count);
}

KERNEL void kernel_sums_gradient(__global const float *x, __global const float *y,
                                 __global const float *gx, __global const float *gy,
                                 __global float *dx, uint x_count, uint y_count, uint d,
                                 float width, int accumulate, __global float *scratch) {
  __global float *points = scratch + (size_t)get_group_id(0) * 2 * LANES * d;
  __global float *gradients = points + LANES * d;
  const uint first = get_group_id(0) * LANES;
  load_points(x, first, x_count, d, points);
  for (uint c = 0; c < d; c++) vstore16((vec)0.0f, c, gradients);
  const vec g = load(gx, first, x_count);
  for (uint j = 0; j < y_count; j++) {
    __global const float *yj = y + (size_t)j * d;
    const vec weight = (-2.0f / width) * (gy ? g + gy[j] : g)
                       * vexp(distance_to(points, yj, d) * (-1.0f / width));
    for (uint c = 0; c < d; c++)
      vstore16(fma(weight, vload16(c, points) - yj[c], vload16(c, gradients)), c, gradients);
  }
  const uint count = min((uint)LANES, x_count - first);
  for (uint j = 0; j < count; j++)
    for (uint c = 0; c < d; c++) {
      __global float *to = dx + (size_t)(first + j) * d + c;
      *to = accumulate ? *to + gradients[c * LANES + j] : gradients[c * LANES + j];
    }
}

#endif
