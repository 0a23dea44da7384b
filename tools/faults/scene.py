"""Runs of the tool behind the layer of Tests/FaultyDriver, and what became of them."""

import array
import concurrent.futures
import dataclasses
import json
import os
import pathlib
import re
import shutil
import signal
import struct
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
# 20 steps; no launch in parts, of which there are more or fewer as the machine is fast.
TRAINING = [
    "train", "vae", "--dataset", "data", "--batch", "10", "--epochs", "2", "--latent", "2",
    "--launch-milliseconds", "3600000"]
# Where PoCL keeps what it has built, whatever else is imitated.
COMPILED = os.environ.get("POCL_CACHE_DIR") or str(
    pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "pocl/kcache")
CRASHES = re.compile("Program crashed|Fatal error|core dumped|Illegal instruction")


@dataclasses.dataclass
class Outcome:
    """What a command did."""

    folder: pathlib.Path
    status: int  # Negative: the signal that ended it; None: it was stopped, since it hung.
    output: str
    errors: str
    report: list  # The lines of the layer, without the process's number, of the command itself.
    probe: list  # The same of the process that tried the driver before.

    @property
    def device(self):
        lines = [line for line in self.output.splitlines() if line.startswith("device: ")]
        return lines[0].removeprefix("device: ") if lines else ""

    @property
    def takeover(self):
        lines = [line for line in self.output.splitlines() if "takes over" in line]
        return lines[0] if lines else ""

    def events(self, word):
        return [line for line in self.report if line.startswith(word)]

    def live(self):
        """The kinds of objects that are still alive, or were released too often."""
        found = [re.match(r"objects (\w+) .* unknown (\d+) live (-?\d+)", line) for line in self.report]
        return [match.group(0) for match in found if match and (match.group(2), match.group(3)) != ("0", "0")]

    def tail(self):
        lines = (self.output + self.errors).strip().splitlines()
        return lines[-1][:300] if lines else "nothing was printed"


class Scene:
    """A folder with a data set, the layer, and a place for each run."""

    def __init__(self, tool, folder, jobs, patience):
        self.folder, self.patience = pathlib.Path(folder).resolve(), patience
        # A copy, so that a build meanwhile does no harm.
        self.tool = pathlib.Path(shutil.copy(tool, self.folder / "digitalis"))
        self.layer = self.folder / "faulty.so"
        subprocess.run([ROOT / "Tests/FaultyDriver/build", self.layer], check=True)
        self.dataset("data", 100, 50)
        self.pool = concurrent.futures.ThreadPoolExecutor(jobs)
        self.count = 0

    def dataset(self, name, training, test):
        subprocess.run(
            [ROOT / "tools/sets/blobs", self.folder / name, str(training), str(test)], check=True,
            stdout=subprocess.DEVNULL)

    def place(self, name, template=None):
        """A new folder to run in, or a copy of one."""
        self.count += 1
        folder = self.folder / f"{self.count:05}-{name}"
        if template:
            shutil.copytree(template, folder, symlinks=True)
            return folder
        folder.mkdir()
        for data in self.folder.glob("data*"):
            (folder / data.name).symlink_to(data)
        return folder

    def run(self, folder, words, patience=None, interrupt=None, cache=None, **variables):
        """Runs the tool behind the layer with FAULTY_DRIVER_…=value.

        `interrupt` are the seconds after which it gets a first Ctrl-C, and a second one a second later; `cache` is a
        folder for what the tool keeps."""
        report = folder / "report.txt"
        report.unlink(missing_ok=True)
        environment = {k: v for k, v in os.environ.items() if not k.startswith("FAULTY_DRIVER_")}
        environment |= {
            "SWIFT_BACKTRACE": "enable=no", "POCL_MAX_PTHREAD_COUNT": "1", "POCL_CACHE_DIR": COMPILED,
            "XDG_CACHE_HOME": str(cache or self.folder / "cache"), "OPENCL_LAYERS": str(self.layer),
            "FAULTY_DRIVER_REPORT": str(report), "FAULTY_DRIVER_NAME": "Imitated GPU"}
        environment |= {f"FAULTY_DRIVER_{k.upper()}": str(v) for k, v in variables.items()}
        process = subprocess.Popen(
            [self.tool, *map(str, words)], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=heed_signals)
        limits = [patience or self.patience] if interrupt is None else [interrupt, 1, 10]
        for limit in limits:
            try:
                output, errors = process.communicate(timeout=limit)
                status = process.returncode
                break
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGINT)
        else:
            process.kill()
            output, errors = process.communicate()
            status = None
        lines = report.read_text().splitlines() if report.exists() else []
        pairs = [line.split(" ", 1) for line in lines]
        own = [text for number, text in pairs if number == str(process.pid)]
        others = [text for number, text in pairs if number != str(process.pid)]
        return Outcome(folder, status, output, errors, own, others)

    def train(self, name, training=TRAINING, device="auto", **variables):
        """A training, by default of 20 steps."""
        words = [*training, "--out", "run", "--device", device]
        outcome = self.run(self.place(name), words, **variables)
        if "hung, or was killed" in outcome.device and variables.get("fault") != "hang":
            # PoCL had to compile for more than the two minutes of the probe, and has now some of it.
            outcome = self.run(self.place(name), words, **variables)
        return outcome

    def each(self, function, items):
        """The results of a function, computed in parallel, in order and each as soon as it is there."""
        return self.pool.map(function, items)


def heed_signals():
    """A shell's background processes ignore some."""
    for number in [signal.SIGINT, signal.SIGQUIT, signal.SIGHUP]:
        signal.signal(number, signal.SIG_DFL)


def tensors(path):
    """The arrays of a safetensors file; an error if it isn't whole."""
    data = pathlib.Path(path).read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    values, ends = {}, [0]
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        first, last = entry["data_offsets"]
        ends.append(last)
        if entry["dtype"] == "F32":
            values[name] = array.array("f", data[8 + length + first : 8 + length + last])
    if 8 + length + max(ends) != len(data):
        raise ValueError(f"{path} is not whole")
    return values


def damage(run):
    """What is wrong with the files of a run, in words; empty if each is whole and finite."""
    found = []
    for path in sorted(run.glob("*")) if run.exists() else []:
        try:
            if path.name.endswith(".safetensors"):
                for name, values in tensors(path).items():
                    if any(value != value or abs(value) == float("inf") for value in values):
                        found.append(f"{path.name}: {name} is not finite")
            elif path.name.endswith(".json"):
                json.loads(path.read_text())
            elif path.name.endswith(".csv") and not path.read_text().endswith("\n"):
                found.append(f"{path.name} is not whole")
            elif path.name.startswith(".digitalis-"):
                found.append(f"{path.name} was left over")
        except (ValueError, struct.error) as error:
            found.append(f"{path.name}: {error}")
    return found


def call_counts(report):
    """The number of calls of each function, and of all."""
    words = [line.split() for line in report if line.startswith("calls ")]
    return {name: int(count) for _, name, count in words}


def is_same(first, second):
    return first.exists() and second.exists() and content(first) == content(second)


def content(file):
    """The bytes of a file, without the name of the device in a checkpoint, which a driver may fail to tell."""
    data = file.read_bytes()
    if file.suffix != ".safetensors":
        return data
    end = 8 + int.from_bytes(data[:8], "little")
    return re.sub(rb'\\"device\\":\\".*?\\"', b"", data[8:end]).rstrip(), data[end:]


def difference(first, second):
    """The largest difference of two weights or moments, relative to the largest of their array."""
    ours, theirs = tensors(first), tensors(second)
    if ours.keys() != theirs.keys():
        return float("inf")
    worst = 0.0
    for name in ours:
        size = max(map(abs, theirs[name]), default=0) or 1
        worst = max(worst, max((abs(a - b) for a, b in zip(ours[name], theirs[name])), default=0) / size)
    return worst
