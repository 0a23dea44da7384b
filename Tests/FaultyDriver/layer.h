// An OpenCL layer that shows a driver as another one, with lower limits and with faults. README.md has the
// variables of the environment that say which.
#pragma once

#define CL_TARGET_OPENCL_VERSION 300
#define CL_USE_DEPRECATED_OPENCL_1_0_APIS
#define CL_USE_DEPRECATED_OPENCL_1_1_APIS
#define CL_USE_DEPRECATED_OPENCL_1_2_APIS
#define CL_USE_DEPRECATED_OPENCL_2_0_APIS
#include <CL/cl_layer.h>
#include <stdbool.h>
#include <stdint.h>

// The program calls the wrappers of calls.c, these call `limited`, and its functions call `driver`.

/// The functions of the driver.
extern cl_icd_dispatch driver;
/// The same, behind the limits.
extern cl_icd_dispatch limited;

/// Kinds of objects that a program retains and releases, or maps and unmaps.
typedef enum { CONTEXT, QUEUE, MEMORY, PROGRAM, KERNEL, EVENT, SAMPLER, MAPPING, KINDS } Kind;

// calls.c

/// The name of each counted function, and their number.
extern const char *const call_names[];
extern const int call_count;
/// The wrappers.
void wrap_calls(cl_icd_dispatch *table);

// faults.c

/// Counts a call, and delays it, hangs or crashes if it is time to; returns the code to fail with.
cl_int begin_call(int call);
/// The number of calls of a function so far, and of all.
unsigned long calls_of(int call);
unsigned long calls_of_all(void);

// ledger.c

/// Records what the program made, retained or released.
void ledger_made(Kind kind, const void *object);
void ledger_retained(Kind kind, const void *object);
void ledger_released(Kind kind, const void *object);
/// Appends a line to the report, if there is one.
void report_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

// limits.c, memory.c, launches.c, wrong.c

void limit_queries(cl_icd_dispatch *table);
void limit_memory(cl_icd_dispatch *table);
void limit_launches(cl_icd_dispatch *table);
void limit_builds(cl_icd_dispatch *table);
/// The work-group size that a kernel may have, given what its driver allows.
size_t kernel_group(cl_kernel kernel, size_t allowed);

/// What was passed to a kernel.
typedef struct {
  cl_mem memory;
  size_t local;
} KernelArgument;

enum { MOST_ARGUMENTS = 64 };

/// Spoils a result of a kernel that has just been enqueued, if it is time to.
void spoil_result(cl_command_queue queue, cl_kernel kernel, const char *name,
                  const KernelArgument arguments[MOST_ARGUMENTS]);
