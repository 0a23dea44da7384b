// Convolutions on processors with wide registers.
//
// A work-group of one work-item makes register tiles of TILE_ROWS pixels × TILE_COLUMNS channels (see
// prelude.cl). It reads the images where they lie. What a kernel covers of one row of an image is
// contiguous, so element k of it lies k floats behind a pixel's start; the weights are packed as
// [k][TILE_COLUMNS]. Pixels past the end repeat the last one, channels past the end have zero
// weights; neither is stored.

// packed[panel][tap][depth][TILE_COLUMNS] from weights[tap][channels][filters], the taps being the size × size
// places of a kernel. For the gradient in the input both are turned round: the last tap comes first,
// and filters are what is summed over. A row of zeros follows.
KERNEL void conv2d_pack(__global const float *weights, __global float *packed, int size,
                        int channels, int filters, int transposed) {
  const int taps = size * size, panel = get_group_id(0), tap = get_group_id(1);
  const int depth = transposed ? filters : channels, width = transposed ? channels : filters;
  __global const float *from =
      weights + (size_t)(transposed ? taps - 1 - tap : tap) * channels * filters;
  __global float *to = packed + ((size_t)panel * taps + tap) * depth * TILE_COLUMNS;
  for (int k = 0; k < depth; k++)
    for (int i = 0; i < TILE_COLUMNS; i++) {
      const int n = panel * TILE_COLUMNS + i;
      to[k * TILE_COLUMNS + i] = n >= width ? 0 : from[transposed ? n * filters + k : k * filters + n];
    }
  __global float *zeros = packed + (size_t)get_num_groups(0) * taps * depth * TILE_COLUMNS;
  if (panel == 0 && tap == 0)
    for (int k = 0; k < depth; k++) zeros[k] = 0;
}

// Results from first to last of one panel of filters. A result is a pixel of y, in the order of
// y; when `pooled`, it is the greatest of a window of 2 × 2 pixels. When `padded`, the images have a
// border of size - 1 zeros, which is not there: pixels in it are read from a row of zeros instead.
static void convolve(__global const float *x, __global const float *packed,
                     __global const float *bias, __global float *y, int count, int height,
                     int width, int channels, int filters, int size, int activation,
                     int accumulate, int block, const int padded, const int pooled) {
  const int panel = get_group_id(0), column = panel * TILE_COLUMNS;
  const int first = get_group_id(1) * block, last = min(first + block, count);
  const int border = padded ? size - 1 : 0;
  const int down = (height + 2 * border - size + 1) / (pooled ? 2 : 1);
  const int across = (width + 2 * border - size + 1) / (pooled ? 2 : 1);
  // The stretches of k over which the images are contiguous: rows of a kernel, or single taps.
  const int stretches = padded ? size : 1, run = padded ? channels : size * channels;
  const int depth = size * size * channels;
  __global const float *factors = packed + (size_t)panel * depth * TILE_COLUMNS;
  __global const float *zeros = packed + (size_t)get_num_groups(0) * depth * TILE_COLUMNS;

  int j = first % across, i = first / across % down;
  __global const float *image = x + (size_t)(first / across / down) * height * width * channels;
  const int step = pooled ? TILE_ROWS / 4 : TILE_ROWS;
  for (int result = first; result < last; result += step) {
    // Where the windows of the tile's pixels begin.
    __global const float *starts[TILE_ROWS];
    int rows[TILE_ROWS], columns[TILE_ROWS];
    #pragma unroll
    for (int r = 0; r < TILE_ROWS; r++) {
      rows[r] = pooled ? 2 * i + r % 4 / 2 : i - border;
      columns[r] = pooled ? 2 * j + r % 2 : j - border;
      starts[r] = image + ((long)rows[r] * width + columns[r]) * channels;
      if ((!pooled || r % 4 == 3) && result + (pooled ? r / 4 : r) + 1 < count) {
        const int newRow = ++j == across;
        j = newRow ? 0 : j;
        i += newRow;
        const int newImage = i == down;
        i = newImage ? 0 : i;
        image += newImage ? (size_t)height * width * channels : 0;
      }
    }
    EACH_ROW(ZERO_SUMS)
    __global const float *b = factors;
    for (int p = 0; p < size; p++)
      for (int q = 0; q < stretches; q++) {
        const size_t offset = ((size_t)p * width + q) * channels;
#define START(r)                                                                                  \
  const int inside##r = !padded || ((uint)(rows[r] + p) < height && (uint)(columns[r] + q) < width); \
  __global const float *a##r = inside##r ? starts[r] + offset : zeros;
        EACH_ROW(START)
#define OR_INSIDE(r) | inside##r
        if (!(0 EACH_ROW(OR_INSIDE))) {
          b += run * TILE_COLUMNS;
          continue;
        }
        for (int k = 0; k < run; k++) {
          TAKE_LINE(b)
#define MULTIPLY(r) ADD_PRODUCT(r, a##r[k])
          EACH_ROW(MULTIPLY)
        }
      }
    float16 sums[TILE_ROWS * HALVES];
    EACH_ROW(KEEP_SUMS)
    __global float *to = y + (size_t)result * filters;
    const int halves = min(HALVES, (filters - column + 15) / 16);
    const int results = min(step, last - result);
    if (accumulate)
      for (int r = 0; r < results; r++)
        for (int h = 0; h < halves; h++)
          sums[HALVES * r + h] += load(to + (size_t)r * filters, column + 16 * h, filters);
    if (bias)
      for (int h = 0; h < halves; h++) {
        const float16 value = load(bias, column + 16 * h, filters);
        for (int r = 0; r < TILE_ROWS; r++) sums[HALVES * r + h] += value;
      }
    activateTile(activation, sums);
    if (pooled)
      #pragma unroll
      for (int i = 0; i < step * HALVES; i++) {
        __private const float16 *window = sums + i / HALVES * 4 * HALVES + i % HALVES;
        float16 greatest = window[0];
        for (int k = 1; k < 4; k++) {
          const float16 other = window[k * HALVES];
          greatest = select(greatest, other, other > greatest || isnan(other));
        }
        sums[i] = greatest;
      }
    for (int r = 0; r < results; r++)
      for (int h = 0; h < halves; h++)
        store(sums[HALVES * r + h], to + (size_t)r * filters, column + 16 * h, filters);
  }
}

KERNEL void conv2d(__global const float *x, __global const float *packed,
                   __global const float *bias, __global float *y, int count, int height, int width,
                   int channels, int filters, int size, int activation, int block) {
  convolve(x, packed, bias, y, count, height, width, channels, filters, size, activation, 0, block,
           0, 0);
}

KERNEL void conv2d_max_pool(__global const float *x, __global const float *packed,
                            __global const float *bias, __global float *y, int count, int height,
                            int width, int channels, int filters, int size, int activation,
                            int block) {
  convolve(x, packed, bias, y, count, height, width, channels, filters, size, activation, 0, block,
           0, 1);
}

// The convolution of the padded gradient of the output with the turned weights.
KERNEL void conv2d_input_gradient(__global const float *dy, __global const float *packed,
                                  __global float *dx, int count, int height, int width,
                                  int channels, int filters, int size, int accumulate, int block) {
  convolve(dy, packed, 0, dx, count, height, width, channels, filters, size, 0, accumulate, block,
           1, 0);
}

// partial[chunk][k][filters]: the sums over a chunk of `images` images. For each block of pixels the
// work-group packs TILE_COLUMNS channels of dy as [pixel][TILE_COLUMNS], then adds to its tiles.
KERNEL void conv2d_weight_gradient(__global const float *x, __global const float *dy,
                                   __global float *partial, int batch, int height, int width,
                                   int channels, int filters, int size, int images, int block,
                                   __local float *panel) {
  const int column = get_group_id(0) * TILE_COLUMNS;
  const int halves = min(HALVES, (filters - column + 15) / 16);
  const int firstImage = get_group_id(1) * images, lastImage = min(firstImage + images, batch);
  const int down = height - size + 1, across = width - size + 1, pixels = down * across;
  const int run = size * channels, depth = size * run, rowStep = width * channels;
  __global float *to = partial + (size_t)get_group_id(1) * depth * filters;
  for (int image = firstImage; image < lastImage; image++)
    for (int first = 0; first < pixels; first += block) {
      const int last = min(first + block, pixels), firstColumn = first % across;
      const size_t firstOffset = (size_t)(first / across) * rowStep + firstColumn * channels;
      for (int pixel = first; pixel < last; pixel++) {
        __global const float *from = dy + ((size_t)image * pixels + pixel) * filters;
        __local float *row = panel + (pixel - first) * TILE_COLUMNS;
        for (int h = 0; h < HALVES; h++)
          vstore16(h < halves ? load(from, column + 16 * h, filters) : (float16)0.0f, h, row);
      }
      // The row and the place in it of the tile's next k.
      int p = 0, place = 0;
      for (int k = 0; k < depth; k += TILE_ROWS) {
        __global const float *starts[TILE_ROWS];
        #pragma unroll
        for (int r = 0; r < TILE_ROWS; r++) {
          starts[r] = x + (size_t)image * height * rowStep + p * rowStep + place;
          if (k + r + 1 < depth) {
            const int newRow = ++place == run;
            place = newRow ? 0 : place;
            p += newRow;
          }
        }
        const int rows = min(TILE_ROWS, depth - k);
        float16 sums[TILE_ROWS * HALVES];
        #pragma unroll
        for (int i = 0; i < TILE_ROWS * HALVES; i++) sums[i] = 0;
        if (image > firstImage || first > 0)
          for (int r = 0; r < rows; r++)
            for (int h = 0; h < halves; h++)
              sums[HALVES * r + h] = load(to + (size_t)(k + r) * filters, column + 16 * h, filters);
        EACH_ROW(TAKE_SUMS)
        __local const float *b = panel;
        // Row by row of the image.
        size_t offset = firstOffset;
        int left = last - first, count = min(across - firstColumn, left);
        while (left > 0) {
#define BEGIN(r) __global const float *a##r = starts[r] + offset;
          EACH_ROW(BEGIN)
          for (int n = 0; n < count; n++) {
            TAKE_LINE(b)
#define MULTIPLY_PIXEL(r) ADD_PRODUCT(r, a##r[n * channels])
            EACH_ROW(MULTIPLY_PIXEL)
          }
          offset += (count + size - 1) * channels;
          left -= count;
          count = min(across, left);
        }
        EACH_ROW(KEEP_SUMS)
        for (int r = 0; r < rows; r++)
          for (int h = 0; h < halves; h++)
            store(sums[HALVES * r + h], to + (size_t)(k + r) * filters, column + 16 * h, filters);
      }
    }
}
