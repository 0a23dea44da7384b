"""Who is measured: digitalis on a device, and peers that run as workers."""

import json
import subprocess
import tempfile
import threading


class Unavailable(Exception):
    """Why a contender has no figure; a note in the table."""


class Digitalis:
    """`digitalis bench` on one device, a process for each measurement."""

    is_peer = False

    def __init__(self, tool, label):
        self.tool, self.label, self.name = tool, label, f"digitalis {label}"
        self.device = self._bench("fill", seconds=0)["device"]
        self.description = "{name}, {platform} {driver}, {kernels} kernels".format(**self.device)

    def takes(self, work):
        return True

    def measure(self, work, seconds):
        """Seconds per call of a piece of work."""
        measurements = self._bench(work.bench, seconds)["measurements"]
        for measurement in measurements:
            if measurement["name"] == work.bench:
                return measurement["seconds"]
        raise Unavailable(f"digitalis bench has no '{work.bench}'")

    def _bench(self, text, seconds):
        command = [self.tool, "bench", "--device", self.label, "--matching", text]
        command += ["--repeats", "1", "--seconds", str(seconds), "--json"]
        result = subprocess.run(command, capture_output=True, text=True)
        if result.returncode != 0:
            raise Unavailable(last_line(result.stderr) or f"exit code {result.returncode}")
        return json.loads(result.stdout)


class Worker:
    """A process that waits for requests; see worker.h."""

    def __init__(self, name, command, environment):
        self.name = name
        self.errors = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            command, env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=self.errors)
        self.description = self._answer("ready", limit=120)

    def request(self, text, limit=600):
        """Seconds per call."""
        try:
            self.process.stdin.write(text + "\n")
            self.process.stdin.flush()
        except OSError:
            pass  # It has ended; the answer says why.
        return float(self._answer("ok", limit))

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
        self.process.stdin.close()
        self.process.terminate()
        self.process.wait()


class Peer:
    """A peer at one kind of work, by a worker that several may share.

    Without a worker it is there to say in the table why.
    """

    is_peer = True

    def __init__(self, name, kind, worker, variant="", missing=""):
        self.name, self.kind, self.worker, self.variant = name, kind, worker, variant
        self.missing = missing

    def takes(self, work):
        return work.kind == self.kind

    def measure(self, work, seconds):
        """Seconds per call of a piece of work."""
        if not self.worker:
            raise Unavailable(self.missing)
        return self.worker.request(f"{work.request.format(variant=self.variant)} {seconds}")


def last_line(text):
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else ""
