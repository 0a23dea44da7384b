// y[i] = f(x[i]) and the like: a kernel for each function, so that its constants stay in registers.

#include "strides.cl"

// The slope of leaky relu below 0.
#define LEAK 0.01f

// (1 - exp(-2|x|)) / (1 + exp(-2|x|)) with the sign of x.
static vec hyperbolic_tangent(vec x) {
  const vec t = -vexpm1(-2.0f * fabs(x));
  return copysign(t / (2.0f - t), x);
}

// 1 / (1 + exp(-x)), also where it is tiny.
static vec two_sided_sigmoid(vec x) {
  const vec e = vexp(-fabs(x));
  return select(e, (vec)1.0f, x > 0.0f) / (1.0f + e);
}

// The cumulative distribution function of N(0, 1), to 1e-7 (Abramowitz and Stegun, 1964, 7.1.26).
static vec normal_distribution(vec x) {
  const vec z = fabs(x) * 0.70710678f, t = 1.0f / (1.0f + 0.3275911f * z);
  vec p = 1.06140543f * t - 1.45315203f;
  p = p * t + 1.42141374f;
  p = p * t - 0.28449674f;
  p = p * t + 0.25482959f;
  const vec tail = p * t * vexp(-z * z) * 0.5f;
  return select(tail, 1.0f - tail, x > 0.0f);
}

#define MAP(name, value)                                                                           \
  KERNEL void map_##name(__global const float *from, __global float *y, uint n) {                  \
    FOR_ELEMENTS(i, n) {                                                                           \
      const vec x = load(from, i, n);                                                              \
      store(value, y, i, n);                                                                       \
    }                                                                                              \
  }

MAP(identity, x)
MAP(relu, activate(RELU, x))
MAP(sigmoid, sigmoid(x))
MAP(softplus, softplus(x))
MAP(exp, vexp(x))
MAP(tanh, hyperbolic_tangent(x))
MAP(leakyRelu, select(x, x * LEAK, x < 0.0f))
MAP(squareRoot, sqrt(x))
MAP(reciprocal, 1.0f / x)
MAP(log, log(x))
MAP(square, x * x)
MAP(absolute, fabs(x))
MAP(gelu, x * normal_distribution(x))
MAP(silu, x * two_sided_sigmoid(x))

// dx (+)= dy · slope, at the output y of the function; for log and those after it at the input x.
#define MAP_GRADIENT(name, y, factor)                                                              \
  KERNEL void map_gradient_##name(__global const float *point, __global const float *dy,           \
                                  __global float *dx, uint n, int accumulate) {                    \
    FOR_ELEMENTS(i, n) {                                                                           \
      const vec y = load(point, i, n);                                                             \
      const vec gradient = load(dy, i, n) * (factor);                                              \
      store(accumulate ? load(dx, i, n) + gradient : gradient, dx, i, n);                          \
    }                                                                                              \
  }

MAP_GRADIENT(identity, y, 1.0f)
MAP_GRADIENT(relu, y, slope(RELU, y))
MAP_GRADIENT(sigmoid, y, slope(SIGMOID, y))
MAP_GRADIENT(softplus, y, slope(SOFTPLUS, y))
MAP_GRADIENT(exp, y, slope(EXP, y))
MAP_GRADIENT(tanh, y, (1.0f - y) * (1.0f + y))
MAP_GRADIENT(leakyRelu, y, select((vec)LEAK, (vec)1.0f, y > 0.0f))
MAP_GRADIENT(squareRoot, y, 0.5f / y)
MAP_GRADIENT(reciprocal, y, -y * y)
MAP_GRADIENT(log, x, 1.0f / x)
MAP_GRADIENT(square, x, 2.0f * x)
MAP_GRADIENT(absolute, x, select(select((vec)0.0f, (vec)1.0f, x > 0.0f), (vec)-1.0f, x < 0.0f))
MAP_GRADIENT(gelu, x, normal_distribution(x) + x * vexp(-0.5f * x * x) * 0.39894228f)
// 1 - s of x is s of -x.
MAP_GRADIENT(silu, x, two_sided_sigmoid(x) * (1.0f + x * two_sided_sigmoid(-x)))

KERNEL void fill(float value, __global float *y, uint n) {
  FOR_ELEMENTS(i, n) store(value, y, i, n);
}

// c[i] = f(a[i], b[i]), and the same with broadcasting: see strides.cl for rows, extents and steps. The
// step within a row is 1, or 0 for a single number.
static vec row_element(__global const float *p, uint i, uint n, int step) {
  return step ? load(p, i, n) : (vec)p[0];
}

#define ZIP(name, value)                                                                           \
  KERNEL void zip_##name(__global const float *left, __global const float *right,                  \
                         __global float *c, uint n) {                                              \
    FOR_ELEMENTS(i, n) {                                                                           \
      const vec a = load(left, i, n), b = load(right, i, n);                                       \
      store(value, c, i, n);                                                                       \
    }                                                                                              \
  }                                                                                                \
  KERNEL void broadcast_##name(__global const float *left, __global const float *right,            \
                               __global float *c, uint rows, uint n, uint4 extents, int4 a_steps,  \
                               int4 b_steps, int a_step, int b_step) {                             \
    FOR_ROWS(r, rows) {                                                                            \
      __global const float *p = left + row_start(r, extents, a_steps);                             \
      __global const float *q = right + row_start(r, extents, b_steps);                            \
      FOR_ELEMENTS(i, n) {                                                                         \
        const vec a = row_element(p, i, n, a_step), b = row_element(q, i, n, b_step);              \
        store(value, c + (size_t)r * n, i, n);                                                     \
      }                                                                                            \
    }                                                                                              \
  }

ZIP(add, a + b)
ZIP(subtract, a - b)
ZIP(multiply, a * b)
ZIP(divide, a / b)
// A NaN is unequal to itself, and wins.
ZIP(maximum, select(a, b, b > a || b != b))
ZIP(minimum, select(a, b, b < a || b != b))
ZIP(greater, select((vec)0.0f, (vec)1.0f, a > b))
ZIP(greaterOrEqual, select((vec)0.0f, (vec)1.0f, a >= b))
ZIP(equal, select((vec)0.0f, (vec)1.0f, a == b))

// y[i] = condition[i] != 0 ? a[i] : b[i]
KERNEL void choose(__global const float *condition, __global const float *a,
                   __global const float *b, __global float *y, uint n) {
  FOR_ELEMENTS(i, n)
    store(select(load(b, i, n), load(a, i, n), load(condition, i, n) != 0.0f), y, i, n);
}

KERNEL void scaled_add(float alpha, __global const float *x, float beta, __global float *y,
                       uint n) {
  FOR_ELEMENTS(i, n) {
    const vec scaled = alpha * load(x, i, n);
    store(beta == 0 ? scaled : scaled + beta * load(y, i, n), y, i, n);
  }
}
