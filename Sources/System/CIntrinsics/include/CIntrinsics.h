#pragma once

// Instructions for which Swift has no word.

typedef float float4 __attribute__((ext_vector_type(4)));
typedef float float8 __attribute__((ext_vector_type(8)));
typedef float float16 __attribute__((ext_vector_type(16)));

/// a·b + c, rounded once; an instruction where the target has it. Swift's own addingProduct goes element
/// by element, and whether a vector is made of them again is left to luck.
static inline __attribute__((always_inline)) float8 multiply_add8(float8 a, float8 b, float8 c) {
  return __builtin_elementwise_fma(a, b, c);
}
static inline __attribute__((always_inline)) float16 multiply_add16(
    float16 a, float16 b, float16 c) {
  return __builtin_elementwise_fma(a, b, c);
}

/// a·b + c, rounded twice, for processors that have no fused instruction.
static inline __attribute__((always_inline)) float4 multiply_add4(float4 a, float4 b, float4 c) {
  return a * b + c;
}

/// √a, rounded correctly; Swift's own goes element by element.
static inline __attribute__((always_inline)) float4 square_root4(float4 a) {
  return __builtin_elementwise_sqrt(a);
}
static inline __attribute__((always_inline)) float8 square_root8(float8 a) {
  return __builtin_elementwise_sqrt(a);
}
static inline __attribute__((always_inline)) float16 square_root16(float16 a) {
  return __builtin_elementwise_sqrt(a);
}

/// Asks for a cache line that will be needed at once, in the first-level cache. Any address will do, also
/// one that is in no memory.
static inline __attribute__((always_inline)) void prefetch(const float *_Nonnull address) {
  __builtin_prefetch(address, 0, 3);
}

/// Asks for a cache line that will be needed later, in the second-level cache.
static inline __attribute__((always_inline)) void prefetch_for_later(
    const float *_Nonnull address) {
  __builtin_prefetch(address, 0, 2);
}

/// Lets the other thread of the core, and the memory, breathe in a loop that waits.
static inline __attribute__((always_inline)) void pause_processor(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("isb");
#endif
}
