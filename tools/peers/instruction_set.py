"""The instruction sets that contenders are restricted to, each by its own environment variables."""

import os

OWN_VARIABLE = "DIGITALIS_INSTRUCTION_SET"
PEERS = {
    "avx2": {
        "ATEN_CPU_CAPABILITY": "avx2",
        "DNNL_MAX_CPU_ISA": "AVX2",
        "MKL_ENABLE_INSTRUCTIONS": "AVX2",
        "ONEDNN_MAX_CPU_ISA": "AVX2",
        "OPENBLAS_CORETYPE": "Zen",
    },
    # The others choose AVX-512 by themselves where they want it.
    "avx512": {"OPENBLAS_CORETYPE": "SKYLAKEX"},
}
CHOICES = list(PEERS)
# Variables that would decide for the peers if inherited.
DECIDING = {"OPENBLAS_L2_SIZE", *(name for settings in PEERS.values() for name in settings)}


def peer_environment(forced=None):
    """The environment of this process, with the variables that restrict the peers to a set replaced."""
    inherited = {name: value for name, value in os.environ.items() if name not in DECIDING}
    return {**inherited, **PEERS.get(forced, {})}


def fact(forced, kernels):
    """What was forced on which contender, for the report; `kernels` are those of digitalis on cpu."""
    if not forced:
        return "not forced: each takes what it chooses itself"
    obeyed = [] if kernels != forced else ["digitalis cpu"]
    obeyed += ["OpenBLAS", "oneDNN", "PyTorch"] if forced == "avx2" else ["OpenBLAS"]
    ignored = "" if kernels == forced else f"; digitalis cpu has {kernels} kernels all the same"
    return f"{forced} forced for {', '.join(obeyed)}; the others choose themselves{ignored}"
