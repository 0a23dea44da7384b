// Convolutions on GPUs: products of matrices that are never laid out.
//
// As in matmul.cl, a work-group of SIDE × SIDE work-items makes a TILE × TILE tile from slabs of
// DEPTH in local memory, each work-item PER × PER results, SIDE apart. Only where the elements of
// the slabs lie is different: rows are pixels (or weights), and columns are channels.

#define PER (TILE / SIDE)
#define DEPTH 16
// One more column than the tile keeps transposing stores off each other's banks.
#define PITCH (TILE + 1)
#define CONVOLUTION __kernel __attribute__((reqd_work_group_size(SIDE, SIDE, 1)))
#define EACH_RESULT(i, j)                                                                         \
  _Pragma("unroll") for (int i = 0; i < PER; i++) _Pragma("unroll") for (int j = 0; j < PER; j++)
// Visits the TILE × DEPTH elements of a slab with all of a work-group.
#define EACH_ELEMENT(i) for (int i = LANE; i < TILE * DEPTH; i += SIDE * SIDE)
#define LANE ((int)(get_local_id(1) * SIDE + get_local_id(0)))

// Adds the product of two slabs, between barriers.
static void add_product(__local const float *left, __local const float *right,
                        float sums[PER][PER]) {
  const int x = get_local_id(0), y = get_local_id(1);
  barrier(CLK_LOCAL_MEM_FENCE);
  #pragma unroll
  for (int p = 0; p < DEPTH; p++) {
    float a[PER], b[PER];
    #pragma unroll
    for (int i = 0; i < PER; i++) a[i] = left[p * PITCH + y + i * SIDE];
    #pragma unroll
    for (int j = 0; j < PER; j++) b[j] = right[p * PITCH + x + j * SIDE];
    EACH_RESULT(i, j) sums[i][j] = fma(a[i], b[j], sums[i][j]);
  }
  barrier(CLK_LOCAL_MEM_FENCE);
}

// y = f(x ⋆ w + bias). Rows are pixels of y; when `pooled`, the PER = 4 rows of a work-item are the
// pixels of a window of 2 × 2, of which the greatest is stored. `count` is that of pixels or windows.
CONVOLUTION void conv2d(__global const float *x, __global const float *weights,
                        __global const float *bias, __global float *y, int count, int height,
                        int width, int channels, int filters, int size, int activation,
                        int pooled) {
  __local float slabX[DEPTH * PITCH], slabW[DEPTH * PITCH];
  __local int starts[TILE];
  const int column = get_group_id(0) * TILE, depth = size * size * channels;
  const int first = get_group_id(1) * (pooled ? SIDE : TILE);
  const int across = (width - size + 1) / (pooled ? 2 : 1);
  const int down = (height - size + 1) / (pooled ? 2 : 1);
  // What a kernel covers of one row of an image is contiguous; to the next row it is a jump.
  const int run = size * channels, jump = width * channels - run;

  for (int row = LANE; row < TILE; row += SIDE * SIDE) {
    const int result = first + (pooled ? row % SIDE : row);
    int j = result % across, i = result / across % down;
    if (pooled) {
      j = 2 * j + row / SIDE % 2;
      i = 2 * i + row / SIDE / 2;
    }
    const int image = result / across / down;
    starts[row] = result < count ? ((image * height + i) * width + j) * channels : -1;
  }
  barrier(CLK_LOCAL_MEM_FENCE);

  float sums[PER][PER];
  EACH_RESULT(i, j) sums[i][j] = 0;
  for (int firstK = 0; firstK < depth; firstK += DEPTH) {
    EACH_ELEMENT(i) {
      const int row = i / DEPTH, p = i % DEPTH, k = firstK + p, start = starts[row];
      slabX[p * PITCH + row] = start >= 0 && k < depth ? x[start + k + k / run * jump] : 0;
    }
    EACH_ELEMENT(i) {
      const int n = column + i % TILE, p = i / TILE, k = firstK + p;
      slabW[p * PITCH + i % TILE] = k < depth && n < filters ? weights[k * filters + n] : 0;
    }
    add_product(slabX, slabW, sums);
  }

  EACH_RESULT(i, j) {
    const int n = column + get_local_id(0) + j * SIDE;
    sums[i][j] = activate(activation, bias && n < filters ? sums[i][j] + bias[n] : sums[i][j]);
  }
  if (pooled) {
    #pragma unroll
    for (int j = 0; j < PER; j++) {
      #pragma unroll
      for (int i = 1; i < PER; i++)
        if (sums[i][j] > sums[0][j] || isnan(sums[i][j])) sums[0][j] = sums[i][j];
    }
  }
  EACH_RESULT(i, j) {
    const int result = first + get_local_id(1) + i * SIDE;
    const int n = column + get_local_id(0) + j * SIDE;
    if (result < count && n < filters && (!pooled || i == 0))
      y[(size_t)result * filters + n] = sums[i][j];
  }
}

// dx (+)= dy ⋆ᵀ w. Rows are pixels of dx; each sums over the taps of the kernel and the channels of
// dy.
CONVOLUTION void conv2d_input_gradient(__global const float *dy, __global const float *weights,
                                       __global float *dx, int count, int height, int width,
                                       int channels, int filters, int size, int accumulate) {
  __local float slabY[DEPTH * PITCH], slabW[DEPTH * PITCH];
  __local int rows[TILE], columns[TILE], images[TILE];
  const int column = get_group_id(0) * TILE, first = get_group_id(1) * TILE;
  const int depth = size * size * filters;
  const int down = height - size + 1, across = width - size + 1;
  for (int row = LANE; row < TILE; row += SIDE * SIDE) {
    const int pixel = first + row;
    columns[row] = pixel % width;
    // A pixel past the end lies so far below that no tap reaches it.
    rows[row] = pixel < count ? pixel / width % height : height + size;
    images[row] = pixel / width / height;
  }
  barrier(CLK_LOCAL_MEM_FENCE);

  float sums[PER][PER];
  EACH_RESULT(i, j) sums[i][j] = 0;
  for (int firstK = 0; firstK < depth; firstK += DEPTH) {
    EACH_ELEMENT(e) {
      const int row = e / DEPTH, k = firstK + e % DEPTH, tap = k / filters;
      const int i = rows[row] - tap / size, j = columns[row] - tap % size;
      const bool inside = k < depth && (uint)i < down && (uint)j < across;
      const int pixel = (images[row] * down + i) * across + j;
      slabY[e % DEPTH * PITCH + row] = inside ? dy[(size_t)pixel * filters + k % filters] : 0;
    }
    EACH_ELEMENT(e) {
      const int n = column + e / DEPTH, k = firstK + e % DEPTH;
      const int at = (k / filters * channels + n) * filters + k % filters;
      slabW[e % DEPTH * PITCH + e / DEPTH] = k < depth && n < channels ? weights[at] : 0;
    }
    add_product(slabY, slabW, sums);
  }

  EACH_RESULT(i, j) {
    const int pixel = first + get_local_id(1) + i * SIDE;
    const int n = column + get_local_id(0) + j * SIDE;
    if (pixel < count && n < channels) {
      const size_t at = (size_t)pixel * channels + n;
      dx[at] = accumulate ? dx[at] + sums[i][j] : sums[i][j];
    }
  }
}

// partial[chunk][k][filters]: the sums over the pixels of a chunk of `images` images. Rows are k, the
// places (p, q, c) of a kernel.
CONVOLUTION void conv2d_weight_gradient(__global const float *x, __global const float *dy,
                                        __global float *partial, int batch, int height, int width,
                                        int channels, int filters, int size, int images) {
  __local float slabX[DEPTH * PITCH], slabY[DEPTH * PITCH];
  const int column = get_group_id(0) * TILE, first = get_group_id(1) * TILE;
  const int run = size * channels, jump = width * channels - run, depth = size * run;
  const int down = height - size + 1, across = width - size + 1, pixels = down * across;
  const int firstPixel = get_group_id(2) * images * pixels;
  const int lastPixel = min(firstPixel + images * pixels, batch * pixels);
  float sums[PER][PER];
  EACH_RESULT(i, j) sums[i][j] = 0;
  for (int start = firstPixel; start < lastPixel; start += DEPTH) {
    EACH_ELEMENT(e) {
      const int k = first + e % TILE, pixel = start + e / TILE;
      const int j = pixel % across, i = pixel / across % down, image = pixel / pixels;
      const int at = ((image * height + i) * width + j) * channels + k + k / run * jump;
      slabX[e / TILE * PITCH + e % TILE] = k < depth && pixel < lastPixel ? x[at] : 0;
    }
    EACH_ELEMENT(e) {
      const int n = column + e % TILE, pixel = start + e / TILE;
      slabY[e / TILE * PITCH + e % TILE] =
          n < filters && pixel < lastPixel ? dy[(size_t)pixel * filters + n] : 0;
    }
    add_product(slabX, slabY, sums);
  }
  __global float *to = partial + (size_t)get_group_id(2) * depth * filters;
  EACH_RESULT(i, j) {
    const int k = first + get_local_id(1) + i * SIDE;
    const int n = column + get_local_id(0) + j * SIDE;
    if (k < depth && n < filters) to[(size_t)k * filters + n] = sums[i][j];
  }
}
