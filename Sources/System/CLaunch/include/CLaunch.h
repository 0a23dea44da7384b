#pragma once

#include <stddef.h>

/// Gives threads that do not ask for a stack of their own, such as those of drivers, one of this size at
/// least. The C library takes it from the limit of the stack (`ulimit -s`) otherwise.
void grow_default_stacks(size_t bytes);

/// Writes out what standard output still holds.
///
/// Returns 0 when all that was ever printed has arrived, the number of an error, or -1 for an earlier one
/// whose number nobody noted.
int finish_standard_output(void);
