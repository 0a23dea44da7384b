// The faults of calls: one fails, the device is lost, the driver hangs, crashes or is slow.
#define _GNU_SOURCE
#include "layer.h"
#include "settings.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { MOST_CALLS = 128 };
static atomic_ulong counts[MOST_CALLS];
static atomic_ulong total;
static atomic_bool is_lost;

unsigned long calls_of(int call) { return atomic_load(&counts[call]); }
unsigned long calls_of_all(void) { return atomic_load(&total); }

static void pause_for(int64_t microseconds) {
  struct timespec time = {microseconds / 1000000, microseconds % 1000000 * 1000};
  while (nanosleep(&time, &time) != 0) {}
}

static cl_int strike(int call, unsigned long number) {
  report_line("fault %s in call %lu, %s", settings.fault, number, call_names[call]);
  switch (settings.fault_kind) {
    case HANG:
      for (;;) pause();
    case CRASH:
      *(volatile int *)8 = 1;
      return CL_SUCCESS;
    case ABORT: abort();
    case EXIT: _exit(1);
    case LOSE:
      atomic_store(&is_lost, true);
      return (cl_int)settings.code;
    default: return (cl_int)settings.code;
  }
}

cl_int begin_call(int call) {
  unsigned long count = atomic_fetch_add(&counts[call], 1) + 1;
  unsigned long number = atomic_fetch_add(&total, 1) + 1;
  if (!settings.is_faulty) return CL_SUCCESS;
  if (settings.delay > 0) pause_for(settings.delay);
  bool is_build = strcmp(call_names[call], "clBuildProgram") == 0;
  if (is_build && settings.build_delay > 0) pause_for(settings.build_delay * 1000000);
  if (settings.fault_kind == NO_FAULT || settings.at == UNSET) return CL_SUCCESS;
  if (atomic_load(&is_lost)) return (cl_int)settings.code;
  if (settings.of && strcmp(call_names[call], settings.of) != 0) return CL_SUCCESS;
  unsigned long turn = settings.of ? count : number, at = (unsigned long)settings.at;
  bool is_again = settings.every > 0 && turn > at && (turn - at) % (unsigned long)settings.every == 0;
  return turn == at || is_again ? strike(call, number) : CL_SUCCESS;
}
