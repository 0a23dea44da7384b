#include "CImageFiles.h"

#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void fail(png_structp png, png_const_charp reason) {
  PNGFile *file = png_get_error_ptr(png);
  snprintf(file->reason, sizeof file->reason, "%s", reason);
  png_longjmp(png, 1);
}

static void ignore(png_structp png, png_const_charp warning) {}

static void append(png_structp png, png_bytep bytes, size_t count) {
  PNGFile *file = png_get_io_ptr(png);
  if (file->capacity - file->count < count) {
    size_t capacity = 2 * file->capacity + count;
    uint8_t *larger = realloc(file->bytes, capacity);
    if (!larger) png_error(png, "out of memory");
    file->bytes = larger;
    file->capacity = capacity;
  }
  memcpy(file->bytes + file->count, bytes, count);
  file->count += count;
}

static void flush(png_structp png) {}

bool png_write_pixels(
    const uint8_t *pixels, uint32_t width, uint32_t height, uint32_t channels,
    const PNGNote *notes, size_t noteCount, PNGFile *file) {
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, file, fail, ignore);
  png_infop info = png ? png_create_info_struct(png) : NULL;
  // No variable below is changed after setjmp and read after longjmp.
  if (!info || setjmp(png_jmpbuf(png))) {
    if (!info) snprintf(file->reason, sizeof file->reason, "libpng does not start");
    png_destroy_write_struct(&png, &info);
    return false;
  }
  png_set_write_fn(png, file, append, flush);
  int type = channels == 4   ? PNG_COLOR_TYPE_RGBA
             : channels == 3 ? PNG_COLOR_TYPE_RGB
                             : PNG_COLOR_TYPE_GRAY;
  png_set_IHDR(
      png, info, width, height, 8, type, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
      PNG_FILTER_TYPE_DEFAULT);
  for (size_t i = 0; i < noteCount; i++) {
    png_text text = {
        .compression = notes[i].ascii ? PNG_TEXT_COMPRESSION_NONE : PNG_ITXT_COMPRESSION_NONE,
        .key = (char *)notes[i].keyword,
        .text = (char *)notes[i].value,
    };
    png_set_text(png, info, &text, 1);  // copies both
  }
  png_write_info(png, info);
  for (uint32_t row = 0; row < height; row++) {
    png_write_row(png, pixels + (size_t)row * width * channels);
  }
  png_write_end(png, info);
  png_destroy_write_struct(&png, &info);
  return true;
}
