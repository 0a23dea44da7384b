#ifndef CPNG_WRITER_H
#define CPNG_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// A note in a PNG file. A value that is not ASCII is UTF-8 and needs an international chunk.
typedef struct {
  const char *keyword;
  const char *value;
  bool ascii;
} PNGNote;

/// A PNG file in memory, and why there is none.
typedef struct {
  uint8_t *bytes;  // the caller frees them, on failure too
  size_t count;
  size_t capacity;
  char reason[128];
} PNGFile;

/// Writes pixels of 1 channel (gray) or 4 (red, green, blue, alpha), 8 bits each, row by row, as a
/// PNG file; `file` starts as zeros.
///
/// libpng reports failure by longjmp, which must not cross Swift's frames: this file is where it
/// lands. Returns whether it succeeded; `file->reason` says why not.
bool png_write_pixels(
    const uint8_t *pixels, uint32_t width, uint32_t height, uint32_t channels,
    const PNGNote *notes, size_t noteCount, PNGFile *file);

#endif
