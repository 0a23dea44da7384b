// Multiply-adds that touch no memory: SUMS sums in registers for each work-item, enough to hide the
// instruction's latency, and four steps of each per round, so that the loop costs little.

#if SUMS == 5
// Each is two registers on a processor with 16 registers of 8 floats.
#define EACH_SUM(DO) DO(0) DO(1) DO(2) DO(3) DO(4)
#else
#define EACH_SUM(DO)                                                                               \
  DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7) DO(8) DO(9) DO(10) DO(11)
#endif
#define START(i) vec s##i = i;
#define STEP(i) s##i = fma(s##i, x, shift);
#define ADD(i) total += s##i;

// y has LANES numbers for each work-item.
KERNEL void multiply_adds(__global float *y, const uint rounds, const float factor) {
  const vec x = factor, shift = 1.0f - factor;
  EACH_SUM(START)
  for (uint round = 0; round < rounds; round++) {
    EACH_SUM(STEP) EACH_SUM(STEP) EACH_SUM(STEP) EACH_SUM(STEP)
  }
  vec total = 0.0f;
  EACH_SUM(ADD)
  store(total, y, get_global_id(0) * LANES, get_global_size(0) * LANES);
}
