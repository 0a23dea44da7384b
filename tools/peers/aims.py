"""The project's aims for speed, each beside its measurement."""

import math
import statistics
from dataclasses import dataclass

HEADER = ["work", "measured", "aim", "reached"]
LOOPS = {
    "training": "VAE training", "classifier": "classifier training", "scoring": "scoring"}
# An OpenCL device has to keep up with the processor if there is enough work.
ENOUGH = 128 * 784 * 500


@dataclass
class Results:
    """The cases, their contenders, and the times by work.title and contender.name."""

    works: list
    contenders: list
    times: dict
    instruction_set: str = "avx2"
    """The kernels of digitalis on cpu; more is expected of avx512."""

    def median(self, work, contender):
        values = self.times.get((work.title, contender.name))
        return statistics.median(values) if values and contender.takes(work) else None

    def ratios(self, kind, mine, others, is_meant=lambda work: True):
        """The speed of `mine` relative to the fastest of `others`, by case."""
        found = {}
        for work in self.works:
            if work.kind == kind and is_meant(work):
                own = self.median(work, mine)
                best = [value for value in (self.median(work, o) for o in others) if value]
                if own and best:
                    found[work.title] = min(best) / own
        return found


def rows(results):
    """One row for each aim with a measurement."""
    own = [contender for contender in results.contenders if not contender.is_peer]
    peers = [contender for contender in results.contenders if contender.is_peer]
    has_avx512 = results.instruction_set == "avx512"
    table = []

    def named(*names):
        return [peer for peer in peers if peer.name.startswith(names)]

    def at_least(factor, title, kind, mine, others, is_meant=lambda work: True):
        ratios = results.ratios(kind, mine, others, is_meant)
        if ratios:
            table.append(
                [title, spread(ratios, factor), f"at least {factor} ×",
                 yes(min(ratios.values()) >= factor)])

    def at_most(limit, kind, text, is_meant=lambda contender: True):
        for work in results.works:
            for contender in filter(is_meant, own):
                value = results.median(work, contender) if work.kind == kind else None
                if value:
                    title = f"{work.title}, {contender.name}" if kind == "start" else work.title
                    table.append([title, text(value), f"at most {text(limit)}", yes(value <= limit)])

    torch = named("PyTorch", "torch.compile")
    libraries = named("PyTorch", "OpenBLAS", "oneDNN")
    cpu = [device for device in own if device.label == "cpu"]
    for device in cpu:
        at_least(1.0, "matmul, of the best library", "matmul", device, libraries)
        if has_avx512:
            at_least(
                1.1, "matmul from 512³ up, of the best library", "matmul", device, libraries,
                lambda work: min(work.extents) >= 512)
        at_least(1.0, "other convolutions, of PyTorch", "convolution", device, torch)
        at_least(2.5 if has_avx512 else 1.6, "VAE training, of PyTorch", "training", device, torch)
        at_least(3, "classifier training, of PyTorch", "classifier", device, torch)
        at_least(
            2, "perceptron training, of eager PyTorch", "perceptron", device,
            named("PyTorch eager"))
        at_least(2, "scoring, of ONNX Runtime", "scoring", device, named("ONNX"))
        at_least(5, "Medium-2 search, of PyTorch", "search", device, torch)
    for device in own:
        if device.label != "cpu":
            at_least(
                0.95, f"matmul from 128×784×500 up, {device.name}, of cpu", "matmul", device, cpu,
                lambda work: math.prod(work.extents) >= ENOUGH)
            at_least(
                0.8, f"other convolutions, {device.name}, of cpu", "convolution", device, cpu)
            for kind, title in LOOPS.items():
                at_least(0.95, f"{title}, {device.name}, of cpu", kind, device, cpu)
    at_most(1 << 30, "memory", lambda value: f"{value / (1 << 20):,.0f} MiB")
    at_most(0.1, "help", lambda value: f"{value:.3f} s")
    at_most(0.3, "start", lambda value: f"{value:.2f} s", lambda device: device.label == "cpu")
    at_most(2, "start", lambda value: f"{value:.2f} s", lambda device: device.label != "cpu")
    return table


def spread(ratios, factor):
    """One ratio, or for several cases the range and how many reach the factor."""
    values = sorted(ratios.values())
    if len(values) == 1:
        return f"{values[0]:.2f} ×"
    worst = min(ratios, key=ratios.get)
    reached = sum(value >= factor for value in values)
    return (
        f"{values[0]:.2f} × ({worst}) to {values[-1]:.2f} ×, median "
        f"{statistics.median(values):.2f} ×; {reached} of {len(values)}")


def yes(is_reached):
    return "yes" if is_reached else "no"
