#ifndef C_IMAGE_FILES_H
#define C_IMAGE_FILES_H

// libpng and libjpeg report failure by longjmp, which must not cross Swift's frames: it is caught in this
// target.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// A note in a PNG file. A value that is not ASCII is UTF-8 and needs an international chunk.
typedef struct {
  const char *keyword;
  const char *value;
  bool ascii;
} PNGNote;

/// A PNG file in memory, or the reason why there is none.
typedef struct {
  uint8_t *bytes;  // the caller frees them, on failure too
  size_t count;
  size_t capacity;
  char reason[128];
} PNGFile;

/// Writes pixels of 1 channel (gray), 3 (red, green, blue) or 4 (alpha too), 8 bits each, row by
/// row, as a PNG file; `file` starts as zeros.
///
/// Returns whether it succeeded; `file->reason` says why not.
bool png_write_pixels(
    const uint8_t *pixels, uint32_t width, uint32_t height, uint32_t channels,
    const PNGNote *notes, size_t noteCount, PNGFile *file);

/// Decodes pictures, one after another, on one thread at a time. It keeps its memory for the next one.
typedef struct ImageDecoder ImageDecoder;

/// A picture, or the reason why there is none.
typedef struct {
  const uint8_t *pixels;  // the decoder's own, until it reads the next picture or ends
  uint32_t width;
  uint32_t height;
  uint32_t channels;  // 1 (gray) or 3 (red, green, blue), 8 bits each
  char reason[200];
} DecodedImage;

/// The maximum number of pixels of a picture, and of a row or a column.
enum { IMAGE_PIXEL_LIMIT = 64000000, IMAGE_SIDE_LIMIT = 1000000 };

/// Makes a decoder; NULL if memory runs out.
ImageDecoder *image_decoder_create(void);
void image_decoder_destroy(ImageDecoder *decoder);

/// Reads a PNG file: 16 bits become 8, palettes become colours, and transparency becomes white.
///
/// A palette of grays makes a gray picture. Damage to any part of the file is a failure.
/// With `extentsOnly` it reads only the header, and there are no pixels.
/// Returns whether it succeeded; `image->reason` says why not.
bool png_read_pixels(
    ImageDecoder *decoder, const uint8_t *bytes, size_t count, bool extentsOnly,
    DecodedImage *image);

/// Reads a JPEG file, rotated by its EXIF orientation; inks (CMYK, YCCK) become RGB.
///
/// Damage that libjpeg would repair with a warning, such as truncated data, is a failure.
/// Parameters and result are those of `png_read_pixels`.
bool jpeg_read_pixels(
    ImageDecoder *decoder, const uint8_t *bytes, size_t count, bool extentsOnly,
    DecodedImage *image);

#endif
