// The transforms of convolutions with kernels of 3 × 3 by tiles of 4 × 4 results: F(4 × 4, 3 × 3) of Lavin and Gray,
// "Fast Algorithms for Convolutional Neural Networks" (2015).
//
// A tile is Y = Aᵀ[(G g Gᵀ) ⊙ (Bᵀ d B)]A, where d is the 6 × 6 patch under the kernel g. Summed over the channels, ⊙
// is 36 matrix products, with a quarter of the multiplications. The gradient of the weights is
// Gᵀ[(A dY Aᵀ) ⊙ (Bᵀ d B)]G, summed over the tiles. The transforms evaluate polynomials at 0, ±P, ±Q and ∞; with the
// paper's 1 and 2 rounding errors are twice as large on average, and four times at worst.
#define P 0.625f
#define Q 1.5f
#define POINTS 36

// to[i·step] = (Bᵀ x)[i]
static void transform_patch(const vec x[6], vec *to, const int step) {
  const vec evenP = x[4] - Q * Q * x[2], oddP = P * (x[3] - Q * Q * x[1]);
  const vec evenQ = x[4] - P * P * x[2], oddQ = Q * (x[3] - P * P * x[1]);
  to[0] = P * P * Q * Q * x[0] - (P * P + Q * Q) * x[2] + x[4];
  to[step] = evenP + oddP;
  to[2 * step] = evenP - oddP;
  to[3 * step] = evenQ + oddQ;
  to[4 * step] = evenQ - oddQ;
  to[5 * step] = P * P * Q * Q * x[1] - (P * P + Q * Q) * x[3] + x[5];
}

// to[i·step] = (G x)[i]
static void transform_kernel(const vec x[3], vec *to, const int step) {
  const vec evenP = x[0] + P * P * x[2], oddP = P * x[1];
  const vec evenQ = x[0] + Q * Q * x[2], oddQ = Q * x[1];
  const float scaleP = 1 / (2 * P * P * (P * P - Q * Q));
  const float scaleQ = 1 / (2 * Q * Q * (Q * Q - P * P));
  to[0] = x[0] * (1 / (P * P * Q * Q));
  to[step] = (evenP + oddP) * scaleP;
  to[2 * step] = (evenP - oddP) * scaleP;
  to[3 * step] = (evenQ + oddQ) * scaleQ;
  to[4 * step] = (evenQ - oddQ) * scaleQ;
  to[5 * step] = x[2];
}

// to[i·step] = (Aᵀ x)[i]
static void transform_product(const vec x[6], vec *to, const int step) {
  const vec evenP = x[1] + x[2], oddP = x[1] - x[2];
  const vec evenQ = x[3] + x[4], oddQ = x[3] - x[4];
  to[0] = x[0] + evenP + evenQ;
  to[step] = P * oddP + Q * oddQ;
  to[2 * step] = P * P * evenP + Q * Q * evenQ;
  to[3 * step] = P * P * P * oddP + Q * Q * Q * oddQ + x[5];
}

// The maxima of a tile's 2 × 2 windows, in its first four places.
static void pool_tile(vec tile[16]) {
  #pragma unroll
  for (int window = 0; window < 4; window++) {
    const int first = window / 2 * 8 + window % 2 * 2;
    vec greatest = tile[first];
    #pragma unroll
    for (int k = 1; k < 4; k++) {
      const vec other = tile[first + k / 2 * 4 + k % 2];
      greatest = select(greatest, other, other > greatest || isnan(other));
    }
    tile[window] = greatest;
  }
}

// to[i·step] = (A y)[i]
static void transform_gradient(const vec y[4], vec *to, const int step) {
  const vec evenP = y[0] + P * P * y[2], oddP = P * (y[1] + P * P * y[3]);
  const vec evenQ = y[0] + Q * Q * y[2], oddQ = Q * (y[1] + Q * Q * y[3]);
  to[0] = y[0];
  to[step] = evenP + oddP;
  to[2 * step] = evenP - oddP;
  to[3 * step] = evenQ + oddQ;
  to[4 * step] = evenQ - oddQ;
  to[5 * step] = y[3];
}

// to[i·step] = (Gᵀ x)[i]
static void transform_weights(const vec x[6], vec *to, const int step) {
  const float scaleP = 1 / (2 * P * P * (P * P - Q * Q));
  const float scaleQ = 1 / (2 * Q * Q * (Q * Q - P * P));
  const vec evenP = scaleP * (x[1] + x[2]), oddP = P * scaleP * (x[1] - x[2]);
  const vec evenQ = scaleQ * (x[3] + x[4]), oddQ = Q * scaleQ * (x[3] - x[4]);
  to[0] = x[0] * (1 / (P * P * Q * Q)) + evenP + evenQ;
  to[step] = oddP + oddQ;
  to[2 * step] = P * P * evenP + Q * Q * evenQ + x[5];
}
