// Convolutions on GPUs: implicit matrix products, in tiles.
//
// What matmul.cl reads from matrices is in images here: rows are pixels (or weights), and columns are
// channels. A quad is read at once where the channels are a multiple of four. Images come padded. In pairs
// such as `size`, x is vertical and y horizontal.

#include "tile.cl"

// How a kernel lies over an image: the part of one row of pixels under it is contiguous, the next row is a
// jump away. `depth` counts the elements under it.
typedef struct {
  int run, jump, depth, inQuads;
} Window;

static Window window(int width, int channels, int2 size) {
  const int run = size.y * channels;
  return (Window){run, width * channels - run, size.x * run, channels % 4 == 0};
}

// Four elements, from number k on, under a kernel whose first is x[start]; zeros past its end, and where
// there is no such pixel.
static float4 covered(__global const float *x, int start, int k, Window window) {
  if (start < 0 || k >= window.depth) return 0;
  if (window.inQuads)
    return *(__global const float4 *)(x + start + k + k / window.run * window.jump);
  float values[4];
  for (int i = 0; i < 4; i++, k++)
    values[i] = k < window.depth ? x[start + k + k / window.run * window.jump] : 0;
  return vload4(0, values);
}

// y = f(x ⋆ w + bias). Rows are pixels of y; when `pooled`, each four rows are the pixels of a 2 × 2
// window, whose maximum is stored. `count` is the number of pixels or windows.
TILED void conv2d_forward(__global const float *x, __global const float *weights,
                          __global const float *bias, __global float *y, int count, int height,
                          int width, int channels, int filters, int2 size, int2 stride,
                          int2 output, int activation, int pooled) {
  SLABS(left);
  SLABS(right);
  SLAB_MEMORY int starts[TILE];
  const Window under = window(width, channels, size);
  const int2 origin = corner(filters);
  const int across = output.y / (pooled ? 2 : 1), down = output.x / (pooled ? 2 : 1);
  for (int i = LANE; i < TILE; i += SIDE * SIDE) {
    const int row = origin.x + i, result = pooled ? row / 4 : row;
    int column = result % across, line = result / across % down;
    if (pooled) {
      column = 2 * column + row % 2;
      line = 2 * line + row / 2 % 2;
    }
    const int image = result / across / down;
    starts[i] = result < count ? ((image * height + line * stride.x) * width + column * stride.y)
                                     * channels
                               : -1;
  }
  barrier(CLK_LOCAL_MEM_FENCE);

  float4 sums[PER][QUADS];
  clear(sums);
  int turn = 0;
  for (int start = 0; start < under.depth + DEPTH; start += DEPTH, turn ^= 1) {
    LOADS(nextX);
    LOADS(nextW);
    if (start < under.depth) {
      EACH_LOAD(l) {
        const int2 atX = place(l, true), atW = place(l, false);
        nextX[l] = covered(x, starts[atX.x], start + atX.y, under);
        nextW[l] = read4(weights, start + atW.y, origin.y + atW.x, under.depth, filters);
      }
    }
    if (start > 0) add_product(SLAB(left, !turn), SLAB(right, !turn), sums);
    if (start < under.depth) {
      EACH_LOAD(l) put(SLAB(left, turn), l, true, nextX[l]);
      EACH_LOAD(l) put(SLAB(right, turn), l, false, nextW[l]);
    }
    barrier(CLK_LOCAL_MEM_FENCE);
  }

  EACH_ROW_OF_RESULTS(i) EACH_QUAD(j) {
    float4 quad = sums[i][j];
    if (bias) quad += read4(bias, 0, origin.y + COLUMN_OF(j), 1, filters);
    sums[i][j] = activate4(activation, quad);
    if (pooled && i % 4 > 0) {
      const float4 greatest = sums[i / 4 * 4][j];
      quad = sums[i][j];
      sums[i / 4 * 4][j] = select(greatest, quad, quad > greatest || isnan(quad));
    }
  }
  EACH_ROW_OF_RESULTS(i) EACH_QUAD(j) {
    const int row = origin.x + ROW_OF(i), column = origin.y + COLUMN_OF(j);
    if (!pooled || i % 4 == 0)
      write4(sums[i][j], y, pooled ? row / 4 : row, column, count, filters);
  }
}

// Four elements of dy from which a pixel of dx gathers: from number k on among the taps of the kernel and
// the filters, at (line, column) of a padded image. Zeros past the last tap (`depth` counts them), and
// where no kernel has a tap.
static float4 tapped(__global const float *dy, int image, int line, int column, int k, int depth,
                     int2 output, int filters, int width, int2 stride) {
  float values[4];
  for (int i = 0; i < 4; i++, k++) {
    const int tap = k / filters;
    int r = line - tap / width, c = column - tap % width;
    bool inside = k < depth && r >= 0 && c >= 0;
    // Divisions are slow, and most strides are 1.
    if (stride.x > 1) {
      inside &= r % stride.x == 0;
      r /= stride.x;
    }
    if (stride.y > 1) {
      inside &= c % stride.y == 0;
      c /= stride.y;
    }
    inside &= r < output.x && c < output.y;
    const int at = ((image * output.x + r) * output.y + c) * filters + k % filters;
    if (filters % 4 == 0) return inside ? *(__global const float4 *)(dy + at) : 0;
    values[i] = inside ? dy[at] : 0;
  }
  return vload4(0, values);
}

// The corresponding weights, for channel n.
static float4 tap_weights(__global const float *weights, int n, int k, int depth, int channels,
                          int filters) {
  if (n >= channels) return 0;
  float values[4];
  for (int i = 0; i < 4; i++, k++) {
    const int at = (k / filters * channels + n) * filters + k % filters;
    if (filters % 4 == 0) return k < depth ? *(__global const float4 *)(weights + at) : 0;
    values[i] = k < depth ? weights[at] : 0;
  }
  return vload4(0, values);
}

// dx (+)= dy ⋆ᵀ w. Rows are pixels of dx; each sums over the taps of the kernel and the channels of
// dy.
TILED void conv2d_input_gradient(__global const float *dy, __global const float *weights,
                                 __global float *dx, int count, int height, int width,
                                 int channels, int filters, int2 size, int2 stride, int2 before,
                                 int2 output, int accumulate) {
  SLABS(left);
  SLABS(right);
  SLAB_MEMORY int images[TILE], lines[TILE], columns[TILE];
  const int2 origin = corner(channels);
  const int depth = size.x * size.y * filters;
  for (int i = LANE; i < TILE; i += SIDE * SIDE) {
    const int pixel = origin.x + i;
    columns[i] = pixel % width + before.y;
    // A pixel past the end is placed so far above that no tap reaches it.
    lines[i] = pixel < count ? pixel / width % height + before.x : -1;
    images[i] = pixel / width / height;
  }
  barrier(CLK_LOCAL_MEM_FENCE);

  float4 sums[PER][QUADS];
  clear(sums);
  int turn = 0;
  for (int start = 0; start < depth + DEPTH; start += DEPTH, turn ^= 1) {
    LOADS(nextY);
    LOADS(nextW);
    if (start < depth) {
      EACH_LOAD(l) {
        const int2 at = place(l, true);
        const int k = start + at.y;
        nextY[l] = tapped(dy, images[at.x], lines[at.x], columns[at.x], k, depth, output, filters,
                          size.y, stride);
        nextW[l] = tap_weights(weights, origin.y + at.x, k, depth, channels, filters);
      }
    }
    if (start > 0) add_product(SLAB(left, !turn), SLAB(right, !turn), sums);
    if (start < depth) {
      EACH_LOAD(l) put(SLAB(left, turn), l, true, nextY[l]);
      EACH_LOAD(l) put(SLAB(right, turn), l, true, nextW[l]);
    }
    barrier(CLK_LOCAL_MEM_FENCE);
  }

  EACH_ROW_OF_RESULTS(i) EACH_QUAD(j) {
    const int row = origin.x + ROW_OF(i), column = origin.y + COLUMN_OF(j);
    float4 quad = sums[i][j];
    if (accumulate) quad += read4(dx, row, column, count, channels);
    write4(quad, dx, row, column, count, channels);
  }
}

// partial[i][k][filters]: the sums over part i, `part` long, of all pixels of dy; dimension 1 runs over the
// parts, as in matmul. Rows are k, the elements (p, q, c) of a kernel.
TILED void conv2d_weight_gradient(__global const float *x, __global const float *dy,
                                  __global float *partial, int batch, int height, int width,
                                  int channels, int filters, int2 size, int2 stride, int2 output,
                                  int part) {
  SLABS(left);
  SLABS(right);
  const Window under = window(width, channels, size);
  const int2 origin = corner(filters);
  const int down = output.x, across = output.y, pixels = batch * down * across;
  const int first = get_group_id(1) * part, last = min(pixels, first + part);
  float4 sums[PER][QUADS];
  clear(sums);

  int turn = 0;
  for (int start = first; start < last + DEPTH; start += DEPTH, turn ^= 1) {
    LOADS(nextX);
    LOADS(nextY);
    if (start < last) {
      EACH_LOAD(l) {
        const int2 at = place(l, false);
        const int pixel = start + at.y, line = pixel / across;
        const int corner = (line / down * height + line % down * stride.x) * width
                           + pixel % across * stride.y;
        nextX[l] = covered(x, pixel < pixels ? corner * channels : -1, origin.x + at.x, under);
        nextY[l] = read4(dy, pixel, origin.y + at.x, pixels, filters);
      }
    }
    if (start > first) add_product(SLAB(left, !turn), SLAB(right, !turn), sums);
    if (start < last) {
      EACH_LOAD(l) put(SLAB(left, turn), l, false, nextX[l]);
      EACH_LOAD(l) put(SLAB(right, turn), l, false, nextY[l]);
    }
    barrier(CLK_LOCAL_MEM_FENCE);
  }

  partial += get_group_id(1) * (size_t)under.depth * filters;
  EACH_ROW_OF_RESULTS(i) EACH_QUAD(j)
    write4(sums[i][j], partial, origin.x + ROW_OF(i), origin.y + COLUMN_OF(j), under.depth,
           filters);
}
