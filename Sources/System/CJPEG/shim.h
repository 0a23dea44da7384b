#include <stdio.h>
// It needs the types of stdio.h.
#include <jpeglib.h>
