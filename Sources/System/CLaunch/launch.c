// Swift can access neither functions that end in _np nor, without a warning, stdout.
#define _GNU_SOURCE
#include "CLaunch.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

void grow_default_stacks(size_t bytes) {
  pthread_attr_t attributes;
  size_t present;
  if (pthread_getattr_default_np(&attributes) != 0) return;
  if (pthread_attr_getstacksize(&attributes, &present) == 0 && present < bytes &&
      pthread_attr_setstacksize(&attributes, bytes) == 0) {
    pthread_setattr_default_np(&attributes);
  }
  pthread_attr_destroy(&attributes);
}

int finish_standard_output(void) {
  if (fflush(stdout) != 0) return errno;
  if (ferror(stdout)) {
    // The pipe still tells if its reader is gone.
    struct pollfd pipe = {.fd = STDOUT_FILENO, .events = POLLOUT};
    return poll(&pipe, 1, 0) == 1 && pipe.revents & POLLERR ? EPIPE : -1;
  }
  // Some file systems report an exceeded quota only now. The stream stays open for later output.
  int copy = dup(STDOUT_FILENO);
  return copy >= 0 && close(copy) != 0 ? errno : 0;
}
