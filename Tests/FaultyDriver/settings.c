#define _GNU_SOURCE
#include "settings.h"

#include <ctype.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PREFIX "FAULTY_DRIVER_"

Settings settings;

extern char **environ;

static const struct {
  const char *name;
  size_t offset;
} texts[] = {
  {"TYPE", offsetof(Settings, type)},
  {"PLATFORM", offsetof(Settings, platform)},
  {"NAME", offsetof(Settings, name)},
  {"VENDOR", offsetof(Settings, vendor)},
  {"VERSION", offsetof(Settings, version)},
  {"OPENCL", offsetof(Settings, opencl)},
  {"KERNEL_GROUP", offsetof(Settings, kernel_group)},
  {"LOCAL_TYPE", offsetof(Settings, local_type)},
  {"GRID", offsetof(Settings, grid)},
  {"FAULT", offsetof(Settings, fault)},
  {"OF", offsetof(Settings, of)},
  {"COMMAND", offsetof(Settings, command)},
  {"WRONG", offsetof(Settings, wrong)},
  {"WRONG_OPTIONS", offsetof(Settings, wrong_options)},
  {"WRONG_HOW", offsetof(Settings, wrong_how)},
  {"REPORT", offsetof(Settings, report)},
};

static const struct {
  const char *name;
  size_t offset;
} numbers[] = {
  {"UNITS", offsetof(Settings, units)},
  {"UNIFIED", offsetof(Settings, unified)},
  {"ALIGNMENT", offsetof(Settings, alignment)},
  {"GROUP", offsetof(Settings, group)},
  {"MULTIPLE", offsetof(Settings, multiple)},
  {"LOCAL", offsetof(Settings, local)},
  {"ALLOCATION", offsetof(Settings, allocation)},
  {"MEMORY", offsetof(Settings, memory)},
  {"HIDE", offsetof(Settings, hide)},
  {"CODE", offsetof(Settings, code)},
  {"AT", offsetof(Settings, at)},
  {"EVERY", offsetof(Settings, every)},
  {"DELAY", offsetof(Settings, delay)},
  {"BUILD_DELAY", offsetof(Settings, build_delay)},
  {"WRONG_AFTER", offsetof(Settings, wrong_after)},
  {"WRONG_TIMES", offsetof(Settings, wrong_times)},
  {"WRONG_ARGUMENT", offsetof(Settings, wrong_argument)},
  {"WRONG_ELEMENT", offsetof(Settings, wrong_element)},
};

#define COUNT(table) (sizeof(table) / sizeof *(table))

static void refuse(const char *name, const char *value, const char *wanted) {
  fprintf(stderr, PREFIX "%s=%s: %s\n", name, value, wanted);
  exit(70);
}

/// Reads a number with an optional K, M or G (powers of 1024) up to the end or a comma.
static const char *read_number(const char *text, int64_t *value) {
  char *end;
  *value = strtoll(text, &end, 10);
  if (end == text) return NULL;
  const char *unit = *end ? strchr("KMG", toupper((unsigned char)*end)) : NULL;
  if (unit) {
    *value <<= 10 * (unit - "KMG" + 1);
    end++;
  }
  return *end == '\0' || *end == ',' ? end : NULL;
}

static bool set(const char *name, const char *value) {
  for (size_t i = 0; i < COUNT(texts); i++) {
    if (strcmp(name, texts[i].name) != 0) continue;
    *(const char **)((char *)&settings + texts[i].offset) = value;
    return true;
  }
  for (size_t i = 0; i < COUNT(numbers); i++) {
    if (strcmp(name, numbers[i].name) != 0) continue;
    int64_t *number = (int64_t *)((char *)&settings + numbers[i].offset);
    const char *end = read_number(value, number);
    if (!end || *end) refuse(name, value, "is not a number");
    return true;
  }
  return false;
}

/// The index of a word in a list that ends with NULL.
static int index_of(const char *name, const char *word, const char *const words[]) {
  for (int i = 0; words[i]; i++) {
    if (strcmp(word, words[i]) == 0) return i;
  }
  refuse(name, word, "is not one of README.md's words");
  return UNSET;
}

int64_t number_for(const char *list, const char *name) {
  int64_t value = UNSET;
  while (list) {
    const char *end = strchrnul(list, ',');
    const char *equals = memchr(list, '=', (size_t)(end - list));
    if (!equals) {
      read_number(list, &value);
    } else if (strlen(name) == (size_t)(equals - list) && strncmp(list, name, strlen(name)) == 0) {
      read_number(equals + 1, &value);
      return value;
    }
    list = *end ? end + 1 : NULL;
  }
  return value;
}

/// Whether this process is one that FAULTY_DRIVER_COMMAND means.
static bool is_meant(const char *text) {
  if (!text) return true;
  bool isWanted = *text != '!';
  if (!isWanted) text++;
  char words[1 << 14] = "";
  FILE *file = fopen("/proc/self/cmdline", "r");
  size_t length = file ? fread(words, 1, sizeof words - 1, file) : 0;
  if (file) fclose(file);
  for (size_t i = 0; i + 1 < length; i++) {
    if (!words[i]) words[i] = ' ';
  }
  return (strstr(words, text) != NULL) == isWanted;
}

void read_settings(void) {
  for (size_t i = 0; i < COUNT(numbers); i++) {
    *(int64_t *)((char *)&settings + numbers[i].offset) = UNSET;
  }
  settings.code = CL_OUT_OF_RESOURCES;
  for (char **variable = environ; *variable; variable++) {
    if (strncmp(*variable, PREFIX, strlen(PREFIX)) != 0) continue;
    char *name = strdup(*variable + strlen(PREFIX));
    char *value = strchr(name, '=');
    if (!value) continue;
    *value++ = '\0';
    // An empty value is none, so that scripts can pass on what may be unset.
    if (*value && !set(name, value)) refuse(name, value, "no such variable");
  }
  static const cl_device_type types[] = {
    CL_DEVICE_TYPE_GPU, CL_DEVICE_TYPE_CPU, CL_DEVICE_TYPE_ACCELERATOR};
  settings.device_type = types[index_of(
      "TYPE", settings.type ? settings.type : "gpu",
      (const char *const[]){"gpu", "cpu", "accelerator", NULL})];
  settings.fault_kind = (Fault)index_of(
      "FAULT", settings.fault ? settings.fault : "none",
      (const char *const[]){"none", "fail", "lose", "hang", "crash", "abort", "exit", NULL});
  index_of("WRONG_HOW", settings.wrong_how ? settings.wrong_how : "add",
           (const char *const[]){"add", "nan", "zero", NULL});
  index_of("LOCAL_TYPE", settings.local_type ? settings.local_type : "local",
           (const char *const[]){"local", "global", "none", NULL});
  const char *grid = settings.grid;
  for (int i = 0; i < 3; i++) {
    settings.grid_sizes[i] = grid || i == 0 ? UNSET : settings.grid_sizes[i - 1];
    if (!grid) continue;
    grid = read_number(grid, &settings.grid_sizes[i]);
    if (!grid) refuse("GRID", settings.grid, "is not a list of numbers");
    grid = *grid ? grid + 1 : NULL;
  }
  settings.is_faulty = is_meant(settings.command);
}
