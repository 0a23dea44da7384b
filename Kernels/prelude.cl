// The beginning of every kernel file: types, loops and functions for the two families of kernels.
//
// LANES is 1 on GPUs, where each work-item takes single elements and neighbours take neighbouring
// addresses, and 16 on CPUs, where a work-group is one work-item with registers of 16 floats. CPU compilers
// rarely vectorise calls of exp and log, so that family has its own.

// Where the device has no such instruction, fma is long code for each lane: rusticl takes 0.7 s to compile one of 16
// lanes, 0.02 s as here, and does so at every launch where it has no cache. Nothing here needs the exact product.
#ifdef EMULATED_FMA
#define fma(x, y, z) ((x) * (y) + (z))
#endif

#if LANES == 1
typedef float vec;
typedef int ivec;
typedef uint uvec;
#define KERNEL __kernel
#else
typedef float16 vec;
typedef int16 ivec;
typedef uint16 uvec;
#define KERNEL __kernel __attribute__((reqd_work_group_size(1, 1, 1)))
#endif

// For functions with barriers. PoCL 3.1 gives wrong results where it doesn't inline one, as it decides for long ones.
#define INLINED __attribute__((always_inline)) static
// The number of a work-group in dimension 0; get_group_id would begin anew where a launch is made in parts.
#define GROUP_ID ((uint)get_global_id(0) / GROUP)
// What a work-group shares; a single work-item needs no local memory for it.
#if GROUP == 1
#define SHARED __private
#else
#define SHARED __local
#endif

// Visits 0..<n in dimension 0, `step` at a time: in strides on GPUs, CHUNK by CHUNK on CPUs.
#if LANES == 1
#define FOR_RANGE(i, n, step) for (uint i = get_global_id(0); i < (n); i += get_global_size(0))
#else
#define FOR_RANGE(i, n, step)                                                                      \
  for (uint i = get_global_id(0) * CHUNK, end_##i = min((uint)(n), i + CHUNK); i < end_##i;        \
       i += (step))
#endif
// Visits the elements 0..<n, a vec at a time, for load and store.
#define FOR_ELEMENTS(i, n) FOR_RANGE(i, n, LANES)
// Visits the rows of a matrix in dimension 1.
#define FOR_ROWS(r, rows) for (uint r = get_global_id(1); r < (rows); r += get_global_size(1))

// The elements from p[i] on; those past p[n - 1] are `other`.
static vec load_or(__global const float *p, uint i, uint n, float other) {
#if LANES == 1
  return p[i];
#else
  if (n - i >= LANES) return vload16(0, p + i);
  float lanes[LANES];
  for (uint j = 0; j < LANES; j++) lanes[j] = j < n - i ? p[i + j] : other;
  return vload16(0, lanes);
#endif
}

static vec load(__global const float *p, uint i, uint n) { return load_or(p, i, n, 0); }

// Stores from p[i] on, but nothing past p[n - 1].
static void store(vec value, __global float *p, uint i, uint n) {
#if LANES == 1
  p[i] = value;
#else
  if (n - i >= LANES) {
    vstore16(value, 0, p + i);
  } else {
    float lanes[LANES];
    vstore16(value, 0, lanes);
    for (uint j = 0; j < n - i; j++) p[i + j] = lanes[j];
  }
#endif
}

// Functions

// x, but zero below the least normal number: moments without gradients fade out, and get stuck there, where many
// processors take a hundred times as long.
static vec flushed(vec x) { return select(x, (vec)0.0f, fabs(x) < FLT_MIN); }

#if LANES == 1
static vec vexp(vec x) { return exp(x); }
static vec vexpm1(vec x) { return expm1(x); }
static vec vlog1p(vec x) { return log1p(x); }
#else
// x = n·log 2 + r with |r| <= log(2) / 2; returns exp(r) - 1 and 2ⁿ in two factors, so that
// neither overflows and results may be denormal.
static vec exp_parts(vec x, vec *first, vec *second) {
  x = select(x, (vec)89.0f, x > 89.0f);
  x = select(x, (vec)-104.0f, x < -104.0f);
  // Adding 3·2²² rounds to the nearest integer, and leaves it in the low bits.
  const vec shifted = fma(x, 1.44269504f, 12582912.0f), n = shifted - 12582912.0f;
  const vec r = fma(n, -1.42860677e-6f, fma(n, -0.693145752f, x));
  vec p = fma(r, 1 / 5040.0f, 1 / 720.0f);
  p = fma(p, r, 1 / 120.0f);
  p = fma(p, r, 1 / 24.0f);
  p = fma(p, r, 1 / 6.0f);
  p = fma(p, r, 0.5f);
  const ivec whole = as_int16(shifted) - 0x4B400000, part = whole >> 1;
  *first = as_float16((part + 127) << 23);
  *second = as_float16((whole - part + 127) << 23);
  return fma(p * r, r, r);
}

static vec vexp(vec x) {
  vec first, second;
  const vec q = exp_parts(x, &first, &second);
  return fma(q, first, first) * second;
}

static vec vexpm1(vec x) {
  vec first, second;
  const vec q = exp_parts(x, &first, &second);
  return fma(q * first, second, fma(first, second, -1.0f));
}

// log(1 + x) for 0 <= x <= 1: 2·atanh(s) with s = x / (2 + x) <= 1/3.
static vec vlog1p(vec x) {
  const vec s = x / (x + 2.0f), t = s * s;
  vec p = fma(t, 2 / 15.0f, 2 / 13.0f);
  p = fma(p, t, 2 / 11.0f);
  p = fma(p, t, 2 / 9.0f);
  p = fma(p, t, 2 / 7.0f);
  p = fma(p, t, 2 / 5.0f);
  p = fma(p, t, 2 / 3.0f);
  return fma(p * t, s, s * 2.0f);
}
#endif

// 1 / (1 + exp(-x))
static vec sigmoid(vec x) { return 1.0f / (1.0f + vexp(-x)); }

// log(1 + exp(x)), without overflow.
static vec softplus(vec x) { return select((vec)0.0f, x, x > 0.0f) + vlog1p(vexp(-fabs(x))); }

// The numbers of UnaryFunction.
#define RELU 1
#define SIGMOID 2
#define SOFTPLUS 3
#define EXP 4

static vec activate(int function, vec x) {
  switch (function) {
  case RELU: return select(x, (vec)0.0f, x < 0.0f);
  case SIGMOID: return sigmoid(x);
  case SOFTPLUS: return softplus(x);
  case EXP: return vexp(x);
  default: return x;
  }
}

// The slope of an activation where its value is y.
static vec slope(int function, vec y) {
  switch (function) {
  case RELU: return select((vec)0.0f, (vec)1.0f, y > 0.0f);
  case SIGMOID: return y * (1.0f - y);
  case SOFTPLUS: return -vexpm1(-y);
  case EXP: return y;
  default: return 1.0f;
  }
}

// Sums

#if LANES == 1
// The sum over a work-group of GROUP work-items, in a tree, so always in the same order.
static float group_sum(float value, SHARED float *scratch) {
  const uint i = get_local_id(0);
  barrier(CLK_LOCAL_MEM_FENCE);
  scratch[i] = value;
  barrier(CLK_LOCAL_MEM_FENCE);
  for (uint width = get_local_size(0) / 2; width > 0; width /= 2) {
    if (i < width) scratch[i] += scratch[i + width];
    barrier(CLK_LOCAL_MEM_FENCE);
  }
  return scratch[0];
}
#define ROW_START get_local_id(0)
#define ROW_STEP get_local_size(0)
#else
// Half 0 or 1 of a vec. Not x.lo or x.hi: Oclgrind takes one of their lanes as uninitialised.
static float8 half_of(vec x, uint h) { return ((const float8 *)&x)[h]; }

static float group_sum(vec x, SHARED float *scratch) {
  const float8 a = half_of(x, 0) + half_of(x, 1);
  const float4 b = a.lo + a.hi;
  const float2 c = b.lo + b.hi;
  return c.x + c.y;
}
#define ROW_START 0
#define ROW_STEP LANES
#endif
// Visits one row of n elements with all of a work-group; group_sum then adds up.
#define FOR_ROW(i, n) for (uint i = ROW_START; i < (n); i += ROW_STEP)
// The number of row r: all have `number` where none are stored.
static float of_row(__global const float *numbers, float number, uint r) {
  return numbers ? numbers[r] : number;
}

// Keeps the lanes that lie before n.
static vec within(vec value, uint i, uint n) {
#if LANES == 1
  return value;
#else
  if (n - i >= LANES) return value;
  const uint16 lane = (uint16)(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  return select((vec)0.0f, value, lane < n - i);
#endif
}

// Tiles of results in registers, on CPUs: 8 × 32 where a register has 16 floats, as there are 32 such
// registers; otherwise 4 × 16, which eight registers of 8 floats hold.

#ifdef TILE_COLUMNS
#define HALVES (TILE_COLUMNS / 16)
#if HALVES == 2
#define TILE_ROWS 8
#define EACH_ROW(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7)
#define EACH_HALF(DO, r) DO(r, 0) DO(r, 1)
#else
#define TILE_ROWS 4
#define EACH_ROW(DO) DO(0) DO(1) DO(2) DO(3)
#define EACH_HALF(DO, r) DO(r, 0)
#endif
// Half h of row r of a tile is in c##r##h, outside the hot loop in sums[HALVES·r + h].
#define ZERO_SUM(r, h) float16 c##r##h = 0;
#define ZERO_SUMS(r) EACH_HALF(ZERO_SUM, r)
#define TAKE_SUM(r, h) float16 c##r##h = sums[HALVES * r + h];
#define TAKE_SUMS(r) EACH_HALF(TAKE_SUM, r)
#define KEEP_SUM(r, h) sums[HALVES * r + h] = c##r##h;
#define KEEP_SUMS(r) EACH_HALF(KEEP_SUM, r)
// Takes the next line of the right factor from a panel, as b0 and b1.
#define TAKE_HALF(line, h) const float16 b##h = vload16(h, line);
#define TAKE_LINE(line)                                                                           \
  EACH_HALF(TAKE_HALF, line)                                                                      \
  line += TILE_COLUMNS;
// Adds x times that line to row r.
#define ADD_HALF(r, h) c##r##h = fma(factor, b##h, c##r##h);
#define ADD_PRODUCT(r, x)                                                                         \
  {                                                                                               \
    const float16 factor = x;                                                                     \
    EACH_HALF(ADD_HALF, r)                                                                        \
  }

// Function by function, so that each keeps its constants in registers.
static void activateTile(int function, float16 sums[TILE_ROWS * HALVES]) {
#define EACH_SUM(f)                                                                               \
  for (int i = 0; i < TILE_ROWS * HALVES; i++) sums[i] = f;                                       \
  break;
  switch (function) {
  case RELU: EACH_SUM(activate(RELU, sums[i]))
  case SIGMOID: EACH_SUM(sigmoid(sums[i]))
  case SOFTPLUS: EACH_SUM(softplus(sums[i]))
  case EXP: EACH_SUM(vexp(sums[i]))
  }
}
#undef EACH_SUM
#endif
