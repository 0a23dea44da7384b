// Convolutions by tiles of 4 × 4 results, on GPUs; see winograd_transforms.cl.
//
// The products are matmul.cl's. Here each work-item transforms one channel of one tile; neighbours take neighbouring
// channels, so that reads and writes are in order. Tiles are numbered row by row, image by image; `first` is the number
// of the first of a launch's.

#include "winograd_transforms.cl"

// Where a tile lies.
typedef struct {
  int image, row, column;
} Place;

static Place place(int tile, int2 tiles) {
  return (Place){tile / tiles.y / tiles.x, tile / tiles.y % tiles.x, tile % tiles.y};
}

// to[point·step] = (T x Tᵀ)[point] for a patch x of `side` × `side`, by the transform T.
#define EVALUATE(name, transform, side)                                                           \
  static void name(const vec x[side * side], __global float *to, size_t step) {                   \
    vec lines[6 * side];                                                                          \
    _Pragma("unroll") for (int j = 0; j < side; j++) {                                            \
      vec column[side];                                                                           \
      _Pragma("unroll") for (int i = 0; i < side; i++) column[i] = x[i * side + j];               \
      transform(column, lines + j, side);                                                         \
    }                                                                                             \
    _Pragma("unroll") for (int i = 0; i < 6; i++) {                                               \
      vec row[6];                                                                                 \
      transform(lines + side * i, row, 1);                                                        \
      _Pragma("unroll") for (int j = 0; j < 6; j++) to[(6 * i + j) * step] = row[j];              \
    }                                                                                             \
  }

// to = T x Tᵀ of `side` × `side` for 36 points x, by the transform T.
#define INTERPOLATE(name, transform, side)                                                        \
  static void name(const vec x[POINTS], vec to[side * side]) {                                    \
    vec lines[6 * side];                                                                          \
    _Pragma("unroll") for (int j = 0; j < 6; j++) {                                               \
      vec column[6];                                                                              \
      _Pragma("unroll") for (int i = 0; i < 6; i++) column[i] = x[6 * i + j];                     \
      transform(column, lines + j, 6);                                                            \
    }                                                                                             \
    _Pragma("unroll") for (int i = 0; i < side; i++) transform(lines + 6 * i, to + side * i, 1);  \
  }

EVALUATE(evaluate_patch, transform_patch, 6)
EVALUATE(evaluate_gradient, transform_gradient, 4)
EVALUATE(evaluate_kernel, transform_kernel, 3)
INTERPOLATE(interpolate_tile, transform_product, 4)
INTERPOLATE(interpolate_kernel, transform_weights, 3)

// v[point][tile][channels] = Bᵀ d B of `count` tiles; those from `last` on are zeros. The images have implicit zero
// padding; `height` and `width` exclude it.
KERNEL void winograd_patches(__global const float *x, __global float *v, int first, uint count,
                             int last, int height, int width, uint channels, int margin,
                             int2 tiles) {
  FOR_ELEMENTS(i, count * channels) {
    const uint c = i % channels;
    const int tile = first + (int)(i / channels);
    const Place at = place(tile, tiles);
    const int top = at.row * 4 - margin, left = at.column * 4 - margin;
    const long start = ((long)at.image * height + top) * width + left;
    vec patch[POINTS];
    #pragma unroll
    for (int k = 0; k < POINTS; k++) {
      const int line = top + k / 6, column = left + k % 6;
      const bool inside =
          tile < last && line >= 0 && line < height && column >= 0 && column < width;
      patch[k] = inside ? x[(start + k / 6 * width + k % 6) * channels + c] : 0;
    }
    evaluate_patch(patch, v + i, (size_t)count * channels);
  }
}

// d[point][tile][filters] = A dY Aᵀ of `count` tiles; those from `last` on are zeros.
KERNEL void winograd_gradients(__global const float *dy, __global float *d, int first, uint count,
                               int last, int height, int width, uint filters, int2 tiles) {
  FOR_ELEMENTS(i, count * filters) {
    const uint f = i % filters;
    const int tile = first + (int)(i / filters);
    const Place at = place(tile, tiles);
    const size_t start = ((size_t)at.image * height + at.row * 4) * width + at.column * 4;
    vec patch[16];
    #pragma unroll
    for (int k = 0; k < 16; k++) {
      const bool inside = tile < last && at.row * 4 + k / 4 < height && at.column * 4 + k % 4 < width;
      patch[k] = inside ? dy[(start + k / 4 * width + k % 4) * filters + f] : 0;
    }
    evaluate_gradient(patch, d + i, (size_t)count * filters);
  }
}

// u[point][depth][columns] = G g Gᵀ from weights[tap][channels][filters]: of channels and filters, or of filters and
// channels for the input's gradient, `transposed`, for which the taps are reversed too.
KERNEL void winograd_kernels(__global const float *weights, __global float *u, uint depth,
                             uint columns, int transposed) {
  FOR_ELEMENTS(i, depth * columns) {
    const uint from = transposed ? i % columns * depth + i / columns : i;
    vec taps[9];
    #pragma unroll
    for (int tap = 0; tap < 9; tap++)
      taps[tap] = weights[(size_t)(transposed ? 8 - tap : tap) * depth * columns + from];
    evaluate_kernel(taps, u + i, (size_t)depth * columns);
  }
}

// y = f(AᵀmA + bias + (accumulate ? y : 0)) of `count` tiles from m[point][tile][filters]; the maxima of 2 × 2 windows
// when `pooled`. `height` and `width` are y's.
KERNEL void winograd_results(__global const float *m, __global const float *bias,
                             __global float *y, int first, uint count, int height, int width,
                             uint filters, int2 tiles, int activation, int pooled,
                             int accumulate) {
  const int side = pooled ? 2 : 4;
  FOR_ELEMENTS(i, count * filters) {
    const uint f = i % filters;
    const Place at = place(first + (int)(i / filters), tiles);
    vec products[POINTS], results[16];
    #pragma unroll
    for (int point = 0; point < POINTS; point++)
      products[point] = m[(size_t)point * count * filters + i];
    interpolate_tile(products, results);
    // Every activation is monotonic, and so is adding a bias: the maxima may be taken first.
    if (pooled) pool_tile(results);
    const vec shift = bias ? bias[f] : 0;
    const size_t start = ((size_t)at.image * height + at.row * side) * width + at.column * side;
    #pragma unroll
    for (int k = 0; k < 16; k++) {
      const int line = pooled ? k / 2 : k / 4, column = pooled ? k % 2 : k % 4;
      if (line >= side || at.row * side + line >= height || at.column * side + column >= width)
        continue;
      __global float *to = y + (start + line * width + column) * filters + f;
      vec value = results[k] + shift;
      if (accumulate) value += *to;
      *to = activate(activation, value);
    }
  }
}

// gradient[tap][channels][filters] (+)= GᵀmG, the sums over m[point][part][channels][filters], where `elements` counts
// the channels of all filters.
KERNEL void winograd_weights(__global const float *m, __global float *gradient, uint parts,
                             uint elements, int accumulate) {
  FOR_ELEMENTS(i, elements) {
    vec sums[POINTS], taps[9];
    #pragma unroll
    for (int point = 0; point < POINTS; point++) {
      __global const float *from = m + (size_t)point * parts * elements + i;
      vec sum = 0;
      for (uint part = 0; part < parts; part++) sum += from[(size_t)part * elements];
      sums[point] = sum;
    }
    interpolate_kernel(sums, taps);
    #pragma unroll
    for (int tap = 0; tap < 9; tap++) {
      __global float *to = gradient + (size_t)tap * elements + i;
      *to = accumulate ? *to + taps[tap] : taps[tap];
    }
  }
}
