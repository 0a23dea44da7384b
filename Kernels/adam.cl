// One step of Adam; the moments' bias corrections come from the host.

KERNEL void adam_step(__global float *parameters, __global const float *gradients,
                      __global float *first_moments, __global float *second_moments, uint n,
                      float rate, float first_decay, float second_decay, float epsilon,
                      float first_correction, float second_correction,
                      float remainder) {
  FOR_ELEMENTS(i, n) {
    const vec g = load(gradients, i, n);
    const vec m = flushed(fma(first_decay, load(first_moments, i, n), (1.0f - first_decay) * g));
    const vec v =
        flushed(fma(second_decay, load(second_moments, i, n), (1.0f - second_decay) * g * g));
    const vec step = rate * (m * first_correction) / (sqrt(v * second_correction) + epsilon);
    store(m, first_moments, i, n);
    store(v, second_moments, i, n);
    store(remainder * load(parameters, i, n) - step, parameters, i, n);
  }
}
