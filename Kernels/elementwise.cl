// y[i] = f(x[i]) and its like.

// The functions that no other kernel has; the numbers go on.
#define TANH 5
#define LEAKY_RELU 6
#define SQUARE_ROOT 7
#define RECIPROCAL 8
#define LOG 9
#define SQUARE 10
#define ABSOLUTE 11
#define GELU 12
#define SILU 13

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

// The distribution function of N(0, 1), to 1e-7 (Abramowitz and Stegun, 1964, 7.1.26).
static vec normal_distribution(vec x) {
  const vec z = fabs(x) * 0.70710678f, t = 1.0f / (1.0f + 0.3275911f * z);
  vec p = 1.06140543f * t - 1.45315203f;
  p = p * t + 1.42141374f;
  p = p * t - 0.28449674f;
  p = p * t + 0.25482959f;
  const vec tail = p * t * vexp(-z * z) * 0.5f;
  return select(tail, 1.0f - tail, x > 0.0f);
}

static vec apply(int function, vec x) {
  switch (function) {
  case TANH: return hyperbolic_tangent(x);
  case LEAKY_RELU: return select(x, x * LEAK, x < 0.0f);
  case SQUARE_ROOT: return sqrt(x);
  case RECIPROCAL: return 1.0f / x;
  case LOG: return log(x);
  case SQUARE: return x * x;
  case ABSOLUTE: return fabs(x);
  case GELU: return x * normal_distribution(x);
  case SILU: return x * two_sided_sigmoid(x);
  default: return activate(function, x);
  }
}

// The derivative of a function, from its output; that of log and what follows from its input.
static vec derivative(int function, vec y) {
  switch (function) {
  case RELU: return select((vec)0.0f, (vec)1.0f, y > 0.0f);
  case SIGMOID: return y * (1.0f - y);
  case SOFTPLUS: return -vexpm1(-y);
  case EXP: return y;
  case TANH: return (1.0f - y) * (1.0f + y);
  case LEAKY_RELU: return select((vec)LEAK, (vec)1.0f, y > 0.0f);
  case SQUARE_ROOT: return 0.5f / y;
  case RECIPROCAL: return -y * y;
  case LOG: return 1.0f / y;
  case SQUARE: return 2.0f * y;
  case ABSOLUTE: return select(select((vec)0.0f, (vec)1.0f, y > 0.0f), (vec)-1.0f, y < 0.0f);
  case GELU: return normal_distribution(y) + y * vexp(-0.5f * y * y) * 0.39894228f;
  case SILU: {
    // 1 - s of x is s of -x.
    const vec s = two_sided_sigmoid(y);
    return s + y * s * two_sided_sigmoid(-y);
  }
  default: return 1.0f;
  }
}

KERNEL void map(int function, __global const float *x, __global float *y, uint n) {
  FOR_ELEMENTS(i, n) store(apply(function, load(x, i, n)), y, i, n);
}

// point: the output of the function, or its input.
KERNEL void map_gradient(int function, __global const float *point, __global const float *dy,
                         __global float *dx, uint n, int accumulate) {
  FOR_ELEMENTS(i, n) {
    const vec gradient = load(dy, i, n) * derivative(function, load(point, i, n));
    store(accumulate ? load(dx, i, n) + gradient : gradient, dx, i, n);
  }
}

KERNEL void fill(float value, __global float *y, uint n) {
  FOR_ELEMENTS(i, n) store(value, y, i, n);
}

// The numbers of BinaryFunction.
#define ADD 0
#define SUBTRACT 1
#define MULTIPLY 2
#define DIVIDE 3
#define MAXIMUM 4
#define MINIMUM 5
#define GREATER 6

static vec combine(int function, vec a, vec b) {
  switch (function) {
  case ADD: return a + b;
  case SUBTRACT: return a - b;
  case MULTIPLY: return a * b;
  case DIVIDE: return a / b;
  // A NaN is unequal to itself, and wins.
  case MAXIMUM: return select(a, b, b > a || b != b);
  case MINIMUM: return select(a, b, b < a || b != b);
  case GREATER: return select((vec)0.0f, (vec)1.0f, a > b);
  default: return a;
  }
}

KERNEL void zip(int function, __global const float *a, __global const float *b,
                __global float *c, uint n) {
  FOR_ELEMENTS(i, n) store(combine(function, load(a, i, n), load(b, i, n)), c, i, n);
}

KERNEL void scaled_add(float alpha, __global const float *x, float beta, __global float *y,
                       uint n) {
  FOR_ELEMENTS(i, n) {
    const vec scaled = alpha * load(x, i, n);
    store(beta == 0 ? scaled : scaled + beta * load(y, i, n), y, i, n);
  }
}
