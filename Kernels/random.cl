// Threefry-4x32-20 (Salmon et al., SC 2011): numbers that depend only on key and counter.

static void mix(uvec *a, uvec *b, uint distance) {
  *a += *b;
  *b = rotate(*b, (uvec)distance) ^ *a;
}

static void threefry(uint4 key, uvec x[4]) {
  const uint schedule[5] = {key.x, key.y, key.z, key.w,
                            0x1BD11BDAu ^ key.x ^ key.y ^ key.z ^ key.w};
  const uint distances[8][2] = {{10, 26}, {11, 21}, {13, 27}, {23, 5},
                                {6, 20},  {17, 11}, {25, 10}, {18, 20}};
  for (int word = 0; word < 4; word++) x[word] += schedule[word];
  // Unrolled, so that all indices below are constants.
  #pragma unroll
  for (int round = 0; round < 20; round++) {
    // Odd rounds pair the words crosswise.
    const int second = round % 2 == 0 ? 1 : 3;
    mix(&x[0], &x[second], distances[round % 8][0]);
    mix(&x[2], &x[4 - second], distances[round % 8][1]);
    if (round % 4 == 3) {
      const uint injection = round / 4 + 1;
      for (int word = 0; word < 4; word++) x[word] += schedule[(injection + word) % 5];
      x[3] += injection;
    }
  }
}

#if LANES == 1
static vec to_float(uvec x) { return convert_float(x); }
static vec vlog(vec x) { return log(x); }
static vec vsinpi(vec x) { return sinpi(x); }
static vec vcospi(vec x) { return cospi(x); }
static uvec as_words(vec x) { return as_uint(x); }
static vec as_vec(uvec x) { return as_float(x); }
#else
static vec to_float(uvec x) { return convert_float16(as_int16(x)); }
static uvec as_words(vec x) { return as_uint16(x); }
static vec as_vec(uvec x) { return as_float16(x); }

// log(x) for normal x: 2·atanh((m - 1) / (m + 1)) + e·log 2 with √½ <= m < √2.
static vec vlog(vec x) {
  const ivec bits = as_int16(x) - 0x3F3504F3;
  const vec e = convert_float16(bits >> 23);
  const vec m = as_float16((bits & 0x7FFFFF) + 0x3F3504F3);
  const vec s = (m - 1.0f) / (m + 1.0f), t = s * s;
  vec p = fma(t, 2 / 9.0f, 2 / 7.0f);
  p = fma(p, t, 2 / 5.0f);
  p = fma(p, t, 2 / 3.0f);
  return fma(e, 0.693147181f, fma(p * t, s, s * 2.0f));
}

// cos and sin of πx for 0 <= x < 2, from the quarter turns in x and what is left.
static vec quarter_turns(vec x, int shift) {
  const vec n = rint(x * 2.0f);
  const vec r = fma(n, -0.5f, x) * 3.14159265f, t = r * r;
  const ivec quadrant = convert_int16(n) + shift;
  vec c = fma(t, 1 / 40320.0f, -1 / 720.0f);
  c = fma(fma(fma(c, t, 1 / 24.0f), t, -0.5f), t, 1.0f);
  vec s = fma(t, 1 / 362880.0f, -1 / 5040.0f);
  s = fma(fma(s, t, 1 / 120.0f), t, -1 / 6.0f);
  s = fma(s * t, r, r);
  const vec magnitude = select(s, c, (quadrant & 1) != 0);
  return select(magnitude, -magnitude, (quadrant & 2) != 0);
}
static vec vsinpi(vec x) { return quarter_turns(x, 0); }
static vec vcospi(vec x) { return quarter_turns(x, 1); }
#endif

// The numbers of Distribution.
#define BITS 0
#define UNIFORM 1

// Two normal numbers from two words, by the Box–Muller transform.
static void box_muller(uvec *a, uvec *b) {
  const vec u = to_float((*a >> 8) + 1u) * 0x1p-24f;
  const vec radius = sqrt(-2.0f * vlog(u));
  const vec angle = to_float(*b >> 8) * 0x1p-23f;
  *a = as_words(radius * vcospi(angle));
  *b = as_words(radius * vsinpi(angle));
}

// The words of the LANES blocks from `block` on: x[j] holds word j of each.
static void random_words(uint4 key, uint4 counter, uint block, uvec x[4]) {
#if LANES == 1
  x[0] = counter.x + block;
#else
  x[0] = counter.x + block + (uvec)(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
#endif
  x[1] = counter.y;
  x[2] = counter.z;
  x[3] = counter.w;
  threefry(key, x);
}

// Brings the words of LANES blocks into the order of the elements: x[j] holds those from LANES · j
// on.
static void interleave(uvec x[4]) {
#if LANES > 1
  const uvec low = (uvec)(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23), high = low + 8u;
  const uvec a = shuffle2(x[0], x[2], low), b = shuffle2(x[1], x[3], low);
  const uvec c = shuffle2(x[0], x[2], high), d = shuffle2(x[1], x[3], high);
  x[0] = shuffle2(a, b, low);
  x[1] = shuffle2(a, b, high);
  x[2] = shuffle2(c, d, low);
  x[3] = shuffle2(c, d, high);
#endif
}

static vec uniform_number(uvec word) { return to_float(word >> 8) * 0x1p-24f; }

// Element i is word i % 4 of block i / 4. Visits blocks, LANES at a time.
KERNEL void random(int distribution, uint4 key, uint4 counter, __global uint *y, uint n) {
  const uint blocks = (n - 1) / 4 + 1;
  FOR_ELEMENTS(block, blocks) {
    uvec x[4];
    random_words(key, counter, block, x);
    if (distribution == UNIFORM) {
      for (int word = 0; word < 4; word++) x[word] = as_words(uniform_number(x[word]));
    } else if (distribution != BITS) {
      box_muller(&x[0], &x[1]);
      box_muller(&x[2], &x[3]);
    }
#if LANES == 1
    for (uint word = 0; word < 4; word++)
      if (word < n - 4 * block) y[4 * block + word] = x[word];
#else
    interleave(x);
    uint words[4 * LANES];
    for (int part = 0; part < 4; part++) vstore16(x[part], part, words);
    const uint count = min(n - 4 * block, 4u * LANES);
    for (uint i = 0; i < count; i++) y[4 * block + i] = words[i];
#endif
  }
}

// y[i] = x[i] / keep where uniform number i is at least `rate`, otherwise 0. Visits blocks.
KERNEL void dropout(float rate, float keep, uint4 key, uint4 counter, __global const float *x,
                    __global float *y, uint n) {
  const uint blocks = (n - 1) / 4 + 1;
  FOR_ELEMENTS(block, blocks) {
    uvec words[4];
    random_words(key, counter, block, words);
    interleave(words);
    for (uint part = 0; part < 4; part++) {
      const uint i = 4 * block + part * LANES;
      if (i >= n) break;
      const vec kept = load(x, i, n) / keep;
      store(select(kept, (vec)0.0f, uniform_number(words[part]) < rate), y, i, n);
    }
  }
}

// noise[i] = normal number i, and z = mean + exp(log variance / 2)·noise, where a row of `parameters` holds d means,
// then d log variances. Visits blocks.
KERNEL void sample_gaussian(uint4 key, uint4 counter, uint rows, uint d,
                            __global const float *parameters, __global float *noise,
                            __global float *z) {
  const uint n = rows * d, blocks = (n - 1) / 4 + 1;
  FOR_ELEMENTS(block, blocks) {
    uvec words[4];
    random_words(key, counter, block, words);
    box_muller(&words[0], &words[1]);
    box_muller(&words[2], &words[3]);
    interleave(words);
    for (uint part = 0; part < 4; part++) {
      const uint first = 4 * block + part * LANES;
      if (first >= n) break;
      const vec e = as_vec(words[part]);
#if LANES == 1
      __global const float *mean = parameters + (size_t)(first / d) * 2 * d + first % d;
      const vec m = mean[0], v = mean[d];
#else
      // Rows may begin within a vec.
      float means[LANES], log_variances[LANES];
      for (uint j = 0; j < LANES; j++) {
        const uint i = min(first + j, n - 1);
        __global const float *mean = parameters + (size_t)(i / d) * 2 * d + i % d;
        means[j] = mean[0];
        log_variances[j] = mean[d];
      }
      const vec m = vload16(0, means), v = vload16(0, log_variances);
#endif
      store(e, noise, first, n);
      store(fma(vexp(0.5f * v), e, m), z, first, n);
    }
  }
}

// y[i] = where a Feistel network on 2·bits bits sends i, walked until it falls below n.
KERNEL void permutation(uint4 keys0, uint4 keys1, uint bits, __global uint *y, uint n) {
  const uint keys[8] = {keys0.x, keys0.y, keys0.z, keys0.w, keys1.x, keys1.y, keys1.z, keys1.w};
  const uint mask = (1u << bits) - 1;
  FOR_RANGE(i, n, 1) {
    uint value = i;
    do {
      uint left = value >> bits, right = value & mask;
      for (int round = 0; round < 8; round++) {
        uint hash = right ^ keys[round];
        hash = (hash ^ (hash >> 16)) * 0x85EBCA6Bu;
        hash = (hash ^ (hash >> 13)) * 0xC2B2AE35u;
        hash ^= hash >> 16;
        const uint old = left;
        left = right;
        right = old ^ (hash & mask);
      }
      value = left << bits | right;
    } while (value >= n);
    y[i] = value;
  }
}
