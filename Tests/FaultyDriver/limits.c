// What the driver says about its device and its kernels, with lower limits.
#include "layer.h"
#include "settings.h"

#include <string.h>

/// Answers a query as OpenCL does.
static cl_int answer(
    const void *answer, size_t length, size_t size, void *value, size_t *needed) {
  if (value && size < length) return CL_INVALID_VALUE;
  if (value) memcpy(value, answer, length);
  if (needed) *needed = length;
  return CL_SUCCESS;
}

static cl_int answer_text(const char *text, size_t size, void *value, size_t *needed) {
  return answer(text, strlen(text) + 1, size, value, needed);
}

static cl_int limited_clGetPlatformInfo(
    cl_platform_id platform, cl_platform_info name, size_t size, void *value, size_t *needed) {
  if (name == CL_PLATFORM_NAME && settings.platform) {
    return answer_text(settings.platform, size, value, needed);
  }
  return driver.clGetPlatformInfo(platform, name, size, value, needed);
}

static uint64_t device_number(cl_device_id device, cl_device_info name) {
  uint64_t value = 0;
  return driver.clGetDeviceInfo(device, name, sizeof value, &value, NULL) == CL_SUCCESS ? value : 0;
}

static cl_int limited_clGetDeviceInfo(
    cl_device_id device, cl_device_info name, size_t size, void *value, size_t *needed) {
  const char *text = NULL;
  switch (name) {
    case CL_DEVICE_NAME: text = settings.name; break;
    case CL_DEVICE_VENDOR: text = settings.vendor; break;
    case CL_DRIVER_VERSION: text = settings.version; break;
    case CL_DEVICE_VERSION: text = settings.opencl; break;
    case CL_DEVICE_TYPE:
      return answer(&settings.device_type, sizeof settings.device_type, size, value, needed);
  }
  if (text) return answer_text(text, size, value, needed);

  int64_t number = UNSET;
  switch (name) {
    case CL_DEVICE_MAX_COMPUTE_UNITS: number = settings.units; break;
    case CL_DEVICE_HOST_UNIFIED_MEMORY: number = settings.unified; break;
    case CL_DEVICE_MEM_BASE_ADDR_ALIGN:
      number = settings.alignment == UNSET ? UNSET : 8 * settings.alignment;
      break;
    case CL_DEVICE_LOCAL_MEM_TYPE: {
      const char *type = settings.local_type ? settings.local_type : "";
      if (strcmp(type, "global") == 0) number = CL_GLOBAL;
      if (strcmp(type, "none") == 0) number = CL_NONE;
      break;
    }
  }
  if (number != UNSET) {
    cl_uint small = (cl_uint)number;
    return answer(&small, sizeof small, size, value, needed);
  }
  if (settings.hide > 0) return driver.clGetDeviceInfo(device, name, size, value, needed);

  int64_t limit = UNSET;
  switch (name) {
    case CL_DEVICE_LOCAL_MEM_SIZE: limit = settings.local; break;
    case CL_DEVICE_GLOBAL_MEM_SIZE: limit = settings.memory; break;
    case CL_DEVICE_MAX_MEM_ALLOC_SIZE:
      limit = settings.allocation != UNSET ? settings.allocation : settings.memory;
      break;
    case CL_DEVICE_MAX_WORK_GROUP_SIZE: limit = settings.group; break;
    case CL_DEVICE_MAX_WORK_ITEM_SIZES: {
      size_t sizes[16];
      size_t length = 0;
      cl_int code = driver.clGetDeviceInfo(device, name, sizeof sizes, sizes, &length);
      if (code != CL_SUCCESS) return code;
      for (size_t i = 0; i < length / sizeof *sizes; i++) sizes[i] = lower(sizes[i], settings.group);
      return answer(sizes, length, size, value, needed);
    }
    case CL_DEVICE_PREFERRED_WORK_GROUP_SIZE_MULTIPLE:
      if (settings.multiple == UNSET) break;
      return answer(&(size_t){(size_t)settings.multiple}, sizeof(size_t), size, value, needed);
  }
  if (limit == UNSET) return driver.clGetDeviceInfo(device, name, size, value, needed);
  // All of these have eight bytes where size_t does.
  uint64_t least = lower(device_number(device, name), limit);
  return answer(&least, sizeof least, size, value, needed);
}

/// The device types to ask the driver for; 0 if it has none of those that are wanted.
static cl_device_type real_types(cl_device_type wanted) {
  bool isAny = wanted == CL_DEVICE_TYPE_ALL || wanted & CL_DEVICE_TYPE_DEFAULT;
  return isAny || wanted & settings.device_type ? CL_DEVICE_TYPE_ALL : 0;
}

static cl_int limited_clGetDeviceIDs(
    cl_platform_id platform, cl_device_type wanted, cl_uint room, cl_device_id *devices,
    cl_uint *count) {
  cl_device_type types = real_types(wanted);
  if (types) return driver.clGetDeviceIDs(platform, types, room, devices, count);
  if (count) *count = 0;
  return CL_DEVICE_NOT_FOUND;
}

static cl_context limited_clCreateContextFromType(
    const cl_context_properties *properties, cl_device_type wanted,
    void(CL_CALLBACK *notice)(const char *, const void *, size_t, void *), void *data,
    cl_int *code) {
  cl_device_type types = real_types(wanted);
  if (types) return driver.clCreateContextFromType(properties, types, notice, data, code);
  *code = CL_DEVICE_NOT_FOUND;
  return NULL;
}

size_t kernel_group(cl_kernel kernel, size_t allowed) {
  char name[256] = "";
  driver.clGetKernelInfo(kernel, CL_KERNEL_FUNCTION_NAME, sizeof name, name, NULL);
  size_t group = lower(allowed, settings.group);
  return lower(group, number_for(settings.kernel_group, name));
}

static cl_int limited_clGetKernelWorkGroupInfo(
    cl_kernel kernel, cl_device_id device, cl_kernel_work_group_info name, size_t size,
    void *value, size_t *needed) {
  size_t number = 0;
  if (name == CL_KERNEL_PREFERRED_WORK_GROUP_SIZE_MULTIPLE && settings.multiple != UNSET) {
    number = (size_t)settings.multiple;
    return answer(&number, sizeof number, size, value, needed);
  }
  if (name != CL_KERNEL_WORK_GROUP_SIZE || settings.hide > 0) {
    return driver.clGetKernelWorkGroupInfo(kernel, device, name, size, value, needed);
  }
  cl_int code =
      driver.clGetKernelWorkGroupInfo(kernel, device, name, sizeof number, &number, NULL);
  if (code != CL_SUCCESS) return code;
  number = kernel_group(kernel, number);
  return answer(&number, sizeof number, size, value, needed);
}

void limit_queries(cl_icd_dispatch *table) {
  table->clGetPlatformInfo = limited_clGetPlatformInfo;
  table->clGetDeviceInfo = limited_clGetDeviceInfo;
  table->clGetDeviceIDs = limited_clGetDeviceIDs;
  table->clCreateContextFromType = limited_clCreateContextFromType;
  table->clGetKernelWorkGroupInfo = limited_clGetKernelWorkGroupInfo;
}
