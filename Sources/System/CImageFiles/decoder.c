#include "decoder.h"

#include <stdlib.h>

bool image_has_extents(DecodedImage *image, uint32_t width, uint32_t height) {
  image->width = width;
  image->height = height;
  if (width == 0 || height == 0) {
    snprintf(image->reason, sizeof image->reason, "has no pixels (%u × %u)", height, width);
  } else if (width > IMAGE_SIDE_LIMIT || height > IMAGE_SIDE_LIMIT) {
    snprintf(
        image->reason, sizeof image->reason, "has %u × %u pixels, more than %d in a line", height,
        width, IMAGE_SIDE_LIMIT);
  } else if ((uint64_t)width * height > IMAGE_PIXEL_LIMIT) {
    snprintf(
        image->reason, sizeof image->reason, "has %u × %u pixels, more than %d million", height,
        width, IMAGE_PIXEL_LIMIT / 1000000);
  } else {
    return true;
  }
  return false;
}

uint8_t *store_bytes(Store *store, size_t count) {
  // libjpeg-turbo writes rows that start at a multiple of 32 bytes straight to memory, bypassing the
  // caches, and they are read again at once: so no row of a usual width may start there.
  const size_t shift = 1;
  if (store->capacity < count) {
    free(store->bytes);
    store->bytes = count <= SIZE_MAX - shift ? malloc(count + shift) : NULL;
    store->capacity = store->bytes ? count : 0;
  }
  return store->bytes ? store->bytes + shift : NULL;
}
