// The cross-entropy of Bernoulli pixels from logits, in nats per row.

KERNEL void binary_cross_entropy(uint columns, __global const float *logits,
                                 __global const float *targets, __global float *loss) {
  SHARED float scratch[GROUP];
  const uint r = GROUP_ID;
  __global const float *l = logits + (size_t)r * columns, *x = targets + (size_t)r * columns;
  vec sum = 0;
  FOR_ROW(i, columns) {
    const vec logit = load(l, i, columns);
    // The two large terms first: where they cancel, softplus's contribution must not be lost.
    const vec large = select((vec)0.0f, logit, logit > 0.0f) - load(x, i, columns) * logit;
    sum += within(large + vlog1p(vexp(-fabs(logit))), i, columns);
  }
  const float total = group_sum(sum, scratch);
  if (get_local_id(0) == 0) loss[r] = total;
}

KERNEL void binary_cross_entropy_gradient(uint rows, uint columns, __global const float *logits,
                                          __global const float *targets,
                                          __global const float *loss_gradient, float all_rows,
                                          __global float *logits_gradient, int accumulate) {
  FOR_ROWS(r, rows) {
    const size_t start = (size_t)r * columns;
    const float g = of_row(loss_gradient, all_rows, r);
    FOR_ELEMENTS(i, columns) {
      const vec difference =
          sigmoid(load(logits + start, i, columns)) - load(targets + start, i, columns);
      const vec old = accumulate ? load(logits_gradient + start, i, columns) : (vec)0.0f;
      store(old + g * difference, logits_gradient + start, i, columns);
    }
  }
}
