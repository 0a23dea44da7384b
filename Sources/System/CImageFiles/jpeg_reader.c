#include "decoder.h"

#include <jerror.h>
#include <stdlib.h>
#include <string.h>

static void fail(j_common_ptr jpeg) {
  ImageDecoder *decoder = jpeg->client_data;
  char text[JMSG_LENGTH_MAX];
  jpeg->err->format_message(jpeg, text);
  DecodedImage *image = decoder->image;
  if (image) {
    snprintf(
        image->reason, sizeof image->reason, "its JPEG data cannot be read (%.150s)", text);
  }
  longjmp(decoder->landing, 1);
}

/// Every warning is about damage, except those about version numbers.
static void warn(j_common_ptr jpeg, int level) {
  int code = jpeg->err->msg_code;
  if (level < 0 && code != JWRN_JFIF_MAJOR && code != JWRN_ADOBE_XFORM) fail(jpeg);
}

static void ignore(j_common_ptr jpeg) {}

/// A few kilobytes of empty scans can keep libjpeg busy for hours.
static void check_scans(j_common_ptr jpeg) {
  ImageDecoder *decoder = jpeg->client_data;
  if (decoder->jpeg.input_scan_number > 200) {
    if (decoder->image) {
      snprintf(decoder->image->reason, sizeof decoder->image->reason, "has more than 200 scans");
    }
    longjmp(decoder->landing, 1);
  }
}

static bool start(ImageDecoder *decoder) {
  j_decompress_ptr jpeg = &decoder->jpeg;
  jpeg->err = jpeg_std_error(&decoder->jpegErrors);
  jpeg->err->error_exit = fail;
  jpeg->err->emit_message = warn;
  jpeg->err->output_message = ignore;
  jpeg->client_data = decoder;
  if (setjmp(decoder->landing)) {
    jpeg_destroy_decompress(jpeg);
    return false;
  }
  jpeg_create_decompress(jpeg);
  decoder->jpegProgress.progress_monitor = check_scans;
  jpeg->progress = &decoder->jpegProgress;
  jpeg_save_markers(jpeg, JPEG_APP0 + 1, 0xffff);  // EXIF
  return true;
}

ImageDecoder *image_decoder_create(void) {
  ImageDecoder *decoder = calloc(1, sizeof *decoder);
  if (!decoder || start(decoder)) return decoder;
  free(decoder);
  return NULL;
}

void image_decoder_destroy(ImageDecoder *decoder) {
  if (!decoder) return;
  jpeg_destroy_decompress(&decoder->jpeg);
  free(decoder->pixels.bytes);
  free(decoder->turned.bytes);
  free(decoder);
}

/// A number of `size` bytes, little-endian if `little`.
static uint32_t number(const uint8_t *bytes, int size, bool little) {
  uint32_t value = 0;
  for (int i = 0; i < size; i++) value = value << 8 | bytes[little ? size - 1 - i : i];
  return value;
}

/// The EXIF orientation, 1 to 8; 1 if there is none.
static int orientation(jpeg_saved_marker_ptr marker) {
  for (; marker; marker = marker->next) {
    if (marker->data_length < 14 || memcmp(marker->data, "Exif\0\0", 6) != 0) continue;
    const uint8_t *tiff = marker->data + 6;
    size_t length = marker->data_length - 6;
    bool little = memcmp(tiff, "II*\0", 4) == 0;
    if (!little && memcmp(tiff, "MM\0*", 4) != 0) continue;
    size_t start = number(tiff + 4, 4, little);
    if (start > length - 2) continue;
    size_t entries = number(tiff + start, 2, little);
    for (size_t i = 0; i < entries && start + 2 + 12 * (i + 1) <= length; i++) {
      const uint8_t *entry = tiff + start + 2 + 12 * i;
      if (number(entry, 2, little) != 0x0112 || number(entry + 2, 2, little) != 3) continue;
      uint32_t value = number(entry + 8, 2, little);
      return value >= 1 && value <= 8 ? (int)value : 1;
    }
  }
  return 1;
}

/// Rotates a picture upright: the source of the pixel at row `y` and column `x` depends on `way`.
static bool turn(ImageDecoder *decoder, DecodedImage *image, int way) {
  size_t width = image->width, height = image->height, channels = image->channels;
  uint8_t *turned = store_bytes(&decoder->turned, width * height * channels);
  if (!turned) return false;
  bool swaps = way >= 5;
  bool mirrorsX = way == 2 || way == 3 || way == 7 || way == 8;
  bool mirrorsY = way == 3 || way == 4 || way == 6 || way == 7;
  size_t rows = swaps ? width : height, columns = swaps ? height : width;
  uint8_t *to = turned;
  for (size_t y = 0; y < rows; y++) {
    for (size_t x = 0; x < columns; x++) {
      size_t column = swaps ? y : x, row = swaps ? x : y;
      if (mirrorsX) column = width - 1 - column;
      if (mirrorsY) row = height - 1 - row;
      memcpy(to, image->pixels + (row * width + column) * channels, channels);
      to += channels;
    }
  }
  image->pixels = turned;
  image->width = (uint32_t)columns;
  image->height = (uint32_t)rows;
  return true;
}

/// Converts a row of inks to RGB. Adobe's programs write inverted inks.
static void mix(const uint8_t *inks, uint8_t *colours, uint32_t width, bool inverted) {
  for (uint32_t x = 0; x < width; x++) {
    uint32_t black = inverted ? inks[4 * x + 3] : 255 - inks[4 * x + 3];
    for (int i = 0; i < 3; i++) {
      uint32_t ink = inverted ? inks[4 * x + i] : 255 - inks[4 * x + i];
      colours[3 * x + i] = (ink * black + 127) / 255;
    }
  }
}

/// Reads the rows after the header, and leaves libjpeg ready for another file.
static bool read_rows(ImageDecoder *decoder, DecodedImage *image) {
  j_decompress_ptr jpeg = &decoder->jpeg;
  bool isInk = jpeg->num_components == 4;
  size_t row = (size_t)image->width * image->channels;
  jpeg->out_color_space = isInk ? JCS_CMYK : image->channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  uint8_t *pixels = store_bytes(&decoder->pixels, row * image->height);
  uint8_t *inks = isInk ? store_bytes(&decoder->turned, (size_t)image->width * 4) : pixels;
  if (!pixels || !inks) return false;
  jpeg_start_decompress(jpeg);
  while (jpeg->output_scanline < jpeg->output_height) {
    uint8_t *line = pixels + jpeg->output_scanline * row;
    JSAMPROW target = isInk ? inks : line;
    jpeg_read_scanlines(jpeg, &target, 1);
    if (isInk) mix(inks, line, image->width, jpeg->saw_Adobe_marker);
  }
  int way = orientation(jpeg->marker_list);
  jpeg_finish_decompress(jpeg);
  image->pixels = pixels;
  return way == 1 || turn(decoder, image, way);
}

bool jpeg_read_pixels(
    ImageDecoder *decoder, const uint8_t *bytes, size_t count, bool extentsOnly,
    DecodedImage *image) {
  j_decompress_ptr jpeg = &decoder->jpeg;
  decoder->image = image;
  // No variable set before setjmp is changed after it.
  if (setjmp(decoder->landing)) {
    jpeg_abort_decompress(jpeg);
    return false;
  }
  jpeg_mem_src(jpeg, bytes, count);
  jpeg_read_header(jpeg, TRUE);
  image->channels = jpeg->num_components == 1 ? 1 : 3;
  bool done = image_has_extents(image, jpeg->image_width, jpeg->image_height);
  if (done && !extentsOnly) {
    done = read_rows(decoder, image);
    if (!done) snprintf(image->reason, sizeof image->reason, "out of memory");
  } else if (done && orientation(jpeg->marker_list) >= 5) {
    image->width = jpeg->image_height;
    image->height = jpeg->image_width;
  }
  jpeg_abort_decompress(jpeg);
  return done;
}
