"""Measurements of whole digitalis commands: time, time to first output, memory."""

import json
import os
import pathlib
import pty
import subprocess
import tempfile
import time

from errors import Unavailable, last_line


def seconds(arguments):
    """How long a command takes."""
    start = time.perf_counter()
    result = subprocess.run(arguments, capture_output=True, text=True)
    elapsed = time.perf_counter() - start
    if result.returncode != 0:
        raise Unavailable(last_line(result.stderr) or f"exit code {result.returncode}")
    return elapsed


def seconds_to_first_step(arguments):
    """How long training takes to show its first step on a terminal; then it is stopped."""
    with tempfile.TemporaryDirectory() as folder:
        leader, follower = pty.openpty()
        start = time.perf_counter()
        process = subprocess.Popen(
            [*arguments, "--out", f"{folder}/run"], stdout=follower, stderr=follower)
        os.close(follower)
        output = b""
        try:
            while b"epoch 1" not in output:
                output += read(leader) or stop(output)
            return time.perf_counter() - start
        finally:
            process.kill()
            process.wait()
            os.close(leader)


def read(terminal):
    try:
        return os.read(terminal, 4096)
    except OSError:  # The process has ended.
        return b""


def stop(output):
    raise Unavailable(last_line(output.decode(errors="replace")) or "it ended without a word")


def memory(arguments):
    """The largest resident memory of a command in bytes."""
    process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise Unavailable(f"exit code {process.returncode}")
    return usage.ru_maxrss * 1024


def search(arguments, run):
    """How long a search from scratch takes, and how many candidates and images it scored."""
    history = pathlib.Path(run) / "search-medium2.jsonl"
    history.unlink(missing_ok=True)
    elapsed = seconds(arguments)
    with open(history, encoding="utf-8") as file:
        samples = [json.loads(line)["samples"] for line in list(file)[1:]]
    return elapsed, f"{len(samples):,} candidates, {sum(samples):,} images"
