#ifndef DECODER_H
#define DECODER_H

#include "CImageFiles.h"

#include <setjmp.h>
#include <stdio.h>
#include <jpeglib.h>
#include <png.h>

/// Memory that grows and is kept.
typedef struct {
  uint8_t *bytes;
  size_t capacity;
} Store;

struct ImageDecoder {
  struct jpeg_decompress_struct jpeg;
  struct jpeg_error_mgr jpegErrors;
  struct jpeg_progress_mgr jpegProgress;
  jmp_buf landing;
  DecodedImage *image;  // the one being read
  Store pixels;
  Store turned;  // the picture turned, or a row of inks
  const uint8_t *next;  // the PNG bytes not read yet
  size_t left;
};

/// Checks dimensions before memory is allocated for them; says what is wrong with them.
bool image_has_extents(DecodedImage *image, uint32_t width, uint32_t height);

/// Memory for `count` bytes, uninitialised; NULL if there is none.
uint8_t *store_bytes(Store *store, size_t count);

#endif
