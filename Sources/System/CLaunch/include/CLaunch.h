#pragma once

#include <stddef.h>

/// Gives threads that do not ask for a stack size, such as drivers', at least this size. The C library
/// takes it from the stack limit (`ulimit -s`) otherwise.
void grow_default_stacks(size_t bytes);

/// Flushes standard output.
///
/// Returns 0 if everything printed has arrived, an error number, or -1 for an earlier error whose number is
/// lost.
int finish_standard_output(void);
