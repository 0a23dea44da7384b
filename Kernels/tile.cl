// Tiles of matrix products on GPUs, for matmul.cl and conv2d.cl.
//
// A work-group of SIDE × SIDE work-items computes a TILE × TILE tile from slabs in local memory: DEPTH
// columns of the left matrix, as many rows of the right. Each work-item computes PER × PER results in
// registers. Memory is read in quads, four neighbours at a time: the next slab is loaded while the last is
// multiplied, and with double buffering, one barrier per slab suffices.
//
//   TILE  SIDE  PER  DEPTH   local memory   multiply-adds for each quad read from it
//    128    16    8      8      16.5 KiB    16
//     64    16    4     16        17 KiB     8
//     32     8    4      8       4.5 KiB     8
//     16     4    4      4      1.25 KiB     8     for devices with small work-groups
//      4     1    4      4       0.5 KiB     8     for devices with none
//
// With 8 × 8 results a work-item needs 64 registers for sums, 16 for factors and 8 for quads, and
// some for addresses: fewer than 128, so that 64 Ki registers hold two groups of 256.

#define PER (TILE / SIDE)
#define QUADS (PER / 4)
// Four more than the tile: rows of a slab stay aligned, and the transposing stores of 32 work-items
// spread over the banks.
#define PITCH (TILE + 4)
#define TILED __kernel __attribute__((reqd_work_group_size(SIDE, SIDE, 1)))
#define LANE ((int)(get_local_id(1) * SIDE + get_local_id(0)))

// A single work-item shares with nobody, and needs no local memory.
#if SIDE == 1
#define SLAB_MEMORY __private
#else
#define SLAB_MEMORY __local
#endif

// Two slabs of one matrix, for double buffering.
#define SLABS(name) SLAB_MEMORY float4 name[2][DEPTH * PITCH / 4]
#define SLAB(name, turn) ((SLAB_MEMORY float *)name[(turn) & 1])

// The first row and column of a tile; the tiles of a row are consecutive, so that neighbours share what
// they read.
static int2 corner_of(int tile, int columns) {
  const int across = (columns - 1) / TILE + 1;
  return (int2)(tile / across, tile % across) * TILE;
}

// The number of a work-group's tile; get_group_id would begin anew where a launch is made in parts.
#define TILE_NUMBER ((int)(get_global_id(0) / SIDE))
static int2 corner(int columns) { return corner_of(TILE_NUMBER, columns); }

// Visits the quads of a slab that a work-item reads.
#define EACH_LOAD(l)                                                                              \
  _Pragma("unroll") for (int l = 0; l < TILE * DEPTH / (4 * SIDE * SIDE); l++)
#define LOADS(name) float4 name[TILE * DEPTH / (4 * SIDE * SIDE)]

// Visits a work-item's rows and the quads in them. Neighbours hold neighbouring quads.
#define EACH_ROW_OF_RESULTS(i) _Pragma("unroll") for (int i = 0; i < PER; i++)
#define EACH_QUAD(j) _Pragma("unroll") for (int j = 0; j < QUADS; j++)
#define ROW_OF(i) ((int)((i) / 4 * 4 * SIDE + get_local_id(1) * 4 + (i) % 4))
#define COLUMN_OF(j) ((int)((j) * 4 * SIDE + get_local_id(0) * 4))

// The position of quad l of a work-item in a slab: (row or column of the tile, depth). `deep` quads run
// along the depth, others along the tile, following their matrix's memory order.
static int2 place(int l, bool deep) {
  const int quad = l * SIDE * SIDE + LANE;
  return deep ? (int2)(quad / (DEPTH / 4), quad % (DEPTH / 4) * 4)
              : (int2)(quad % (TILE / 4) * 4, quad / (TILE / 4));
}

static void put(SLAB_MEMORY float *slab, int l, bool deep, float4 quad) {
  const int2 at = place(l, deep);
  SLAB_MEMORY float *to = slab + at.y * PITCH + at.x;
  if (deep) {
    to[0] = quad.x, to[PITCH] = quad.y, to[2 * PITCH] = quad.z, to[3 * PITCH] = quad.w;
  } else {
    *(SLAB_MEMORY float4 *)to = quad;
  }
}

// Adds the product of two slabs.
static void add_product(SLAB_MEMORY const float *left, SLAB_MEMORY const float *right,
                        float4 sums[PER][QUADS]) {
  #pragma unroll
  for (int p = 0; p < DEPTH; p++) {
    float4 factors[QUADS];
    EACH_QUAD(j) factors[j] = *(SLAB_MEMORY const float4 *)(right + p * PITCH + COLUMN_OF(j));
#define ADD_ROW(i, x) EACH_QUAD(j) sums[i][j] = fma((float4)(x), factors[j], sums[i][j]);
    #pragma unroll
    for (int i = 0; i < PER; i += 4) {
      const float4 rows = *(SLAB_MEMORY const float4 *)(left + p * PITCH + ROW_OF(i));
      ADD_ROW(i, rows.x)
      ADD_ROW(i + 1, rows.y)
      ADD_ROW(i + 2, rows.z)
      ADD_ROW(i + 3, rows.w)
    }
  }
}

static void clear(float4 sums[PER][QUADS]) {
  EACH_ROW_OF_RESULTS(i) EACH_QUAD(j) sums[i][j] = 0;
}

// Four elements of a row-major matrix, from `column` on; zeros outside. Where row lengths are multiples of
// four, rows start at multiples of 16 bytes, as buffers do, and a quad lies wholly inside or outside.
static float4 read4(__global const float *matrix, int row, int column, int rows, int columns) {
  if (row >= rows || column >= columns) return 0;
  __global const float *from = matrix + (size_t)row * columns + column;
  if (columns % 4 == 0) return *(__global const float4 *)from;
  const int count = columns - column;
  return (float4)(from[0], count > 1 ? from[1] : 0, count > 2 ? from[2] : 0,
                  count > 3 ? from[3] : 0);
}

// Writes the elements inside.
static void write4(float4 quad, __global float *matrix, int row, int column, int rows,
                   int columns) {
  if (row >= rows || column >= columns) return;
  __global float *to = matrix + (size_t)row * columns + column;
  if (columns % 4 == 0) {
    *(__global float4 *)to = quad;
  } else {
    const int count = columns - column;
    to[0] = quad.x;
    if (count > 1) to[1] = quad.y;
    if (count > 2) to[2] = quad.z;
    if (count > 3) to[3] = quad.w;
  }
}

static float4 activate4(int function, float4 x) {
  return (float4)(activate(function, x.x), activate(function, x.y), activate(function, x.z),
                  activate(function, x.w));
}
