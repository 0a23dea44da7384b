"""What an undisturbed training is, and what a disturbed one came to."""

import functools
import re

import scene

# A sum in another order, and Adam, which divides by the size of the gradient.
TOLERANCE = 0.02
FILES = ["weights.safetensors", "checkpoint.safetensors", "statistics.safetensors"]


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
        """Whether two runs hold the same."""
        return all(
            scene.is_same(outcome.folder / "run" / name, reference.folder / "run" / name) for name in FILES)

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
        is_there = (run / "config.json").exists()
        if is_there and "--resume" not in lines[0] and not (run / "checkpoint.safetensors").exists():
            return "ended", f"a run without a checkpoint: {lines[0][:300]}"
        words = [*scene.TRAINING, "--out", "run", "--device", device]
        if is_there:
            words = ["train", "vae", "--resume", "--out", "run", "--device", device]
        again = self.stage.run(outcome.folder, words)
        if again.status != 0:
            return "ended", f"it cannot be {'resumed' if is_there else 'started again'}: {again.tail()}"
        kind = "an error, then resumed" if is_there else "an error, then started again"
        return f"{kind}, with the same bytes", None if self.is_like(again, self.named) else "other bytes"


@functools.cache
def judge_of(stage):
    """The judge of a stage, whose undisturbed trainings are made once."""
    return Judge(stage)
