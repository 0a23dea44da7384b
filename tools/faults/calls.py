"""Each OpenCL call of a training failed once: nothing is lost, nothing hangs, nothing crashes."""

import collections
import shutil

import scene
from judge import judge_of

CODES = {
    -5: "CL_OUT_OF_RESOURCES", -4: "CL_MEM_OBJECT_ALLOCATION_FAILURE", -36: "CL_INVALID_COMMAND_QUEUE",
    -2: "CL_DEVICE_NOT_AVAILABLE"}


def plan(counts, number):
    """Calls to fail, as (function, the how-many-th of its calls): all if `number` is None, otherwise about as many, of
    each function the first, the last and some evenly between. Their share is in proportion to the square root of its
    number of calls, so that the rarer ones get theirs."""
    functions = {name: count for name, count in counts.items() if name != "all"}
    if number is None:
        return [(name, k) for name, count in functions.items() for k in range(1, count + 1)]
    total = sum(count ** 0.5 for count in functions.values())
    chosen = []
    for name, count in functions.items():
        share = min(count, max(2, round(number * count ** 0.5 / total)))
        chosen += [(name, k) for k in sorted({1 + i * (count - 1) // max(1, share - 1) for i in range(share)})]
    # Where they are fewer than the functions, some of them.
    return chosen if number >= len(functions) else [chosen[i * len(chosen) // number] for i in range(number)]


def check(stage, table, number):
    judge = judge_of(stage)
    for device, undisturbed in [("auto", judge.whole), ("opencl:0", judge.named)]:
        counts = scene.call_counts(undisturbed.report)
        cases = [("fail", *call) for call in plan(counts, number)]
        every = 1 if number is None else max(1, counts["all"] // max(2, number // 8))
        lost = [("lose", None, k) for k in range(1, counts["all"] + 1, every)]
        table.heading(
            f"Calls of 20 steps with --device {device}: {len(cases)} of {counts['all']} failed once, the device lost in "
            f"{len(lost)}")
        series(stage, table, judge, device, "!--probe", cases + lost)
    counts = scene.call_counts(judge.whole.probe)
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
