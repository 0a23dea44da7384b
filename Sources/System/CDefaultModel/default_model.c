#include "CDefaultModel.h"

static const unsigned char model[] = {
#embed "default.safetensors"
};

const unsigned char *digitalis_default_model(void) { return model; }
const size_t digitalis_default_model_size = sizeof model;
