// What the C workers share: the protocol, the clock, and a check of the result.
//
// A worker prints "ready DESCRIPTION", then answers each line
//   matmul M N K TRANSPOSE_A TRANSPOSE_B SECONDS
// with "ok SECONDS_PER_CALL" or "failed WHY". The first timings, of growing numbers of calls, warm
// up until one lasts SECONDS; the next one counts, as in `digitalis bench`.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

typedef struct {
  size_t m, n, k;
  int transpose_a, transpose_b;
  float *a, *b, *c;  // row-major; a is k × m and b is n × k where transposed
} matmul_t;

// Each worker has these two; they return NULL, or why they failed. After run with one call, c is
// on the host.
static const char *prepare(const matmul_t *x);          // before the first call with new operands
static const char *run(const matmul_t *x, long calls);  // waits for the last

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + 1e-9 * t.tv_nsec;
}

static float *random_floats(size_t count) {
  float *values = malloc(count * sizeof *values);
  for (size_t i = 0; i < count; i++) values[i] = 2.0f * rand() / RAND_MAX - 1;
  return values;
}

// Whether a few elements match a plain sum.
static int is_right(const matmul_t *x) {
  for (size_t probe = 0; probe < 10; probe++) {
    size_t row = probe * 7919 % x->m, column = x->n - 1 - probe * 104729 % x->n;
    double sum = 0;
    for (size_t i = 0; i < x->k; i++)
      sum += (double)x->a[x->transpose_a ? i * x->m + row : row * x->k + i] *
             x->b[x->transpose_b ? column * x->k + i : i * x->n + column];
    if (!(fabs(sum - x->c[row * x->n + column]) < 1e-5 * x->k)) return 0;
  }
  return 1;
}

static const char *measure(const matmul_t *x, double seconds, double *result) {
  const char *problem = prepare(x);
  if (!problem) problem = run(x, 1);
  if (!problem && !is_right(x)) problem = "a wrong product";
  double elapsed = 0;
  for (long calls = 1; !problem; calls *= 2) {
    int counts = elapsed >= seconds;
    if (counts) calls /= 2;
    double start = now();
    problem = run(x, calls);
    elapsed = now() - start;
    *result = elapsed / calls;
    if (counts) break;
  }
  return problem;
}

static void serve(const char *description) {
  printf("ready %s\n", description);
  fflush(stdout);
  char line[200];
  while (fgets(line, sizeof line, stdin)) {
    matmul_t x;
    double seconds, result;
    if (sscanf(line, "matmul %zu %zu %zu %d %d %lf", &x.m, &x.n, &x.k, &x.transpose_a,
               &x.transpose_b, &seconds) != 6) {
      puts("failed not a request that this worker knows");
    } else {
      x.a = random_floats(x.m * x.k);
      x.b = random_floats(x.k * x.n);
      x.c = random_floats(x.m * x.n);
      const char *problem = measure(&x, seconds, &result);
      if (problem) printf("failed %s\n", problem);
      else printf("ok %.9g\n", result);
      free(x.a), free(x.b), free(x.c);
    }
    fflush(stdout);
  }
}
