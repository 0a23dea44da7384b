// The gradients of a dense layer on processors with wide registers; see product_cpu.cl.

#include "product_cpu.cl"

// As dense_gradients.cl. The first `groups` work-groups compute dx, the others dw: panel by panel of columns,
// one block of rows after the other. In pairs x is for dx, y for dw.
KERNEL void dense_gradients(
    __global const float *x, __global const float *w, __global const float *dy,
    __global float *dw, __global float *db, __global float *dx, int batch, int inputs,
    int outputs, int accumulate, int accumulateInput, int slopeOf, int groups, int2 rowBlocks,
    int2 depthBlocks, __local float *panel) {
  const int group = get_group_id(0);
  if (group < groups) {
    const int panels = (inputs - 1) / TILE_COLUMNS + 1, row = group / panels * rowBlocks.x;
    multiply(dy, w, 0, dx, 0, batch, inputs, outputs, 0, 1, accumulateInput, 0, slopeOf ? x : 0, slopeOf,
             group % panels * TILE_COLUMNS, row, min(row + rowBlocks.x, batch), depthBlocks.x,
             panel);
  } else {
    const int panels = (outputs - 1) / TILE_COLUMNS + 1;
    const int row = (group - groups) / panels * rowBlocks.y;
    multiply(x, dy, 0, dw, db, inputs, outputs, batch, 1, 0, accumulate, 0, 0, 0,
             (group - groups) % panels * TILE_COLUMNS, row, min(row + rowBlocks.y, inputs),
             depthBlocks.y, panel);
  }
}
