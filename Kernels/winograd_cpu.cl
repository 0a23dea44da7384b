// Convolutions by tiles of 4 × 4 results, on processors with wide registers; see winograd_transforms.cl.
//
// GROUP_TILES tiles are processed together, so that their patches and products stay in the cache.

#include "winograd_transforms.cl"

// u[panel][point][channels][TILE_COLUMNS] = G g Gᵀ from weights[tap][channels][filters]; one work-group for
// each panel and channel. For the input's gradient, `transposed`, the taps are reversed, and filters and
// channels swapped.
KERNEL void winograd_kernels(__global const float *weights, __global float *u, int channels,
                             int filters, int transposed) {
  const int panel = get_group_id(0), channel = get_group_id(1);
  const int depth = transposed ? filters : channels, width = transposed ? channels : filters;
  for (int part = 0; part < HALVES; part++) {
    const int column = panel * TILE_COLUMNS + part * 16;
    float16 taps[9], lines[18], points[POINTS];
    for (int tap = 0; tap < 9; tap++) {
      __global const float *from =
          weights + (size_t)(transposed ? 8 - tap : tap) * channels * filters;
      float lanes[16];
      for (int i = 0; i < 16; i++) {
        const int n = column + i;
        const int place = transposed ? n * filters + channel : channel * filters + n;
        lanes[i] = n < width ? from[place] : 0;
      }
      taps[tap] = vload16(0, lanes);
    }
    for (int q = 0; q < 3; q++) {
      const float16 x[3] = {taps[q], taps[3 + q], taps[6 + q]};
      transform_kernel(x, lines + q, 3);
    }
    for (int i = 0; i < 6; i++) transform_kernel(lines + 3 * i, points + 6 * i, 1);
    for (int point = 0; point < POINTS; point++)
      vstore16(points[point], part,
               u + ((size_t)(panel * POINTS + point) * depth + channel) * TILE_COLUMNS);
  }
}

// v[tile][point][channels up to a multiple of 16] = Bᵀ d B of `count` tiles from `first` on.
static void transform_patches(__global const float *x, __global float *v, int first, int count,
                              int height, int width, int channels, int margin) {
  const int stride = (channels + 15) / 16 * 16;
  const int tilesDown = (height + 2 * margin + 1) / 4, tilesAcross = (width + 2 * margin + 1) / 4;
  for (int t = 0; t < count; t++) {
    const int tile = first + t, image = tile / (tilesDown * tilesAcross);
    const int top = tile / tilesAcross % tilesDown * 4 - margin;
    const int left = tile % tilesAcross * 4 - margin;
    const long start = ((long)(image * height + top) * width + left) * channels;
    const int inside = top >= 0 && left >= 0 && top + 6 <= height && left + 6 <= width;
    for (int c = 0; c < stride; c += 16) {
      float16 lines[POINTS];
      #pragma unroll
      for (int j = 0; j < 6; j++) {
        float16 column[6];
        #pragma unroll
        for (int i = 0; i < 6; i++) {
          __global const float *from = x + start + (i * width + j) * channels;
          column[i] = inside || ((uint)(top + i) < height && (uint)(left + j) < width)
                          ? load(from, c, channels)
                          : (float16)0.0f;
        }
        transform_patch(column, lines + j, 6);
      }
      #pragma unroll
      for (int i = 0; i < 6; i++) {
        float16 row[6];
        transform_patch(lines + 6 * i, row, 1);
        #pragma unroll
        for (int j = 0; j < 6; j++)
          vstore16(row[j], 0, v + (t * POINTS + 6 * i + j) * stride + c);
      }
    }
  }
}

// y = f(x ⋆ kernels + bias) in groups of tiles, `groups` of them for each work-group, which has its
// own part of `room`. The images have implicit zero padding; `width` and `height` exclude it. When
// `pooled`, y has the maxima of 2 × 2 windows.
KERNEL void winograd(__global const float *x, __global const float *u, __global const float *bias,
                     __global float *y, __global float *room, int batch, int height, int width,
                     int channels, int filters, int margin, int activation, int pooled,
                     int accumulate, int groups) {
  const int stride = (channels + 15) / 16 * 16;
  __global float *v = room + (size_t)get_group_id(0) * GROUP_TILES * POINTS * (stride + TILE_COLUMNS);
  __global float *m = v + GROUP_TILES * POINTS * stride;
  const int down = height + 2 * margin - 2, across = width + 2 * margin - 2;
  const int tilesDown = (down + 3) / 4, tilesAcross = (across + 3) / 4;
  const int tiles = batch * tilesDown * tilesAcross;
  const int side = pooled ? 2 : 4, yDown = pooled ? down / 2 : down;
  const int yAcross = pooled ? across / 2 : across;
  const int begin = get_group_id(0) * groups * GROUP_TILES;
  const int end = min(begin + groups * GROUP_TILES, tiles);
  for (int first = begin; first < end; first += GROUP_TILES) {
    const int count = min(GROUP_TILES, end - first);

    transform_patches(x, v, first, count, height, width, channels, margin);

    for (int panel = 0; panel * TILE_COLUMNS < filters; panel++) {
      // m[tile][point][TILE_COLUMNS] = v·u; tiles past the last repeat it.
      __global const float *factors = u + (size_t)panel * POINTS * channels * TILE_COLUMNS;
      for (int point = 0; point < POINTS; point++)
        for (int t = 0; t < count; t += TILE_ROWS) {
#define START(r)                                                                                  \
  ZERO_SUMS(r)                                                                                    \
  __global const float *a##r = v + (min(t + r, count - 1) * POINTS + point) * stride;
          EACH_ROW(START)
          __global const float *b = factors + point * channels * TILE_COLUMNS;
          for (int k = 0; k < channels; k++) {
            TAKE_LINE(b)
#define MULTIPLY(r) ADD_PRODUCT(r, a##r[k])
            EACH_ROW(MULTIPLY)
          }
          __global float *to = m + (t * POINTS + point) * TILE_COLUMNS;
#define STORE_HALF(r, h) vstore16(c##r##h, h, to + r * POINTS * TILE_COLUMNS);
#define STORE(r) EACH_HALF(STORE_HALF, r)
          EACH_ROW(STORE)
        }

      // y = f(AᵀmA + bias)
      for (int t = 0; t < count; t++) {
        const int tile = first + t, image = tile / (tilesDown * tilesAcross);
        const int row = tile / tilesAcross % tilesDown * side, column = tile % tilesAcross * side;
        const int rows = min(side, yDown - row), columns = min(side, yAcross - column);
        __global float *to = y + ((size_t)(image * yDown + row) * yAcross + column) * filters;
        for (int part = 0; part < HALVES; part++) {
          const int f = panel * TILE_COLUMNS + part * 16;
          if (f >= filters) break;
          float16 lines[24], results[16];
          #pragma unroll
          for (int j = 0; j < 6; j++) {
            float16 products[6];
            #pragma unroll
            for (int i = 0; i < 6; i++)
              products[i] = vload16(part, m + (t * POINTS + 6 * i + j) * TILE_COLUMNS);
            transform_product(products, lines + j, 6);
          }
          #pragma unroll
          for (int i = 0; i < 4; i++) transform_product(lines + 6 * i, results + 4 * i, 1);
          // Every activation is monotonic, and so is adding a bias: the maxima may be taken first.
          if (pooled) pool_tile(results);
          const float16 shift = bias ? load(bias, f, filters) : (float16)0.0f;
          for (int i = 0; i < rows; i++)
            for (int j = 0; j < columns; j++) {
              __global float *pixel = to + (i * yAcross + j) * filters;
              float16 value = results[i * side + j] + shift;
              if (accumulate) value += load(pixel, f, filters);
              store(activate(activation, value), pixel, f, filters);
            }
        }
      }
    }
  }
}

// partial[part][tap][channels][filters]: the gradients of the weights over a part of `images` images, one for each
// work-group, which has its own part of `room`.
KERNEL void winograd_weight_gradient(__global const float *x, __global const float *dy,
                                     __global float *partial, __global float *room, int batch,
                                     int height, int width, int channels, int filters, int images) {
  const int stride = (channels + 15) / 16 * 16, panels = (filters - 1) / TILE_COLUMNS + 1;
  __global float *v = room
                      + (size_t)get_group_id(0) * POINTS
                            * (GROUP_TILES * (stride + TILE_COLUMNS)
                               + panels * stride * TILE_COLUMNS);
  __global float *d = v + GROUP_TILES * POINTS * stride;
  __global float *m = d + GROUP_TILES * POINTS * TILE_COLUMNS;
  const int down = height - 2, across = width - 2;
  const int tilesDown = (down + 3) / 4, tilesAcross = (across + 3) / 4;
  const int firstImage = get_group_id(0) * images, lastImage = min(firstImage + images, batch);
  const int begin = firstImage * tilesDown * tilesAcross;
  const int end = lastImage * tilesDown * tilesAcross;
  for (int first = begin; first < end; first += GROUP_TILES) {
    const int count = min(GROUP_TILES, end - first);
    transform_patches(x, v, first, count, height, width, channels, 0);
    for (int panel = 0; panel < panels; panel++) {
      // d[point][tile][TILE_COLUMNS] = A dY Aᵀ
      for (int t = 0; t < count; t++) {
        const int tile = first + t, image = tile / (tilesDown * tilesAcross);
        const int top = tile / tilesAcross % tilesDown * 4, left = tile % tilesAcross * 4;
        for (int h = 0; h < HALVES; h++) {
          const int f = panel * TILE_COLUMNS + 16 * h;
          float16 lines[24];
          #pragma unroll
          for (int j = 0; j < 4; j++) {
            float16 column[4];
            #pragma unroll
            for (int i = 0; i < 4; i++) {
              const size_t pixel = (size_t)(image * down + top + i) * across + left + j;
              column[i] = f < filters && top + i < down && left + j < across
                              ? load(dy + pixel * filters, f, filters)
                              : (float16)0.0f;
            }
            transform_gradient(column, lines + j, 4);
          }
          #pragma unroll
          for (int i = 0; i < 6; i++) {
            float16 row[6];
            transform_gradient(lines + 4 * i, row, 1);
            #pragma unroll
            for (int j = 0; j < 6; j++)
              vstore16(row[j], h, d + ((6 * i + j) * count + t) * TILE_COLUMNS);
          }
        }
      }
      // m[panel][point][stride][TILE_COLUMNS] (+)= the sums over the tiles of v·d
      for (int point = 0; point < POINTS; point++)
        for (int c = 0; c < stride; c += TILE_ROWS) {
          __global float *to = m + ((size_t)(panel * POINTS + point) * stride + c) * TILE_COLUMNS;
          __global const float *a = v + point * stride + c;
          __global const float *b = d + point * count * TILE_COLUMNS;
          EACH_ROW(ZERO_SUMS)
          for (int t = 0; t < count; t++) {
            TAKE_LINE(b)
#define MULTIPLY_TILE(r) ADD_PRODUCT(r, a[r])
            EACH_ROW(MULTIPLY_TILE)
            a += POINTS * stride;
          }
          if (first > begin) {
#define ADD_OLD_HALF(r, h) c##r##h += vload16(h, to + r * TILE_COLUMNS);
#define ADD_OLD(r) EACH_HALF(ADD_OLD_HALF, r)
            EACH_ROW(ADD_OLD)
          }
#define STORE_SUM_HALF(r, h) vstore16(c##r##h, h, to + r * TILE_COLUMNS);
#define STORE_SUM(r) EACH_HALF(STORE_SUM_HALF, r)
          EACH_ROW(STORE_SUM)
        }
    }
  }

  __global float *gradient = partial + (size_t)get_group_id(0) * 9 * channels * filters;
  for (int panel = 0; panel < panels; panel++)
    for (int c = 0; c < channels; c++)
      for (int h = 0; h < HALVES && panel * TILE_COLUMNS + 16 * h < filters; h++) {
        float16 lines[18], taps[9];
        for (int j = 0; j < 6; j++) {
          float16 column[6];
          for (int i = 0; i < 6; i++)
            column[i] = vload16(
                h, m + ((size_t)(panel * POINTS + 6 * i + j) * stride + c) * TILE_COLUMNS);
          transform_weights(column, lines + j, 6);
        }
        for (int p = 0; p < 3; p++) transform_weights(lines + 6 * p, taps + 3 * p, 1);
        for (int tap = 0; tap < 9; tap++)
          store(taps[tap], gradient + ((size_t)tap * channels + c) * filters,
                panel * TILE_COLUMNS + 16 * h, filters);
      }
}
