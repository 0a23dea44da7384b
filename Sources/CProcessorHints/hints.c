#include "CProcessorHints.h"
