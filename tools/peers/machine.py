"""The circumstances of a measurement."""

import os
import platform
import time


def processor():
    for line in open("/proc/cpuinfo", encoding="utf-8"):
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def has_avx512():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        return "avx512f" in file.read()


def load():
    return " ".join(f"{value:.2f}" for value in os.getloadavg())


def busy_share(seconds=1):
    """The share of the processors' time that others use now."""

    def times():
        with open("/proc/stat", encoding="utf-8") as file:
            user, nice, system, idle, waiting, *rest = map(int, file.readline().split()[1:])
        return user + nice + system + sum(rest[:2]), idle + waiting

    before = times()
    time.sleep(seconds)
    busy, idle = (after - start for after, start in zip(times(), before))
    return busy / max(busy + idle, 1)


def warn_if_busy(share):
    if share > 0.05:
        print(
            f"warning: others use {share:.0%} of the processors; "
            "figures of such a run, above all those of peers with OpenMP, mean little")
