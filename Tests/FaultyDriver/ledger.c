// What the program made and released, and the report of it.
#define _GNU_SOURCE
#include "layer.h"
#include "settings.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const kind_names[KINDS] = {
  "context", "queue", "memory", "program", "kernel", "event", "sampler", "mapping"};

/// The references of the program to an object.
typedef struct Entry {
  struct Entry *next;
  const void *object;
  Kind kind;
  long references;
} Entry;

enum { BUCKETS = 4096 };
static Entry *buckets[BUCKETS];
static struct {
  long made, retained, released, live, unknown;
} sums[KINDS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/// The link to an object's entry, or to the end of its bucket.
static Entry **find(Kind kind, const void *object) {
  Entry **link = &buckets[((uintptr_t)object >> 4) % BUCKETS];
  while (*link && ((*link)->object != object || (*link)->kind != kind)) link = &(*link)->next;
  return link;
}

void ledger_made(Kind kind, const void *object) {
  pthread_mutex_lock(&lock);
  Entry **link = find(kind, object);
  if (!*link) {
    *link = calloc(1, sizeof **link);
    (*link)->object = object;
    (*link)->kind = kind;
    sums[kind].live++;
  }
  (*link)->references++;
  sums[kind].made++;
  pthread_mutex_unlock(&lock);
}

void ledger_retained(Kind kind, const void *object) {
  pthread_mutex_lock(&lock);
  Entry *entry = *find(kind, object);
  if (entry) entry->references++;
  sums[kind].retained++;
  pthread_mutex_unlock(&lock);
}

void ledger_released(Kind kind, const void *object) {
  pthread_mutex_lock(&lock);
  Entry **link = find(kind, object), *entry = *link;
  sums[kind].released++;
  if (!entry) {
    // Released once too often, or never made.
    sums[kind].unknown++;
  } else if (--entry->references == 0) {
    *link = entry->next;
    free(entry);
    sums[kind].live--;
  }
  pthread_mutex_unlock(&lock);
}

static void append(const char *text) {
  int file = strcmp(settings.report, "-") == 0
                 ? dup(STDERR_FILENO)
                 : open(settings.report, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (file < 0) return;
  if (write(file, text, strlen(text)) < 0) perror(settings.report);
  close(file);
}

void report_line(const char *format, ...) {
  if (!settings.report) return;
  char text[256];
  va_list values;
  va_start(values, format);
  int length = snprintf(text, sizeof text, "%ld ", (long)getpid());
  length += vsnprintf(text + length, sizeof text - (size_t)length - 1, format, values);
  va_end(values);
  if (length > (int)sizeof text - 2) length = (int)sizeof text - 2;
  strcpy(text + length, "\n");
  append(text);
}

/// Runs when the process ends by itself, after the program's own clean-up.
__attribute__((destructor)) static void report_sums(void) {
  if (!settings.report) return;
  for (int call = 0; call < call_count; call++) {
    if (calls_of(call) > 0) report_line("calls %s %lu", call_names[call], calls_of(call));
  }
  for (int kind = 0; kind < KINDS; kind++) {
    report_line("objects %s made %ld retained %ld released %ld unknown %ld live %ld",
                kind_names[kind], sums[kind].made, sums[kind].retained, sums[kind].released,
                sums[kind].unknown, sums[kind].live);
  }
  report_line("calls all %lu", calls_of_all());
}
