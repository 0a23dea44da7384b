#pragma once

/// Asks for a cache line that will be needed soon. Any address will do, also one that is in no memory.
static inline void prefetch(const float *_Nonnull address) { __builtin_prefetch(address); }

/// Lets the other thread of the core, and the memory, breathe in a loop that waits.
static inline void pause_processor(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("isb");
#endif
}
