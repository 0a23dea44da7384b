// Wrong results: an element of what a kernel has written is changed after it.
#include "layer.h"
#include "settings.h"

#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

static atomic_long launches;

/// Whether the kernel was built with options that hold the text that is asked for.
static bool is_meant(cl_kernel kernel, cl_command_queue queue) {
  if (!settings.wrong_options) return true;
  cl_program program = NULL;
  cl_device_id device = NULL;
  char options[4096] = "";
  driver.clGetKernelInfo(kernel, CL_KERNEL_PROGRAM, sizeof program, &program, NULL);
  driver.clGetCommandQueueInfo(queue, CL_QUEUE_DEVICE, sizeof device, &device, NULL);
  driver.clGetProgramBuildInfo(
      program, device, CL_PROGRAM_BUILD_OPTIONS, sizeof options, options, NULL);
  return strstr(options, settings.wrong_options) != NULL;
}

/// Whether a kernel may write to what an argument points to.
static bool is_result(cl_kernel kernel, cl_uint index) {
  cl_kernel_arg_address_qualifier space = 0;
  cl_kernel_arg_type_qualifier qualifiers = 0;
  driver.clGetKernelArgInfo(
      kernel, index, CL_KERNEL_ARG_ADDRESS_QUALIFIER, sizeof space, &space, NULL);
  driver.clGetKernelArgInfo(
      kernel, index, CL_KERNEL_ARG_TYPE_QUALIFIER, sizeof qualifiers, &qualifiers, NULL);
  return space == CL_KERNEL_ARG_ADDRESS_GLOBAL && !(qualifiers & CL_KERNEL_ARG_TYPE_CONST);
}

/// Asks the compiler to keep what `is_result` asks for. Always, so that PoCL finds in its cache what it built before.
static cl_int limited_clBuildProgram(
    cl_program program, cl_uint count, const cl_device_id *devices, const char *options,
    void(CL_CALLBACK *notice)(cl_program, void *), void *data) {
  char text[4096];
  snprintf(text, sizeof text, "%s -cl-kernel-arg-info", options ? options : "");
  return driver.clBuildProgram(program, count, devices, text, notice, data);
}

void limit_builds(cl_icd_dispatch *table) { table->clBuildProgram = limited_clBuildProgram; }

static float spoiled(float value) {
  const char *how = settings.wrong_how ? settings.wrong_how : "add";
  if (strcmp(how, "nan") == 0) return NAN;
  return strcmp(how, "zero") == 0 ? 0 : value + 1;
}

void spoil_result(cl_command_queue queue, cl_kernel kernel, const char *name,
                  const KernelArgument arguments[MOST_ARGUMENTS]) {
  if (!settings.wrong || !settings.is_faulty) return;
  if (strcmp(settings.wrong, "*") != 0 && strcmp(settings.wrong, name) != 0) return;
  if (!is_meant(kernel, queue)) return;
  long launch = atomic_fetch_add(&launches, 1);
  long first = settings.wrong_after == UNSET ? 0 : settings.wrong_after;
  if (launch < first) return;
  if (settings.wrong_times != UNSET && launch >= first + settings.wrong_times) return;

  int64_t index = settings.wrong_argument;
  cl_uint count = 0;
  driver.clGetKernelInfo(kernel, CL_KERNEL_NUM_ARGS, sizeof count, &count, NULL);
  if (count > MOST_ARGUMENTS) count = MOST_ARGUMENTS;
  for (cl_uint i = 0; i < count && index == UNSET; i++) {
    if (arguments[i].memory && is_result(kernel, i)) index = i;
  }
  if (index < 0 || index >= count || !arguments[index].memory) return;
  size_t offset = settings.wrong_element == UNSET ? 0 : 4 * (size_t)settings.wrong_element;
  float value = 0;
  cl_mem memory = arguments[index].memory;
  cl_int code = driver.clEnqueueReadBuffer(
      queue, memory, CL_TRUE, offset, sizeof value, &value, 0, NULL, NULL);
  if (code != CL_SUCCESS) return;
  value = spoiled(value);
  driver.clEnqueueWriteBuffer(
      queue, memory, CL_TRUE, offset, sizeof value, &value, 0, NULL, NULL);
  report_line("spoiled argument %d of %s", (int)index, name);
}
