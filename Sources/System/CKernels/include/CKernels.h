#pragma once

/// The text of `Kernels/<name>.cl`, or null if there is no such file. The text lives as long as the
/// program.
const char *_Nullable digitalis_kernel_source(const char *_Nonnull name);
