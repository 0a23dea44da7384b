// Measures CLBlastSgemm on the OpenCL device whose name is the argument; see worker.h.
#define CL_TARGET_OPENCL_VERSION 120
#include "worker.h"

#include <CL/cl.h>
#include <clblast_c.h>
#include <string.h>

static cl_context context;
static cl_command_queue queue;
static cl_mem a, b, c;

static cl_device_id device_named(const char *name, char *found, size_t size) {
  cl_platform_id platforms[16];
  cl_device_id devices[16];
  cl_uint platform_count = 0, device_count;
  clGetPlatformIDs(16, platforms, &platform_count);
  for (cl_uint p = 0; p < platform_count && p < 16; p++) {
    device_count = 0;
    clGetDeviceIDs(platforms[p], CL_DEVICE_TYPE_ALL, 16, devices, &device_count);
    for (cl_uint d = 0; d < device_count && d < 16; d++)
      if (clGetDeviceInfo(devices[d], CL_DEVICE_NAME, size, found, NULL) == CL_SUCCESS &&
          strstr(found, name))
        return devices[d];
  }
  return NULL;
}

static cl_mem copy_of(float *values, size_t count, cl_int *code) {
  return clCreateBuffer(context, CL_MEM_READ_WRITE | CL_MEM_COPY_HOST_PTR, count * sizeof *values,
                        values, code);
}

static const char *prepare(const matmul_t *x) {
  cl_int codes[3] = {0};
  if (a) clReleaseMemObject(a);
  if (b) clReleaseMemObject(b);
  if (c) clReleaseMemObject(c);
  a = copy_of(x->a, x->m * x->k, &codes[0]);
  b = copy_of(x->b, x->k * x->n, &codes[1]);
  c = copy_of(x->c, x->m * x->n, &codes[2]);
  return codes[0] || codes[1] || codes[2] ? "no memory on the device" : NULL;
}

static const char *run(const matmul_t *x, long calls) {
  static char problem[80];
  for (long i = 0; i < calls; i++) {
    CLBlastStatusCode code = CLBlastSgemm(
        CLBlastLayoutRowMajor, x->transpose_a ? CLBlastTransposeYes : CLBlastTransposeNo,
        x->transpose_b ? CLBlastTransposeYes : CLBlastTransposeNo, x->m, x->n, x->k, 1, a, 0,
        x->transpose_a ? x->m : x->k, b, 0, x->transpose_b ? x->k : x->n, 0, c, 0, x->n, &queue,
        NULL);
    if (code != CLBlastSuccess) {
      snprintf(problem, sizeof problem, "CLBlastSgemm gave %d", code);
      return problem;
    }
  }
  if (clFinish(queue) != CL_SUCCESS) return "clFinish failed";
  // Only the first call is checked; copying back is not timed.
  if (calls == 1)
    clEnqueueReadBuffer(queue, c, CL_TRUE, 0, x->m * x->n * sizeof(float), x->c, 0, NULL, NULL);
  return NULL;
}

int main(int count, char **arguments) {
  char name[300] = "";
  cl_int code = CL_SUCCESS;
  cl_device_id device = count == 2 ? device_named(arguments[1], name, sizeof name) : NULL;
  if (!device) return fprintf(stderr, "no OpenCL device of that name\n"), 1;
  context = clCreateContext(NULL, 1, &device, NULL, NULL, &code);
  if (!code) queue = clCreateCommandQueue(context, device, 0, &code);
  if (code) return fprintf(stderr, "the device cannot be opened (%d)\n", code), 1;
  serve(name);
}
