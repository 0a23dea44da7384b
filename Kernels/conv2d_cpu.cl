// Convolutions on processors with wide registers.
//
// A work-group of one work-item computes register tiles of TILE_ROWS pixels × TILE_COLUMNS channels (see
// prelude.cl). It reads the images in place. The part of an image row under a kernel is contiguous, so its
// element k lies k floats after a pixel's start; the weights are packed as [k][TILE_COLUMNS]. Pixels past
// the end repeat the last one, channels past the end have zero weights; neither is stored.

// One dimension of a convolution: see Sweep.
#define COUNT s0
#define START s1
#define STEP s2
#define TAPS s3
#define TARGET s4
#define TARGET_STEP s5
#define EXTENT s6
#define TARGET_EXTENT s7

// packed[panel][tap][depth][TILE_COLUMNS] from weights[tap][channels][filters], of the taps (first.x + i·step.x,
// first.y + j·step.y) of kernels that are `width` wide. For the input's gradient, the sum is over the
// filters. A row of zeros follows.
KERNEL void conv2d_pack(__global const float *weights, __global float *packed, int width,
                        int2 first, int2 step, int2 taps, int channels, int filters,
                        int transposed) {
  const int panel = get_group_id(0), tap = get_group_id(1), count = taps.x * taps.y;
  const int depth = transposed ? filters : channels, results = transposed ? channels : filters;
  const int2 place = first + (int2)(tap / taps.y, tap % taps.y) * step;
  __global const float *from = weights + (size_t)(place.x * width + place.y) * channels * filters;
  __global float *to = packed + ((size_t)panel * count + tap) * depth * TILE_COLUMNS;
  for (int k = 0; k < depth; k++)
    for (int i = 0; i < TILE_COLUMNS; i++) {
      const int n = panel * TILE_COLUMNS + i;
      to[k * TILE_COLUMNS + i] =
          n >= results ? 0 : from[transposed ? n * filters + k : k * filters + n];
    }
  __global float *zeros = packed + (size_t)get_num_groups(0) * count * depth * TILE_COLUMNS;
  if (panel == 0 && tap == 0)
    for (int k = 0; k < depth; k++) zeros[k] = 0;
}

// Results from first to last of one panel of filters. A result is a pixel, in the order of the images;
// when `pooled`, it is the maximum of a window of 2 × 2 pixels. When `padded`, kernels may cross the edge:
// pixels there are read from a row of zeros instead. When `scattered`, results aren't contiguous.
static void convolve(__global const float *x, __global const float *packed,
                     __global const float *bias, __global float *y, int count, int8 vertical,
                     int8 horizontal, int channels, int filters, int activation, int accumulate,
                     int block, const int padded, const int pooled, const int scattered) {
  const int panel = get_group_id(0), column = panel * TILE_COLUMNS;
  const int first = get_group_id(1) * block, last = min(first + block, count);
  const int height = vertical.EXTENT, width = horizontal.EXTENT;
  const int down = vertical.COUNT / (pooled ? 2 : 1);
  const int across = horizontal.COUNT / (pooled ? 2 : 1);
  // The stretches of k over which the images are contiguous: rows of a kernel, or single taps.
  const int stretches = padded ? horizontal.TAPS : 1;
  const int run = padded ? channels : horizontal.TAPS * channels;
  const int depth = vertical.TAPS * horizontal.TAPS * channels;
  __global const float *factors = packed + (size_t)panel * depth * TILE_COLUMNS;
  __global const float *zeros = packed + (size_t)get_num_groups(0) * depth * TILE_COLUMNS;

  int j = first % across, i = first / across % down, image = first / across / down;
  __global const float *from = x + (size_t)image * height * width * channels;
  const int step = pooled ? TILE_ROWS / 4 : TILE_ROWS;
  for (int result = first; result < last; result += step) {
    // The starts of the windows of the tile's pixels, and the destinations of the results.
    __global const float *starts[TILE_ROWS];
    int rows[TILE_ROWS], columns[TILE_ROWS], targets[TILE_ROWS];
    #pragma unroll
    for (int r = 0; r < TILE_ROWS; r++) {
      rows[r] = (pooled ? 2 * i + r % 4 / 2 : i) * vertical.STEP + vertical.START;
      columns[r] = (pooled ? 2 * j + r % 2 : j) * horizontal.STEP + horizontal.START;
      starts[r] = from + ((long)rows[r] * width + columns[r]) * channels;
      targets[r] = !scattered ? result + r
                              : (image * vertical.TARGET_EXTENT + vertical.TARGET
                                 + i * vertical.TARGET_STEP) * horizontal.TARGET_EXTENT
                                    + horizontal.TARGET + j * horizontal.TARGET_STEP;
      if ((!pooled || r % 4 == 3) && result + (pooled ? r / 4 : r) + 1 < count) {
        const int newRow = ++j == across;
        j = newRow ? 0 : j;
        i += newRow;
        const int newImage = i == down;
        i = newImage ? 0 : i;
        image += newImage;
        from += newImage ? (size_t)height * width * channels : 0;
      }
    }
    EACH_ROW(ZERO_SUMS)
    __global const float *b = factors;
    for (int p = 0; p < vertical.TAPS; p++)
      for (int q = 0; q < stretches; q++) {
        const size_t offset = ((size_t)p * width + q) * channels;
#define BEGIN_TAP(r)                                                                                  \
  const int inside##r = !padded || ((uint)(rows[r] + p) < height && (uint)(columns[r] + q) < width); \
  __global const float *a##r = inside##r ? starts[r] + offset : zeros;
        EACH_ROW(BEGIN_TAP)
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
    const int halves = min(HALVES, (filters - column + 15) / 16);
    const int results = min(step, last - result);
    if (accumulate)
      for (int r = 0; r < results; r++)
        for (int h = 0; h < halves; h++)
          sums[HALVES * r + h] += load(y + (size_t)targets[r] * filters, column + 16 * h, filters);
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
        store(sums[HALVES * r + h], y + (size_t)targets[r] * filters, column + 16 * h, filters);
  }
}

#define CONVOLUTION(name, padded, pooled, scattered)                                               \
  KERNEL void name(__global const float *x, __global const float *packed,                          \
                   __global const float *bias, __global float *y, int count, int8 vertical,        \
                   int8 horizontal, int channels, int filters, int activation, int accumulate,     \
                   int block) {                                                                    \
    convolve(x, packed, bias, y, count, vertical, horizontal, channels, filters, activation,       \
             accumulate, block, padded, pooled, scattered);                                        \
  }

CONVOLUTION(conv2d, 0, 0, 0)
CONVOLUTION(conv2d_padded, 1, 0, 0)
CONVOLUTION(conv2d_max_pool, 0, 1, 0)
CONVOLUTION(conv2d_padded_max_pool, 1, 1, 0)
CONVOLUTION(conv2d_scattered, 1, 0, 1)

// partial[chunk][k][filters]: the sums over a chunk of `images` images. For each block of pixels the
// work-group packs TILE_COLUMNS channels of dy as [pixel][TILE_COLUMNS], then adds to its tiles.
KERNEL void conv2d_weight_gradient(__global const float *x, __global const float *dy,
                                   __global float *partial, int batch, int height, int width,
                                   int channels, int filters, int2 size, int2 stride, int2 output,
                                   int images, int block, __local float *panel) {
  const int column = get_group_id(0) * TILE_COLUMNS;
  const int halves = min(HALVES, (filters - column + 15) / 16);
  const int firstImage = get_group_id(1) * images, lastImage = min(firstImage + images, batch);
  const int across = output.y, pixels = output.x * across;
  const int run = size.y * channels, depth = size.x * run, rowStep = width * channels;
  const int step = stride.y * channels, lineStep = stride.x * rowStep;
  __global float *to = partial + (size_t)get_group_id(1) * depth * filters;
  for (int image = firstImage; image < lastImage; image++)
    for (int first = 0; first < pixels; first += block) {
      const int last = min(first + block, pixels), firstColumn = first % across;
      for (int pixel = first; pixel < last; pixel++) {
        __global const float *from = dy + ((size_t)image * pixels + pixel) * filters;
        __local float *row = panel + (pixel - first) * TILE_COLUMNS;
        for (int h = 0; h < HALVES; h++)
          vstore16(h < halves ? load(from, column + 16 * h, filters) : (float16)0.0f, h, row);
      }
      // The row of the tile's next k, and its position there.
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
        int line = first / across;
        size_t offset = (size_t)line * lineStep + firstColumn * step;
        int left = last - first, count = min(across - firstColumn, left);
        while (left > 0) {
#define BEGIN(r) __global const float *a##r = starts[r] + offset;
          EACH_ROW(BEGIN)
          for (int n = 0; n < count; n++) {
            TAKE_LINE(b)
#define MULTIPLY_PIXEL(r) ADD_PRODUCT(r, a##r[n * step])
            EACH_ROW(MULTIPLY_PIXEL)
          }
          offset = (size_t)++line * lineStep;
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
