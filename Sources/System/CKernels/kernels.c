#include "CKernels.h"

#include <string.h>

// Each file of the folder Kernels is embedded in the binary unchanged, with a terminating zero.

static const char adam[] = {
#embed "../../../Kernels/adam.cl"
    , 0};
static const char conv2d[] = {
#embed "../../../Kernels/conv2d.cl"
    , 0};
static const char conv2d_cpu[] = {
#embed "../../../Kernels/conv2d_cpu.cl"
    , 0};
static const char dense_gradients[] = {
#embed "../../../Kernels/dense_gradients.cl"
    , 0};
static const char dense_gradients_cpu[] = {
#embed "../../../Kernels/dense_gradients_cpu.cl"
    , 0};
static const char elementwise[] = {
#embed "../../../Kernels/elementwise.cl"
    , 0};
static const char gather[] = {
#embed "../../../Kernels/gather.cl"
    , 0};
static const char gaussian[] = {
#embed "../../../Kernels/gaussian.cl"
    , 0};
static const char gradient_descent[] = {
#embed "../../../Kernels/gradient_descent.cl"
    , 0};
static const char kernel_discrepancy[] = {
#embed "../../../Kernels/kernel_discrepancy.cl"
    , 0};
static const char loss[] = {
#embed "../../../Kernels/loss.cl"
    , 0};
static const char matmul[] = {
#embed "../../../Kernels/matmul.cl"
    , 0};
static const char matmul_cpu[] = {
#embed "../../../Kernels/matmul_cpu.cl"
    , 0};
static const char peak[] = {
#embed "../../../Kernels/peak.cl"
    , 0};
static const char pool[] = {
#embed "../../../Kernels/pool.cl"
    , 0};
static const char prelude[] = {
#embed "../../../Kernels/prelude.cl"
    , 0};
static const char product[] = {
#embed "../../../Kernels/product.cl"
    , 0};
static const char product_cpu[] = {
#embed "../../../Kernels/product_cpu.cl"
    , 0};
static const char random_[] = {
#embed "../../../Kernels/random.cl"
    , 0};
static const char reduce[] = {
#embed "../../../Kernels/reduce.cl"
    , 0};
static const char rows[] = {
#embed "../../../Kernels/rows.cl"
    , 0};
static const char softmax[] = {
#embed "../../../Kernels/softmax.cl"
    , 0};
static const char strided_copy[] = {
#embed "../../../Kernels/strided_copy.cl"
    , 0};
static const char strides[] = {
#embed "../../../Kernels/strides.cl"
    , 0};
static const char tile[] = {
#embed "../../../Kernels/tile.cl"
    , 0};
static const char winograd[] = {
#embed "../../../Kernels/winograd.cl"
    , 0};
static const char winograd_cpu[] = {
#embed "../../../Kernels/winograd_cpu.cl"
    , 0};
static const char winograd_transforms[] = {
#embed "../../../Kernels/winograd_transforms.cl"
    , 0};

static const struct {
  const char *name, *source;
} sources[] = {
    {"adam", adam},
    {"conv2d", conv2d},
    {"conv2d_cpu", conv2d_cpu},
    {"dense_gradients", dense_gradients},
    {"dense_gradients_cpu", dense_gradients_cpu},
    {"elementwise", elementwise},
    {"gather", gather},
    {"gaussian", gaussian},
    {"gradient_descent", gradient_descent},
    {"kernel_discrepancy", kernel_discrepancy},
    {"loss", loss},
    {"matmul", matmul},
    {"matmul_cpu", matmul_cpu},
    {"peak", peak},
    {"pool", pool},
    {"prelude", prelude},
    {"product", product},
    {"product_cpu", product_cpu},
    {"random", random_},
    {"reduce", reduce},
    {"rows", rows},
    {"softmax", softmax},
    {"strided_copy", strided_copy},
    {"strides", strides},
    {"tile", tile},
    {"winograd", winograd},
    {"winograd_cpu", winograd_cpu},
    {"winograd_transforms", winograd_transforms},
};

const char *digitalis_kernel_source(const char *name) {
  for (size_t i = 0; i < sizeof sources / sizeof *sources; i++)
    if (strcmp(sources[i].name, name) == 0) return sources[i].source;
  return NULL;
}
