// Diagonal Gaussians; a row of `parameters` holds d means, then d log variances.

KERNEL void reparameterize(uint rows, uint d, __global const float *parameters,
                           __global const float *noise, __global float *z) {
  FOR_ROWS(r, rows) {
    __global const float *mean = parameters + (size_t)r * 2 * d, *log_variance = mean + d;
    const size_t start = (size_t)r * d;
    FOR_ELEMENTS(i, d) {
      const vec deviation = vexp(0.5f * load(log_variance, i, d));
      store(fma(deviation, load(noise + start, i, d), load(mean, i, d)), z + start, i, d);
    }
  }
}

KERNEL void reparameterize_gradient(uint rows, uint d, __global const float *parameters,
                                    __global const float *noise, __global const float *dz,
                                    __global float *gradient, int accumulate) {
  FOR_ROWS(r, rows) {
    __global const float *log_variance = parameters + (size_t)r * 2 * d + d;
    __global float *dm = gradient + (size_t)r * 2 * d, *dv = dm + d;
    const size_t start = (size_t)r * d;
    FOR_ELEMENTS(i, d) {
      const vec g = load(dz + start, i, d);
      const vec deviation = vexp(0.5f * load(log_variance, i, d));
      const vec h = 0.5f * g * load(noise + start, i, d) * deviation;
      store(accumulate ? load(dm, i, d) + g : g, dm, i, d);
      store(accumulate ? load(dv, i, d) + h : h, dv, i, d);
    }
  }
}

KERNEL void gaussian_divergence(uint d, __global const float *parameters,
                                __global float *divergence) {
  SHARED float scratch[GROUP];
  const uint r = GROUP_ID;
  __global const float *mean = parameters + (size_t)r * 2 * d, *log_variance = mean + d;
  vec sum = 0;
  FOR_ROW(i, d) {
    const vec m = load(mean, i, d), v = load(log_variance, i, d);
    // Lanes past the end hold zeros, and add none.
    sum += fma(m, m, vexpm1(v) - v);
  }
  const float total = group_sum(sum, scratch);
  if (get_local_id(0) == 0) divergence[r] = 0.5f * total;
}

KERNEL void gaussian_divergence_gradient(uint rows, uint d, __global const float *parameters,
                                         __global const float *divergence_gradient, float all_rows,
                                         __global float *gradient, int accumulate) {
  FOR_ROWS(r, rows) {
    __global const float *mean = parameters + (size_t)r * 2 * d, *log_variance = mean + d;
    __global float *dm = gradient + (size_t)r * 2 * d, *dv = dm + d;
    const float g = of_row(divergence_gradient, all_rows, r);
    FOR_ELEMENTS(i, d) {
      const vec a = g * load(mean, i, d), b = 0.5f * g * vexpm1(load(log_variance, i, d));
      store(accumulate ? load(dm, i, d) + a : a, dm, i, d);
      store(accumulate ? load(dv, i, d) + b : b, dv, i, d);
    }
  }
}
