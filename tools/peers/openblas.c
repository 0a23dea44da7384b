// Measures cblas_sgemm of OpenBLAS; see worker.h. The environment sets its threads.
#include "worker.h"

#include <cblas.h>

static const char *prepare(const matmul_t *x) { return (void)x, NULL; }

static const char *run(const matmul_t *x, long calls) {
  while (calls--)
    cblas_sgemm(CblasRowMajor, x->transpose_a ? CblasTrans : CblasNoTrans,
                x->transpose_b ? CblasTrans : CblasNoTrans, x->m, x->n, x->k, 1, x->a,
                x->transpose_a ? x->m : x->k, x->b, x->transpose_b ? x->k : x->n, 0, x->c, x->n);
  return NULL;
}

int main(void) {
  char description[300];
  snprintf(description, sizeof description, "%s, %s kernels, %d threads", openblas_get_config(),
           openblas_get_corename(), openblas_get_num_threads());
  serve(description);
}
