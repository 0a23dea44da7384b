#include "decoder.h"

#include <string.h>

static void fail(png_structp png, png_const_charp reason) {
  DecodedImage *image = png_get_error_ptr(png);
  snprintf(image->reason, sizeof image->reason, "its PNG data is damaged (%s)", reason);
  png_longjmp(png, 1);
}

static void ignore(png_structp png, png_const_charp warning) {}

static void take(png_structp png, png_bytep bytes, size_t count) {
  ImageDecoder *decoder = png_get_io_ptr(png);
  if (decoder->left < count) png_error(png, "it is cut off");
  memcpy(bytes, decoder->next, count);
  decoder->next += count;
  decoder->left -= count;
}

/// Whether a picture has only grays.
static bool is_gray(png_structp png, png_infop info) {
  int type = png_get_color_type(png, info);
  if (type != PNG_COLOR_TYPE_PALETTE) return !(type & PNG_COLOR_MASK_COLOR);
  png_colorp palette;
  int count = 0;
  if (!png_get_PLTE(png, info, &palette, &count)) return false;
  for (int i = 0; i < count; i++) {
    if (palette[i].red != palette[i].green || palette[i].red != palette[i].blue) return false;
  }
  return true;
}

/// Composites on white, and keeps `kept` of the `channels` before the alpha channel; the others are equal
/// to them. It works in place.
static void reduce(uint8_t *pixels, size_t count, uint32_t channels, uint32_t kept, bool alpha) {
  uint32_t step = channels + alpha;
  for (size_t i = 0; i < count; i++) {
    const uint8_t *from = pixels + i * step;
    uint32_t opacity = alpha ? from[channels] : 255;
    uint8_t *to = pixels + i * kept;
    for (uint32_t channel = 0; channel < kept; channel++) {
      to[channel] = (from[channel] * opacity + 255 * (255 - opacity) + 127) / 255;
    }
  }
}

bool png_read_pixels(
    ImageDecoder *decoder, const uint8_t *bytes, size_t count, bool extentsOnly,
    DecodedImage *image) {
  decoder->next = bytes;
  decoder->left = count;
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, image, fail, ignore);
  png_infop info = png ? png_create_info_struct(png) : NULL;
  // No variable set before setjmp is changed after it.
  if (!info || setjmp(png_jmpbuf(png))) {
    if (!info) snprintf(image->reason, sizeof image->reason, "libpng does not start");
    png_destroy_read_struct(&png, &info, NULL);
    return false;
  }
  png_set_read_fn(png, decoder, take);
  png_set_crc_action(png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
  // Dimensions are checked below, with a better message. Texts and profiles don't affect pixels.
  png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  png_set_keep_unknown_chunks(
      png, PNG_HANDLE_CHUNK_NEVER, (png_const_bytep) "iCCP\0iTXt\0tEXt\0zTXt", 4);
  png_read_info(png, info);
  uint32_t width = png_get_image_width(png, info), height = png_get_image_height(png, info);
  bool isGray = is_gray(png, info);
  image->channels = isGray ? 1 : 3;
  if (!image_has_extents(image, width, height)) {
    png_destroy_read_struct(&png, &info, NULL);
    return false;
  }
  if (!extentsOnly) {
    png_set_expand(png);  // palettes to colours, 1 to 4 bits to 8, a transparent colour to alpha
    png_set_scale_16(png);
    int passes = png_set_interlace_handling(png);
    png_read_update_info(png, info);
    uint32_t all = png_get_channels(png, info);
    size_t row = png_get_rowbytes(png, info);
    uint8_t *pixels =
        row == (size_t)width * all ? store_bytes(&decoder->pixels, row * height) : NULL;
    if (!pixels) png_error(png, "out of memory");
    for (int pass = 0; pass < passes; pass++) {
      for (uint32_t y = 0; y < height; y++) png_read_row(png, pixels + y * row, NULL);
    }
    png_read_end(png, NULL);
    bool alpha = all == 2 || all == 4;
    if (all != image->channels) {
      reduce(pixels, (size_t)width * height, all - alpha, image->channels, alpha);
    }
    image->pixels = pixels;
  }
  png_destroy_read_struct(&png, &info, NULL);
  return true;
}
