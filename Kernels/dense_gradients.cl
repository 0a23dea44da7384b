// The gradients of a dense layer on GPUs, in tiles; see product.cl.

#include "product.cl"

// dx = f′(x)·((accumulateInput ? dx : 0) + dy·wᵀ), where x is the output of f, number `slopeOf`;
// dw (+)= xᵀ·dy and db (+)= the column sums of dy. The first `tiles` work-groups compute dx, the others dw.
TILED void dense_gradients(__global const float *x, __global const float *w,
                           __global const float *dy, __global float *dw, __global float *db,
                           __global float *dx, int batch, int inputs, int outputs, int accumulate,
                           int accumulateInput, int slopeOf, int tiles) {
  SLABS(left);
  SLABS(right);
  const int tile = TILE_NUMBER;
  const bool isInput = tile < tiles;
  const int depth = isInput ? outputs : batch;
  multiply(isInput ? dy : x, isInput ? w : dy, 0, isInput ? dx : dw, isInput ? 0 : db,
           isInput ? batch : inputs, isInput ? inputs : outputs, depth, !isInput, isInput,
           isInput ? accumulateInput : accumulate, 0, isInput && slopeOf ? x : 0, slopeOf,
           isInput ? tile : tile - tiles, 0, depth, left, right);
}
