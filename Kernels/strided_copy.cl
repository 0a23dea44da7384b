// Copies that visit their operands by strides.

#include "strides.cl"

// Raw bits: floats or integers.
KERNEL void strided_copy(__global const uint *x, __global uint *y, uint rows, uint n, uint4 extents,
                         int4 x_steps, int4 y_steps, int x_step, int y_step, uint x_offset,
                         uint y_offset) {
  FOR_ROWS(r, rows) {
    __global const uint *from = x + x_offset + row_start(r, extents, x_steps);
    __global uint *to = y + y_offset + row_start(r, extents, y_steps);
    FOR_RANGE(i, n, 1) to[(long)i * y_step] = from[(long)i * x_step];
  }
}

KERNEL void strided_add(__global const float *x, __global float *y, uint rows, uint n, uint4 extents,
                        int4 x_steps, int4 y_steps, int x_step, int y_step, uint x_offset,
                        uint y_offset) {
  FOR_ROWS(r, rows) {
    __global const float *from = x + x_offset + row_start(r, extents, x_steps);
    __global float *to = y + y_offset + row_start(r, extents, y_steps);
    FOR_RANGE(i, n, 1) to[(long)i * y_step] += from[(long)i * x_step];
  }
}
