// Buffers: the largest, all together, and where a view of one may begin.
#include "layer.h"
#include "settings.h"

#include <stdatomic.h>
#include <stddef.h>

static atomic_size_t held;

static void CL_CALLBACK give_back(cl_mem memory, void *size) {
  (void)memory;
  atomic_fetch_sub(&held, (size_t)size);
}

/// The code for a buffer that is too large for the device or for what is left of it.
static cl_int claim(size_t size) {
  if (settings.allocation != UNSET && size > (size_t)settings.allocation) {
    return CL_INVALID_BUFFER_SIZE;
  }
  size_t all = atomic_fetch_add(&held, size) + size;
  if (settings.memory == UNSET || all <= (size_t)settings.memory) return CL_SUCCESS;
  atomic_fetch_sub(&held, size);
  return CL_MEM_OBJECT_ALLOCATION_FAILURE;
}

/// Gives the size back when the driver frees the buffer, which may be after its release.
static cl_mem watch(cl_mem memory, size_t size) {
  if (!memory) {
    atomic_fetch_sub(&held, size);
  } else {
    driver.clSetMemObjectDestructorCallback(memory, give_back, (void *)size);
  }
  return memory;
}

static cl_mem limited_clCreateBuffer(
    cl_context context, cl_mem_flags flags, size_t size, void *host, cl_int *code) {
  *code = claim(size);
  if (*code != CL_SUCCESS) return NULL;
  return watch(driver.clCreateBuffer(context, flags, size, host, code), size);
}

static cl_mem limited_clCreateBufferWithProperties(
    cl_context context, const cl_mem_properties *properties, cl_mem_flags flags, size_t size,
    void *host, cl_int *code) {
  *code = claim(size);
  if (*code != CL_SUCCESS) return NULL;
  return watch(
      driver.clCreateBufferWithProperties(context, properties, flags, size, host, code), size);
}

static cl_mem limited_clCreateSubBuffer(
    cl_mem whole, cl_mem_flags flags, cl_buffer_create_type type, const void *region,
    cl_int *code) {
  const cl_buffer_region *part = region;
  if (settings.alignment > 0 && part && part->origin % (size_t)settings.alignment != 0) {
    *code = CL_MISALIGNED_SUB_BUFFER_OFFSET;
    return NULL;
  }
  return driver.clCreateSubBuffer(whole, flags, type, region, code);
}

void limit_memory(cl_icd_dispatch *table) {
  table->clCreateBuffer = limited_clCreateBuffer;
  if (table->clCreateBufferWithProperties) {
    table->clCreateBufferWithProperties = limited_clCreateBufferWithProperties;
  }
  table->clCreateSubBuffer = limited_clCreateSubBuffer;
}
