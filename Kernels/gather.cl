// y[r, :] = scale · table[indices[first + r], :]; a row whose index is out of range becomes NaN.

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

// A negative index is a large one as unsigned.
#define GATHER(name, type, read)                                                                   \
  KERNEL void name(__global const type *table, uint n, uint width, __global const int *indices,    \
                   uint first, uint rows, float scale, __global float *y) {                        \
    FOR_ROWS(r, rows) {                                                                            \
      const uint index = as_uint(indices[first + r]);                                              \
      __global const type *row = table + (size_t)(index < n ? index : 0) * width;                  \
      FOR_ELEMENTS(i, width) {                                                                     \
        const vec value = scale * read(row, i, width);                                             \
        store(index < n ? value : (vec)NAN, y + (size_t)r * width, i, width);                      \
      }                                                                                            \
    }                                                                                              \
  }

GATHER(gather, uchar, load_bytes)
GATHER(gather_floats, float, load)

// Rows are those of the table: each adds up, in order, the gradients of its copies.
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

// The bytes themselves, as labels; -1 where the index is out of range.
KERNEL void gather_labels(__global const uchar *bytes, uint n, uint width,
                          __global const int *indices, uint first, uint rows, __global int *y) {
  FOR_ROWS(r, rows) {
    const uint index = as_uint(indices[first + r]);
    FOR_RANGE(i, width, 1)
      y[(size_t)r * width + i] = index < n ? bytes[(size_t)index * width + i] : -1;
  }
}
