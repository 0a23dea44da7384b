// The maximum of adjacent 2 × 2 windows in images of height × width × channels.

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

// Rows are windows again; those of a last odd row or column are cut off, and get nothing.
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

// Windows of any size, stride and padding. In pairs, x is vertical and y horizontal; a window covers the
// pixels from `first` up to but excluding `end`.

static void window_of(int i, int j, int2 size, int2 stride, int2 before, int2 extent, int2 *first,
                      int2 *end) {
  const int2 start = (int2)(i, j) * stride - before;
  *first = max(start, (int2)0);
  *end = min(start + size, extent);
}

// Rows are pixels of the output.
KERNEL void pool_maximum(uint pixels, uint height, uint width, uint channels, int2 size,
                         int2 stride, int2 before, int2 output, __global const float *x,
                         __global float *y) {
  FOR_ROWS(r, pixels) {
    int2 first, end;
    window_of(r / output.y % output.x, r % output.y, size, stride, before, (int2)(height, width),
              &first, &end);
    __global const float *image = x + (size_t)(r / output.y / output.x) * height * width * channels;
    FOR_ELEMENTS(c, channels) {
      vec greatest = -INFINITY;
      for (int p = first.x; p < end.x; p++)
        for (int q = first.y; q < end.y; q++) {
          const vec value = load(image + ((size_t)p * width + q) * channels, c, channels);
          greatest = select(greatest, value, exceeds(value, greatest));
        }
      store(greatest, y + (size_t)r * channels, c, channels);
    }
  }
}

KERNEL void pool_average(uint pixels, uint height, uint width, uint channels, int2 size,
                         int2 stride, int2 before, int2 output, __global const float *x,
                         __global float *y) {
  FOR_ROWS(r, pixels) {
    int2 first, end;
    window_of(r / output.y % output.x, r % output.y, size, stride, before, (int2)(height, width),
              &first, &end);
    __global const float *image = x + (size_t)(r / output.y / output.x) * height * width * channels;
    const float part = 1.0f / ((end.x - first.x) * (end.y - first.y));
    FOR_ELEMENTS(c, channels) {
      vec sum = 0;
      for (int p = first.x; p < end.x; p++)
        for (int q = first.y; q < end.y; q++)
          sum += load(image + ((size_t)p * width + q) * channels, c, channels);
      store(sum * part, y + (size_t)r * channels, c, channels);
    }
  }
}

// The windows along one side that cover a pixel, from x up to but excluding y.
static int2 windows_over(int pixel, int size, int stride, int before, int count) {
  const int place = pixel + before;
  return (int2)(place < size ? 0 : (place - size) / stride + 1, min(count, place / stride + 1));
}

// Rows are pixels of the input, which gather from each window whose first maximum they are.
KERNEL void pool_maximum_gradient(uint pixels, uint height, uint width, uint channels, int2 size,
                                  int2 stride, int2 before, int2 output, __global const float *x,
                                  __global const float *dy, __global float *dx, int accumulate) {
  FOR_ROWS(r, pixels) {
    const int line = r / width % height, column = r % width, image = r / width / height;
    __global const float *from = x + (size_t)image * height * width * channels;
    const int2 down = windows_over(line, size.x, stride.x, before.x, output.x);
    const int2 across = windows_over(column, size.y, stride.y, before.y, output.y);
    FOR_ELEMENTS(c, channels) {
      const vec mine = load(x + (size_t)r * channels, c, channels);
      vec sum = 0;
      for (int i = down.x; i < down.y; i++)
        for (int j = across.x; j < across.y; j++) {
          int2 first, end;
          window_of(i, j, size, stride, before, (int2)(height, width), &first, &end);
          ivec isFirst = -1;
          for (int p = first.x; p < end.x; p++)
            for (int q = first.y; q < end.y; q++) {
              const vec other = load(from + ((size_t)p * width + q) * channels, c, channels);
              // An earlier pixel wins a tie, a later one does not.
              const bool isBefore = p < line || (p == line && q < column);
              if (p == line && q == column) continue;
              isFirst &= isBefore ? exceeds(mine, other) : !exceeds(other, mine);
            }
          const size_t at = ((size_t)(image * output.x + i) * output.y + j) * channels;
          sum += select((vec)0.0f, load(dy + at, c, channels), isFirst != 0);
        }
      __global float *to = dx + (size_t)r * channels;
      store(accumulate ? load(to, c, channels) + sum : sum, to, c, channels);
    }
  }
}

KERNEL void pool_average_gradient(uint pixels, uint height, uint width, uint channels, int2 size,
                                  int2 stride, int2 before, int2 output, __global const float *x,
                                  __global const float *dy, __global float *dx, int accumulate) {
  FOR_ROWS(r, pixels) {
    const int line = r / width % height, column = r % width, image = r / width / height;
    const int2 down = windows_over(line, size.x, stride.x, before.x, output.x);
    const int2 across = windows_over(column, size.y, stride.y, before.y, output.y);
    FOR_ELEMENTS(c, channels) {
      vec sum = 0;
      for (int i = down.x; i < down.y; i++)
        for (int j = across.x; j < across.y; j++) {
          int2 first, end;
          window_of(i, j, size, stride, before, (int2)(height, width), &first, &end);
          const size_t at = ((size_t)(image * output.x + i) * output.y + j) * channels;
          sum += load(dy + at, c, channels) / ((end.x - first.x) * (end.y - first.y));
        }
      __global float *to = dx + (size_t)r * channels;
      store(accumulate ? load(to, c, channels) + sum : sum, to, c, channels);
    }
  }
}
