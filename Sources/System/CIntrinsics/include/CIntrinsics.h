#pragma once

// Instructions that Swift cannot express.

typedef float float4 __attribute__((ext_vector_type(4)));
typedef float float8 __attribute__((ext_vector_type(8)));
typedef float float16 __attribute__((ext_vector_type(16)));

/// a·b + c, rounded once; one instruction if the target has it. Swift's own addingProduct works element by
/// element, and whether it is vectorised again is a matter of luck.
static inline __attribute__((always_inline)) float8 multiply_add8(float8 a, float8 b, float8 c) {
  return __builtin_elementwise_fma(a, b, c);
}
static inline __attribute__((always_inline)) float16 multiply_add16(
    float16 a, float16 b, float16 c) {
  return __builtin_elementwise_fma(a, b, c);
}

/// a·b + c, rounded twice, for processors without a fused instruction.
static inline __attribute__((always_inline)) float4 multiply_add4(float4 a, float4 b, float4 c) {
  return a * b + c;
}

/// √a, rounded correctly; Swift's own works element by element.
static inline __attribute__((always_inline)) float4 square_root4(float4 a) {
  return __builtin_elementwise_sqrt(a);
}
static inline __attribute__((always_inline)) float8 square_root8(float8 a) {
  return __builtin_elementwise_sqrt(a);
}
static inline __attribute__((always_inline)) float16 square_root16(float16 a) {
  return __builtin_elementwise_sqrt(a);
}

/// Prefetches a cache line that will be needed soon into the first-level cache. Any address will do, even
/// an invalid one.
static inline __attribute__((always_inline)) void prefetch(const float *_Nonnull address) {
  __builtin_prefetch(address, 0, 3);
}

/// Prefetches a cache line that will be needed later into the second-level cache.
static inline __attribute__((always_inline)) void prefetch_for_later(
    const float *_Nonnull address) {
  __builtin_prefetch(address, 0, 2);
}

/// Relieves the core's other thread, and the memory, in a spin loop.
static inline __attribute__((always_inline)) void pause_processor(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("isb");
#endif
}

/// Makes this thread take numbers below the least normal one for zero, and round results there to zero: many
/// processors take a hundred times as long for them. Returns what restore_floating_point wants.
static inline __attribute__((always_inline)) unsigned long flush_subnormals(void) {
#if defined(__x86_64__)
  unsigned before = __builtin_ia32_stmxcsr();
  __builtin_ia32_ldmxcsr(before | 0x8040);
  return before;
#elif defined(__aarch64__)
  unsigned long before;
  __asm__ volatile("mrs %0, fpcr" : "=r"(before));
  __asm__ volatile("msr fpcr, %0" : : "r"(before | 1UL << 24));
  return before;
#else
  return 0;
#endif
}

/// Undoes flush_subnormals.
static inline __attribute__((always_inline)) void restore_floating_point(unsigned long before) {
#if defined(__x86_64__)
  __builtin_ia32_ldmxcsr((unsigned)before);
#elif defined(__aarch64__)
  __asm__ volatile("msr fpcr, %0" : : "r"(before));
#endif
}
