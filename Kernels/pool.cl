// The maximum of windows of 2 × 2, side by side, in images of height × width × channels.

// Whether b counts as greater than a: a NaN counts as greatest.
static ivec exceeds(vec b, vec a) { return !(b <= a) && a == a; }

// Rows are windows, in the order of the output.
KERNEL void max_pool(uint windows, uint height, uint width, uint channels,
                     __global const float *x, __global float *y) {
  const uint across = width / 2, down = height / 2;
  FOR_ROWS(r, windows) {
    const uint j = r % across * 2, i = r / across % down * 2, image = r / across / down;
    __global const float *above = x + (((size_t)image * height + i) * width + j) * channels;
    __global const float *below = above + (size_t)width * channels;
    __global float *to = y + (size_t)r * channels;
    FOR_ELEMENTS(c, channels) {
      vec greatest = load(above, c, channels);
      const vec others[3] = {load(above + channels, c, channels), load(below, c, channels),
                             load(below + channels, c, channels)};
      for (int k = 0; k < 3; k++)
        greatest = select(greatest, others[k], exceeds(others[k], greatest));
      store(greatest, to, c, channels);
    }
  }
}

// Rows are windows once more; those of a last odd row or column are cut off, and get nothing.
KERNEL void max_pool_gradient(uint windows, uint height, uint width, uint channels,
                              __global const float *x, __global const float *dy,
                              __global float *dx, int accumulate) {
  const uint across = (width + 1) / 2, down = (height + 1) / 2;
  FOR_ROWS(r, windows) {
    const uint column = r % across, row = r / across % down, image = r / across / down;
    const size_t start = (((size_t)image * height + row * 2) * width + column * 2) * channels;
    const size_t below = (size_t)width * channels;
    const size_t corners[4] = {start, start + channels, start + below, start + below + channels};
    if (2 * row + 1 < height && 2 * column + 1 < width) {
      const uint window = (image * (height / 2) + row) * (width / 2) + column;
      __global const float *from = dy + (size_t)window * channels;
      FOR_ELEMENTS(c, channels) {
        vec greatest = load(x + corners[0], c, channels);
        ivec first = 0;
        for (int k = 1; k < 4; k++) {
          const vec value = load(x + corners[k], c, channels);
          const ivec greater = exceeds(value, greatest);
          greatest = select(greatest, value, greater);
          first = select(first, (ivec)k, greater);
        }
        const vec gradient = load(from, c, channels);
        for (int k = 0; k < 4; k++) {
          __global float *to = dx + corners[k];
          const vec value = select((vec)0.0f, gradient, first == k);
          store(accumulate ? load(to, c, channels) + value : value, to, c, channels);
        }
      }
    } else if (!accumulate) {
      for (int k = 0; k < 4; k++)
        if (2 * row + k / 2 < height && 2 * column + k % 2 < width)
          FOR_ELEMENTS(c, channels) store((vec)0.0f, dx + corners[k], c, channels);
    }
  }
}
