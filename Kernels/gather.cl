// y[r, :] = scale · bytes[indices[first + r], :]; a row whose index lies outside becomes NaN.

static vec load_bytes(__global const uchar *p, uint i, uint n) {
#if LANES == 1
  return convert_float(p[i]);
#else
  if (n - i >= LANES) return convert_float16(vload16(0, p + i));
  float lanes[LANES];
  for (uint j = 0; j < LANES; j++) lanes[j] = j < n - i ? p[i + j] : 0;
  return vload16(0, lanes);
#endif
}

KERNEL void gather(__global const uchar *bytes, uint n, uint width, __global const int *indices,
                   uint first, uint rows, float scale, __global float *y) {
  FOR_ROWS(r, rows) {
    // A negative index is a large one without its sign.
    const uint index = as_uint(indices[first + r]);
    __global const uchar *row = bytes + (size_t)(index < n ? index : 0) * width;
    __global float *to = y + (size_t)r * width;
    FOR_ELEMENTS(i, width) {
      const vec value = scale * load_bytes(row, i, width);
      store(index < n ? value : (vec)NAN, to, i, width);
    }
  }
}

KERNEL void gather_floats(__global const float *table, uint n, uint width,
                          __global const int *indices, uint first, uint rows, float scale,
                          __global float *y) {
  FOR_ROWS(r, rows) {
    const uint index = as_uint(indices[first + r]);
    __global const float *row = table + (size_t)(index < n ? index : 0) * width;
    FOR_ELEMENTS(i, width) {
      const vec value = scale * load(row, i, width);
      store(index < n ? value : (vec)NAN, y + (size_t)r * width, i, width);
    }
  }
}

// Rows are those of the table: each adds up, in order, the gradients of those that took it.
KERNEL void gather_gradient(__global const float *dy, uint batch, uint width,
                            __global const int *indices, uint first, uint rows, float scale,
                            __global float *gradient, int accumulate) {
  FOR_ROWS(k, rows) {
    __global float *to = gradient + (size_t)k * width;
    FOR_ELEMENTS(i, width) {
      vec sum = accumulate ? load(to, i, width) : (vec)0.0f;
      for (uint r = 0; r < batch; r++)
        if (indices[first + r] == k) sum += scale * load(dy + (size_t)r * width, i, width);
      store(sum, to, i, width);
    }
  }
}

// The bytes themselves, as labels; -1 where the index lies outside.
KERNEL void gather_labels(__global const uchar *bytes, uint n, uint width,
                          __global const int *indices, uint first, uint rows, __global int *y) {
  FOR_ROWS(r, rows) {
    const uint index = as_uint(indices[first + r]);
    FOR_RANGE(i, width, 1)
      y[(size_t)r * width + i] = index < n ? bytes[(size_t)index * width + i] : -1;
  }
}
