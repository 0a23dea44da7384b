// Measures oneDNN (2.x) on products; see worker.h. The environment sets its threads.
//
// It has two ways, dnnl_sgemm and the primitive for products of plain matrices, and either is faster for
// some sizes; each product uses the one that was faster when it was prepared.
#include "worker.h"

#include <oneapi/dnnl/dnnl.h>

static dnnl_engine_t engine;
static dnnl_stream_t stream;
static dnnl_primitive_t product;
static dnnl_exec_arg_t operands[3];
static int takes_sgemm;

static dnnl_status_t sgemm(const matmul_t *x) {
  return dnnl_sgemm(x->transpose_a ? 'T' : 'N', x->transpose_b ? 'T' : 'N', x->m, x->n, x->k, 1,
                    x->a, x->transpose_a ? x->m : x->k, x->b, x->transpose_b ? x->k : x->n, 0, x->c,
                    x->n);
}

static dnnl_status_t primitive(void) {
  dnnl_status_t status = dnnl_primitive_execute(product, stream, 3, operands);
  return status ? status : dnnl_stream_wait(stream);
}

static dnnl_status_t describe(dnnl_memory_desc_t *matrix, dnnl_exec_arg_t *operand, int argument,
                              size_t rows, size_t columns, int transposed, float *values) {
  dnnl_dims_t extents = {rows, columns};
  if (operand->memory) dnnl_memory_destroy(operand->memory);
  *operand = (dnnl_exec_arg_t){argument, NULL};
  dnnl_status_t status = dnnl_memory_desc_init_by_tag(matrix, 2, extents, dnnl_f32,
                                                      transposed ? dnnl_ba : dnnl_ab);
  return status ? status : dnnl_memory_create(&operand->memory, matrix, engine, values);
}

static dnnl_status_t make_primitive(const matmul_t *x) {
  dnnl_memory_desc_t a, b, c;
  dnnl_matmul_desc_t description;
  dnnl_primitive_desc_t chosen;
  if (product) dnnl_primitive_destroy(product);
  product = NULL;
  dnnl_exec_arg_t *of = operands;
  dnnl_status_t status = describe(&a, of, DNNL_ARG_SRC, x->m, x->k, x->transpose_a, x->a);
  if (!status)
    status = describe(&b, of + 1, DNNL_ARG_WEIGHTS, x->k, x->n, x->transpose_b, x->b);
  if (!status) status = describe(&c, of + 2, DNNL_ARG_DST, x->m, x->n, 0, x->c);
  if (!status) status = dnnl_matmul_desc_init(&description, &a, &b, NULL, &c);
  if (!status) status = dnnl_primitive_desc_create(&chosen, &description, NULL, engine, NULL);
  if (status) return status;
  status = dnnl_primitive_create(&product, chosen);
  dnnl_primitive_desc_destroy(chosen);
  return status;
}

static const char *prepare(const matmul_t *x) {
  if (make_primitive(x)) return "oneDNN makes no primitive for this product";
  double best[2] = {1e9, 1e9};
  for (int call = 0; call < 12; call++) {
    double start = now();
    if (call % 2 ? sgemm(x) : primitive()) return "oneDNN failed at this product";
    // The first call of each creates code and threads.
    if (call >= 2) best[call % 2] = fmin(best[call % 2], now() - start);
  }
  takes_sgemm = best[1] < best[0];
  return NULL;
}

static const char *run(const matmul_t *x, long calls) {
  while (calls--)
    if (takes_sgemm ? sgemm(x) : primitive()) return "oneDNN failed at this product";
  return NULL;
}

static const char *kernels(void) {
  dnnl_cpu_isa_t set = dnnl_get_effective_cpu_isa();
  if ((set & dnnl_cpu_isa_avx512_core) == dnnl_cpu_isa_avx512_core) return "AVX-512";
  return (set & dnnl_cpu_isa_avx2) == dnnl_cpu_isa_avx2 ? "AVX2" : "older";
}

int main(void) {
  if (dnnl_engine_create(&engine, dnnl_cpu, 0) ||
      dnnl_stream_create(&stream, engine, dnnl_stream_default_flags))
    return fprintf(stderr, "oneDNN has no engine for the processor\n"), 1;
  char description[300];
  const dnnl_version_t *version = dnnl_version();
  snprintf(description, sizeof description,
           "oneDNN %d.%d.%d, %s kernels, %s threads; the quicker of dnnl_sgemm and the matmul "
           "primitive",
           version->major, version->minor, version->patch, kernels(), getenv("OMP_NUM_THREADS"));
  serve(description);
}
