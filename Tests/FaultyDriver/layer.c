// What the loader calls: the layer's version, and its functions in exchange for those of the driver.
#include "layer.h"
#include "settings.h"

#include <string.h>

cl_icd_dispatch driver, limited;
static cl_icd_dispatch wrapped;

cl_int CL_API_CALL clGetLayerInfo(
    cl_layer_info name, size_t size, void *value, size_t *needed) {
  static const cl_layer_api_version version = CL_LAYER_API_VERSION_100;
  static const char own[] = "digitalis faulty driver";
  const void *answer = name == CL_LAYER_NAME ? (const void *)own : &version;
  size_t length = name == CL_LAYER_NAME ? sizeof own : sizeof version;
  if (name != CL_LAYER_NAME && name != CL_LAYER_API_VERSION) return CL_INVALID_VALUE;
  if (value && size < length) return CL_INVALID_VALUE;
  if (value) memcpy(value, answer, length);
  if (needed) *needed = length;
  return CL_SUCCESS;
}

cl_int CL_API_CALL clInitLayer(
    cl_uint count, const cl_icd_dispatch *target, cl_uint *own_count,
    const cl_icd_dispatch **own) {
  if (!target || !own_count || !own) return CL_INVALID_VALUE;
  // An older loader knows fewer functions.
  size_t most = sizeof driver / sizeof(void *);
  if (count > most) count = (cl_uint)most;
  memcpy(&driver, target, count * sizeof(void *));
  read_settings();
  limited = driver;
  limit_queries(&limited);
  limit_memory(&limited);
  limit_launches(&limited);
  limit_builds(&limited);
  wrapped = limited;
  wrap_calls(&wrapped);
  *own = &wrapped;
  *own_count = count;
  return CL_SUCCESS;
}
