"""Each OpenCL call of a training failed once: nothing is lost, nothing hangs, nothing crashes."""

import collections
import re
import shutil

import scene

CODES = {
    -5: "CL_OUT_OF_RESOURCES", -4: "CL_MEM_OBJECT_ALLOCATION_FAILURE", -36: "CL_INVALID_COMMAND_QUEUE",
    -2: "CL_DEVICE_NOT_AVAILABLE"}
# A sum in another order, and Adam, which divides by the size of the gradient.
TOLERANCE = 0.02


def plan(counts, number):
    """Calls to fail, as (function, the how-many-th of its calls): of each function the first, the last and some evenly
    between, in proportion to the square root of their number, so that the rarer ones get their share; all if `number`
    is None."""
    functions = {name: count for name, count in counts.items() if name != "all"}
    if number is None:
        return [(name, k) for name, count in functions.items() for k in range(1, count + 1)]
    total = sum(count ** 0.5 for count in functions.values())
    chosen = []
    for name, count in functions.items():
        share = min(count, max(2, round(number * count ** 0.5 / total)))
        chosen += [(name, k) for k in sorted({1 + i * (count - 1) // max(1, share - 1) for i in range(share)})]
    return chosen


def unlogged(errors):
    """The lines of an output, without those that log a failed release: the first of each function may."""
    lines = errors.splitlines()
    logged = {}
    for line in lines:
        if match := re.search(r"error digitalis.opencl: .* (cl(?:Release\w+|Finish)) failed with", line):
            logged.setdefault(match[1], line)
    return [line for line in lines if line not in logged.values()]


class Judge:
    """Says what a disturbed training came to."""

    def __init__(self, stage):
        self.stage = stage
        self.whole = stage.train("whole")
        self.named = stage.train("named", device="opencl:0")
        self.cpu = stage.train("cpu", device="cpu")
        for outcome in (self.whole, self.named, self.cpu):
            if outcome.status != 0:
                raise SystemExit(f"faults: an undisturbed training failed: {outcome.tail()}")

    def weights(self, outcome):
        return outcome.folder / "run/weights.safetensors"

    def is_like(self, outcome, reference):
        return scene.is_same(self.weights(outcome), self.weights(reference))

    def __call__(self, outcome, device, expects_fault=True):
        """The kind of end, and what is wrong with it or None."""
        if outcome.status is None:
            return "hung", "it did not end"
        if outcome.status < 0 or scene.CRASHES.search(outcome.errors):
            return "crashed", f"status {outcome.status}: {outcome.tail()}"
        if expects_fault and not outcome.events("fault"):
            return "no fault", "the fault did not happen"
        if outcome.live():
            return "leak", "; ".join(outcome.live())
        if broken := scene.damage(outcome.folder / "run"):
            return "damaged", "; ".join(broken)
        if outcome.status == 0:
            return self.finished(outcome)
        return self.ended(outcome, device)

    def finished(self, outcome):
        if unlogged(outcome.errors):
            return "finished", f"it succeeded, but said: {outcome.errors[:300]}"
        if outcome.takeover or outcome.device.startswith("cpu"):
            kind = "the processor took over" if outcome.takeover else "the processor from the start"
            if self.is_like(outcome, self.cpu):
                return f"{kind}, with its bytes", None
            worst = scene.difference(self.weights(outcome), self.weights(self.whole))
            return f"{kind} from a checkpoint", None if worst < TOLERANCE else f"weights differ by {worst:.1e}"
        if "cpu kernels" in outcome.device:
            worst = scene.difference(self.weights(outcome), self.weights(self.whole))
            return "kernels for processors", None if worst < TOLERANCE else f"weights differ by {worst:.1e}"
        return "the same bytes", None if self.is_like(outcome, self.whole) else "other bytes"

    def ended(self, outcome, device):
        lines = unlogged(outcome.errors)
        if len(lines) != 1 or not lines[0].startswith("Error: "):
            return "ended", f"it ended with {outcome.status} and said {outcome.errors[:400]!r}"
        if device == "auto":
            return "ended", f"auto ended with an error: {lines[0][:300]}"
        run = outcome.folder / "run"
        isThere = (run / "config.json").exists()
        if isThere and "--resume" not in lines[0] and not (run / "checkpoint.safetensors").exists():
            return "ended", f"a run without a checkpoint: {lines[0][:300]}"
        words = [*scene.TRAINING, "--out", "run", "--device", device]
        if isThere:
            words = ["train", "vae", "--resume", "--out", "run", "--device", device]
        again = self.stage.run(outcome.folder, words)
        if again.status != 0:
            return "ended", f"it cannot be {'resumed' if isThere else 'started again'}: {again.tail()}"
        kind = "an error, then resumed" if isThere else "an error, then started again"
        return f"{kind}, with the same bytes", None if self.is_like(again, self.named) else "other bytes"


def check(stage, table, number):
    judge = Judge(stage)
    for device, undisturbed in [("auto", judge.whole), ("opencl:0", judge.named)]:
        counts = undisturbed.calls()
        cases = [("fail", *call) for call in plan(counts, number)]
        every = 1 if number is None else max(1, counts["all"] // max(4, number // 8))
        lost = [("lose", None, k) for k in range(1, counts["all"] + 1, every)]
        table.heading(
            f"Calls of 20 steps with --device {device}: {len(cases)} of {counts['all']} failed once, the device lost in "
            f"{len(lost)}")
        series(stage, table, judge, device, "!--probe", cases + lost)
    counts = {}
    for line in judge.whole.probe:
        if line.startswith("calls "):
            counts[line.split()[1]] = int(line.split()[2])
    few = None if number is None else number // 4
    cases = [("fail", *call) for call in plan(counts, few)]
    table.heading(f"Calls of the probe: {len(cases)} of {counts['all']} failed once")
    series(stage, table, judge, "auto", "--probe", cases)


def series(stage, table, judge, device, command, cases):
    """Runs a training for each case, and prints how many ended in which way."""
    codes = list(CODES)

    def attempt(numbered):
        index, (fault, function, k) = numbered
        code = codes[index % len(codes)]
        variables = {"fault": fault, "at": k, "code": code, "command": command}
        if function:
            variables["of"] = function
        outcome = stage.train("call", device=device, **variables)
        if command == "--probe":
            outcome.report += [line for line in outcome.probe if line.startswith("fault")]
        kind, problem = judge(outcome, device)
        if not problem:
            shutil.rmtree(outcome.folder)
        what = f"{function or 'all'} {k}, {fault} with {CODES[code]}"
        return (fault, function, kind), problem and f"{what}: {problem} (in {outcome.folder.name})"

    ends, functions = collections.Counter(), collections.defaultdict(set)
    for (fault, function, kind), problem in stage.each(attempt, enumerate(cases)):
        if problem:
            table.row(kind, problem, "")
            continue
        ends[fault, kind] += 1
        functions[fault, kind].add(function or "any call")
    for (fault, kind), count in sorted(ends.items()):
        names = ", ".join(sorted(functions[fault, kind]))
        table.row(f"{count:4} {'failed once' if fault == 'fail' else 'device lost'}", None, f"{kind} ({names})")
