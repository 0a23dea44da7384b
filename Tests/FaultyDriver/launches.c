// Launches: what a work-group and a grid may be, and what was passed to a kernel.
#include "layer.h"
#include "settings.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

typedef struct State {
  struct State *next;
  cl_kernel kernel;
  char name[128];
  /// The local memory that it declares itself.
  size_t local;
  unsigned long launches;
  KernelArgument arguments[MOST_ARGUMENTS];
} State;

static State *states;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static cl_device_id device_of(cl_command_queue queue) {
  cl_device_id device = NULL;
  driver.clGetCommandQueueInfo(queue, CL_QUEUE_DEVICE, sizeof device, &device, NULL);
  return device;
}

static State *find(cl_kernel kernel) {
  State *state = states;
  while (state && state->kernel != kernel) state = state->next;
  return state;
}

/// Reports the launches of a kernel that ends, or of one that is still there at the end.
static void report_launches(const State *state) {
  if (state->launches) report_line("launches %s %lu", state->name, state->launches);
}

__attribute__((destructor)) static void report_all_launches(void) {
  for (const State *state = states; state; state = state->next) report_launches(state);
}

/// Begins anew for a kernel that has just been made: the driver may reuse addresses.
static void begin(cl_kernel kernel) {
  pthread_mutex_lock(&lock);
  State *state = find(kernel);
  if (!state) {
    state = calloc(1, sizeof *state);
    state->next = states;
    states = state;
  }
  report_launches(state);
  State *next = state->next;
  memset(state, 0, sizeof *state);
  state->next = next;
  state->kernel = kernel;
  driver.clGetKernelInfo(kernel, CL_KERNEL_FUNCTION_NAME, sizeof state->name, state->name, NULL);
  // Before any argument has been set, these are the kernel's own variables.
  cl_ulong local = 0;
  driver.clGetKernelWorkGroupInfo(
      kernel, NULL, CL_KERNEL_LOCAL_MEM_SIZE, sizeof local, &local, NULL);
  state->local = (size_t)local;
  pthread_mutex_unlock(&lock);
}

static cl_kernel limited_clCreateKernel(cl_program program, const char *name, cl_int *code) {
  cl_kernel kernel = driver.clCreateKernel(program, name, code);
  if (kernel) begin(kernel);
  return kernel;
}

/// Whether an argument is local memory; so is one without a value where the driver doesn't tell.
static bool is_local(cl_kernel kernel, cl_uint index, const void *value) {
  cl_kernel_arg_address_qualifier space = 0;
  cl_int code = driver.clGetKernelArgInfo(
      kernel, index, CL_KERNEL_ARG_ADDRESS_QUALIFIER, sizeof space, &space, NULL);
  return value == NULL && (code != CL_SUCCESS || space == CL_KERNEL_ARG_ADDRESS_LOCAL);
}

static cl_int limited_clSetKernelArg(
    cl_kernel kernel, cl_uint index, size_t size, const void *value) {
  cl_int code = driver.clSetKernelArg(kernel, index, size, value);
  if (code != CL_SUCCESS || index >= MOST_ARGUMENTS) return code;
  bool isLocal = is_local(kernel, index, value);
  pthread_mutex_lock(&lock);
  State *state = find(kernel);
  if (state) {
    KernelArgument *argument = &state->arguments[index];
    *argument = (KernelArgument){.local = isLocal ? size : 0};
    if (value && size == sizeof(cl_mem)) memcpy(&argument->memory, value, size);
  }
  pthread_mutex_unlock(&lock);
  return code;
}

/// The code for a launch that the device doesn't allow.
static cl_int verdict(
    cl_command_queue queue, const State *state, cl_uint dimensions, const size_t *global,
    const size_t *local) {
  size_t used = state->local;
  for (int i = 0; i < MOST_ARGUMENTS; i++) used += state->arguments[i].local;
  if (settings.local != UNSET && used > (size_t)settings.local) return CL_OUT_OF_RESOURCES;

  if (!local) return CL_SUCCESS;
  size_t allowed = SIZE_MAX, group = 1;
  driver.clGetKernelWorkGroupInfo(
      state->kernel, device_of(queue), CL_KERNEL_WORK_GROUP_SIZE, sizeof allowed, &allowed, NULL);
  for (cl_uint i = 0; i < dimensions; i++) {
    group *= local[i];
    if (settings.group != UNSET && local[i] > (size_t)settings.group) {
      return CL_INVALID_WORK_ITEM_SIZE;
    }
    if (i > 2 || local[i] == 0 || settings.grid_sizes[i] == UNSET) continue;
    if (global && global[i] / local[i] > (size_t)settings.grid_sizes[i]) {
      return CL_INVALID_GLOBAL_WORK_SIZE;
    }
  }
  return group > kernel_group(state->kernel, allowed) ? CL_INVALID_WORK_GROUP_SIZE : CL_SUCCESS;
}

static cl_int limited_clEnqueueNDRangeKernel(
    cl_command_queue queue, cl_kernel kernel, cl_uint dimensions, const size_t *offset,
    const size_t *global, const size_t *local, cl_uint count, const cl_event *events,
    cl_event *event) {
  State state = {.kernel = kernel};
  pthread_mutex_lock(&lock);
  State *found = find(kernel);
  if (found) {
    found->launches++;
    state = *found;
  }
  pthread_mutex_unlock(&lock);
  cl_int code = verdict(queue, &state, dimensions, global, local);
  if (code != CL_SUCCESS) {
    report_line("refused %s with %d", state.name, code);
    return code;
  }
  code = driver.clEnqueueNDRangeKernel(
      queue, kernel, dimensions, offset, global, local, count, events, event);
  if (code == CL_SUCCESS) spoil_result(queue, kernel, state.name, state.arguments);
  return code;
}

void limit_launches(cl_icd_dispatch *table) {
  table->clCreateKernel = limited_clCreateKernel;
  table->clSetKernelArg = limited_clSetKernelArg;
  table->clEnqueueNDRangeKernel = limited_clEnqueueNDRangeKernel;
}
