"""The contenders: digitalis on a device, and peers that run as workers."""

import json
import subprocess
import tempfile
import threading

import command
from errors import Unavailable, last_line


def bench(tool, device, matching, seconds, options=()):
    """The results of `digitalis bench` for the cases with one of these texts in their names, or for all."""
    arguments = [tool, "bench", "--device", device, "--no-peak", "--repeats", "1", "--json"]
    arguments += ["--seconds", str(seconds), *options]
    for text in matching:
        arguments += ["--matching", text]
    result = subprocess.run(arguments, capture_output=True, text=True)
    if result.returncode != 0:
        raise Unavailable(last_line(result.stderr) or f"exit code {result.returncode}")
    return json.loads(result.stdout)


class Digitalis:
    """`digitalis` on one device, a process for each measurement."""

    is_peer = False

    def __init__(self, tool, label):
        self.tool, self.label, self.name = tool, label, f"digitalis {label}"
        self.remarks = {}
        self.device = self._bench("fill", seconds=0)["device"]
        self.description = "{name}, {platform} {driver}, {kernels} kernels".format(**self.device)

    def takes(self, work):
        # Cases that need no device, or name their own, are measured once.
        return work.kind not in ("help", "memory") or self.label == "cpu"

    def measure(self, work, seconds):
        """Seconds per call of a case, or bytes for the memory of a command."""
        arguments = [self.tool, *work.command]
        if work.kind == "help":
            return command.seconds(arguments)
        if work.kind == "start":
            return command.seconds_to_first_step([*arguments, "--device", self.label])
        if work.kind == "memory":
            return command.memory(arguments)
        if work.kind == "search":
            seconds, self.remarks[work.title] = command.search(
                [*arguments, "--device", self.label], work.folder)
            return seconds
        for measurement in self._bench(work.bench, seconds, work.options)["measurements"]:
            if measurement["name"] == work.bench:
                return measurement["seconds"]
        raise Unavailable(f"digitalis bench has no '{work.bench}'")

    def _bench(self, text, seconds, options=()):
        return bench(self.tool, self.label, [text], seconds, options)


class Worker:
    """A process that waits for requests; see worker.h."""

    def __init__(self, name, arguments, environment):
        self.name = name
        self.errors = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            arguments, env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=self.errors)
        self.description = self._answer("ready", limit=120)

    def request(self, text, limit):
        """Seconds per call, and a remark."""
        try:
            self.process.stdin.write(text + "\n")
            self.process.stdin.flush()
        except OSError:
            pass  # It has ended; its answer says why.
        seconds, _, remark = self._answer("ok", limit).partition(" ")
        return float(seconds), remark

    def _answer(self, expected, limit):
        timer = threading.Timer(limit, self.process.kill)
        timer.start()
        line = self.process.stdout.readline().strip()
        overdue = not timer.is_alive()
        timer.cancel()
        word, _, rest = line.partition(" ")
        if word == expected:
            return rest
        if line:
            raise Unavailable(rest)
        self.errors.seek(0)
        raise Unavailable(
            f"no answer within {limit} s" if overdue
            else last_line(self.errors.read()) or "the worker ended without a word")

    def close(self):
        try:
            self.process.stdin.close()
        except OSError:
            pass  # It has ended, with a request that it never read.
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()
        self.errors.close()


class Peer:
    """A peer for one kind of case, by a worker that several may share.

    Without a worker, its row in the table says why.
    """

    is_peer = True

    def __init__(self, name, kind, worker, variant="", missing=""):
        self.name, self.kind, self.worker, self.variant = name, kind, worker, variant
        self.missing = missing
        self.remarks = {}

    def takes(self, work):
        return work.kind == self.kind

    def measure(self, work, seconds):
        """Seconds per call of a case."""
        if not self.worker:
            raise Unavailable(self.missing)
        request = work.request.format(variant=self.variant)
        result, remark = self.worker.request(
            f"{request} {seconds}", limit=7200 if work.once else 900)
        self.remarks[work.title] = remark
        return result
