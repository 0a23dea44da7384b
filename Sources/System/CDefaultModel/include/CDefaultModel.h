#pragma once
#include <stddef.h>

// The packaged model, a safetensors file that `digitalis export` wrote; see tools/studies/train-default.
const unsigned char *digitalis_default_model(void);
extern const size_t digitalis_default_model_size;
