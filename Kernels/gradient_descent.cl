// One step of gradient descent with momentum.

KERNEL void gradient_descent_step(__global float *parameters, __global const float *gradients,
                                  __global float *velocities, uint n, float rate, float momentum,
                                  float weight_decay, int is_nesterov) {
  FOR_ELEMENTS(i, n) {
    const vec p = load(parameters, i, n);
    const vec g = fma(weight_decay, p, load(gradients, i, n));
    const vec v = flushed(fma(momentum, load(velocities, i, n), g));
    store(v, velocities, i, n);
    store(p - rate * (is_nesterov ? fma(momentum, v, g) : v), parameters, i, n);
  }
}
