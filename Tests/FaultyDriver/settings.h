// What the environment asks for; README.md explains each.
#pragma once

#include <CL/cl.h>
#include <stdbool.h>
#include <stdint.h>

enum { UNSET = -1 };

typedef enum { NO_FAULT, FAIL, LOSE, HANG, CRASH, ABORT, EXIT } Fault;

typedef struct {
  // Texts are NULL, and numbers UNSET, where nothing is asked for.
  const char *type, *platform, *name, *vendor, *version, *opencl;
  int64_t units, unified, alignment;

  int64_t group, multiple, local, allocation, memory;
  const char *kernel_group, *local_type, *grid;
  int64_t hide;

  const char *fault, *of, *command;
  int64_t code, at, every;
  int64_t delay, build_delay;

  const char *wrong, *wrong_options, *wrong_how;
  int64_t wrong_after, wrong_times, wrong_argument, wrong_element;

  const char *report;

  // Derived
  cl_device_type device_type;
  Fault fault_kind;
  int64_t grid_sizes[3];
  /// Whether faults are for this process.
  bool is_faulty;
} Settings;

extern Settings settings;

/// Reads the environment; ends the process if it holds nonsense, which would silently test nothing.
void read_settings(void);

/// The number for a name in a list such as `64,fill=16,matmul=32`, otherwise its number without a name, or UNSET.
int64_t number_for(const char *list, const char *name);

/// The smaller of two numbers, of which the second may be UNSET.
static inline uint64_t lower(uint64_t value, int64_t limit) {
  return limit != UNSET && (uint64_t)limit < value ? (uint64_t)limit : value;
}
