// y[i] = f(x[i]) and its like.

// The derivative of a function, from its output.
static vec derivative(int function, vec y) {
  switch (function) {
  case RELU: return select((vec)0.0f, (vec)1.0f, y > 0.0f);
  case SIGMOID: return y * (1.0f - y);
  case SOFTPLUS: return -vexpm1(-y);
  case EXP: return y;
  default: return 1.0f;
  }
}

KERNEL void map(int function, __global const float *x, __global float *y, uint n) {
  FOR_ELEMENTS(i, n) store(activate(function, load(x, i, n)), y, i, n);
}

KERNEL void map_gradient(int function, __global const float *y, __global const float *dy,
                         __global float *dx, uint n, int accumulate) {
  FOR_ELEMENTS(i, n) {
    const vec gradient = load(dy, i, n) * derivative(function, load(y, i, n));
    store(accumulate ? load(dx, i, n) + gradient : gradient, dx, i, n);
  }
}

KERNEL void fill(float value, __global float *y, uint n) {
  FOR_ELEMENTS(i, n) store(value, y, i, n);
}

#define ADD 0
#define SUBTRACT 1

KERNEL void zip(int function, __global const float *a, __global const float *b,
                __global float *c, uint n) {
  FOR_ELEMENTS(i, n) {
    const vec x = load(a, i, n), y = load(b, i, n);
    store(function == ADD ? x + y : function == SUBTRACT ? x - y : x * y, c, i, n);
  }
}

KERNEL void scaled_add(float alpha, __global const float *x, float beta, __global float *y,
                       uint n) {
  FOR_ELEMENTS(i, n) {
    const vec scaled = alpha * load(x, i, n);
    store(beta == 0 ? scaled : scaled + beta * load(y, i, n), y, i, n);
  }
}
