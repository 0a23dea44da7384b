"""The aims of the project's speed work, each beside what was measured."""

import statistics
from dataclasses import dataclass

HEADER = ["work", "measured", "aim", "reached"]
LOOPS = {
    "training": "VAE training", "scoring": "scoring", "classifier": "classifier training"}


@dataclass
class Results:
    """The works, who did them, and the times by work.title and contender.name."""

    works: list
    contenders: list
    times: dict

    def median(self, work, contender):
        values = self.times.get((work.title, contender.name))
        return statistics.median(values) if values and contender.takes(work) else None

    def ratios(self, kind, mine, others):
        """How many times as fast `mine` is as the fastest of `others`, by work."""
        found = {}
        for work in self.works:
            if work.kind == kind:
                own = self.median(work, mine)
                best = [value for value in (self.median(work, o) for o in others) if value]
                if own and best:
                    found[work.title] = min(best) / own
        return found


def rows(results):
    """One row for each aim that something was measured for."""
    own = [contender for contender in results.contenders if not contender.is_peer]
    peers = [contender for contender in results.contenders if contender.is_peer]

    def named(*names):
        return [peer for peer in peers if peer.name.startswith(names)]

    table = []

    def at_least(factor, title, kind, mine, others):
        ratios = results.ratios(kind, mine, others)
        if ratios:
            table.append(
                [title, spread(ratios, factor), f"at least {factor} ×",
                 yes(min(ratios.values()) >= factor)])

    def at_most(limit, kind, text):
        for work in results.works:
            for contender in own:
                value = results.median(work, contender) if work.kind == kind else None
                if value:
                    title = f"{work.title}, {contender.name}" if kind == "start" else work.title
                    table.append([title, text(value), f"at most {text(limit)}", yes(value <= limit)])

    torch = named("PyTorch", "torch.compile")
    for device in own:
        at_least(
            1.15, f"matmul, {device.name}, of PyTorch and OpenBLAS", "matmul", device,
            named("PyTorch", "OpenBLAS"))
    for device in own:
        if device.label == "cpu":
            at_least(2, "VAE training, of PyTorch", "training", device, torch)
            at_least(2, "scoring, of ONNX Runtime", "scoring", device, named("ONNX"))
            at_least(2.2, "classifier training, of PyTorch", "classifier", device, torch)
            at_least(5, "Medium-2 search, of PyTorch", "search", device, torch)
            continue
        cpu = [other for other in own if other.label == "cpu"]
        for kind, title in {"matmul": "matmul", **LOOPS}.items():
            at_least(0.9, f"{title}, {device.name}, of cpu", kind, device, cpu)
        at_least(
            10, f"matmul, {device.name}, of CLBlast", "matmul", device,
            named(f"CLBlast on {device.label}"))
    at_most(1 << 30, "memory", lambda value: f"{value / (1 << 20):,.0f} MiB")
    at_most(0.1, "help", lambda value: f"{value:.3f} s")
    at_most(2, "start", lambda value: f"{value:.2f} s")
    return table


def spread(ratios, factor):
    """One ratio, or for several works the range and how many reach the factor."""
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
