#pragma once
#include <stddef.h>

// The packaged model, a safetensors file written by `digitalis export`; see tools/studies/train-default.
const unsigned char *digitalis_default_model(void);
extern const size_t digitalis_default_model_size;
