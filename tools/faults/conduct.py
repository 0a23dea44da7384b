"""Leaks, wrong results, hangs, crashes and slow drivers."""

import json
import re

import scene
from judge import judge_of

LEAKS = [
    ("training", [scene.TRAINING + ["--out", "run"]]),
    ("training and sampling", [
        scene.TRAINING + ["--out", "run"],
        ["sample", "--run", "run", "--count", "20", "--out", "x.png"]]),
    ("the packaged model", [["sample", "--label", "3", "--out", "x.png"]]),
    ("devices", [["devices"]]),
    ("devices --check --quick", [["devices", "--check", "--quick", "--device", "opencl:0"]]),
    ("training, classifier, search", [
        scene.TRAINING + ["--out", "run"],
        ["train", "classifier", "--run", "run", "--epochs", "1", "--batch", "50", "--target", "1"],
        ["search", "medium1", "--run", "run", "--samples", "20", "--report-samples", "20", "--starts", "0",
         "--min-accuracy", "0.1"]]),
    ("devices --check", [["devices", "--check", "--device", "opencl:0"]]),
    ("a GAN", [[
        "train", "gan", "--dataset", "data", "--out", "gan", "--batch", "50", "--epochs", "1"]]),
]


def leaks(stage, table, quick):
    table.heading("Objects alive at the end of a process, and releases of what is unknown")
    cases = LEAKS[1:4] if quick else LEAKS

    def attempt(case):
        name, commands = case
        folder = stage.place(name.split()[0])
        made = 0
        for words in commands:
            outcome = stage.run(folder, words, patience=1200)
            if outcome.status != 0:
                return name, f"{words[0]} ended with {outcome.status}", outcome.tail()
            if outcome.live():
                return name, "objects are left", "; ".join(outcome.live())
            made += sum(int(re.search(r"made (\d+)", line)[1]) for line in outcome.events("objects"))
        return name, None if made else "nothing was made", f"{made} made, all released"

    for row in stage.each(attempt, cases):
        table.row(*row)


def wrong(stage, table, quick):
    """Every kernel of a training and of sampling, wrong in one element: the self-check must see it."""
    judge = judge_of(stage)
    sampled = stage.run(judge.whole.folder, ["sample", "--run", "run", "--out", "x.png", "--count", "20"])
    used = sorted({line.split()[1] for line in judge.whole.events("launches") + sampled.events("launches")})
    table.heading(f"Wrong results: one element changed after each launch of one of {len(used)} kernels, with --device auto")
    cases = [(kernel, "add", "-DGROUP=128", "gpu kernels") for kernel in used]
    cases += [("matmul", "nan", "", "gpu kernels"), ("matmul", "zero", "", "gpu kernels"), ("*", "add", "", "any kernel")]
    cases += [("matmul", "add", f"-DTILE={tile}", "one tile") for tile in (32, 64, 128)]
    if quick:
        cases = [case for case in cases if case[0] in ("matmul", "adam_step") and case[1] == "add"][:3]

    def attempt(case):
        kernel, how, options, where = case
        name = f"{kernel}, {how}, {where}" + (f" ({options})" if options else "")
        outcome = stage.train(
            "wrong", wrong=kernel, wrong_how=how, **({"wrong_options": options} if options else {}))
        if outcome.status != 0:
            return name, f"it ended with {outcome.status}", outcome.tail()
        came = outcome.device
        if not any(line.startswith("spoiled") for line in outcome.probe):
            return name, "no result was changed in the self-check", came
        if any(line.startswith("spoiled") for line in outcome.report):
            return name, "the wrong kernel was used", came
        worst = scene.difference(judge.weights(outcome), judge.weights(judge.whole))
        return name, None if worst < 0.02 else f"weights differ by {worst:.1e}", came

    for row in stage.each(attempt, cases):
        table.row(*row)

    table.heading("A tuning where one tile of products is wrong")
    folder = stage.place("tuning")
    outcome = stage.run(
        folder, ["tune", "--device", "opencl:0", "--patience", "30", "--export", "tuning.json"],
        wrong="matmul", wrong_options="-DTILE=64")
    taken = json.loads((folder / "tuning.json").read_text("utf-8"))["choices"] if outcome.status == 0 else []
    products = [choice for choice in taken if choice["name"].startswith("matmul")]
    tried = re.search(r"(\d+) taken, (\d+) wrong", outcome.output)
    problem = None
    if outcome.status != 0:
        problem = f"it ended with {outcome.status}"
    elif not tried or int(tried[2]) == 0:
        problem = "no way was found to be wrong"
    elif any("64 × 64" in choice["way"] for choice in products):
        problem = "the wrong tile was taken"
    table.row("tiles of 64 × 64", problem, f"{tried[0] if tried else outcome.tail()}, {len(products)} of them products")

    table.heading("Wrong results in the middle of a training, after the self-check")
    outcome = stage.train("nan", wrong="matmul", wrong_how="nan", wrong_after=60, command="!--probe")
    said = outcome.errors.splitlines()
    problem = None
    if outcome.status in (0, None) or len(said) != 1 or "is not a number at step" not in said[0]:
        problem = f"it ended with {outcome.status}"
    table.row("NaN from the 60th product on", problem or "; ".join(scene.damage(outcome.folder / "run")), outcome.tail())


def check(stage, table, quick):
    table.heading("Crashes, hangs and slow drivers")
    judge = judge_of(stage)
    attempts = [
        (f"{fault} in the probe, call {at}", probe_fault, fault, at)
        for fault in ("crash", "abort", "exit") for at in (1, 100, 20_000)]
    if quick:
        attempts = attempts[1:2] + [("crash in training", training_ends, "crash", 5000)]
    else:
        attempts += [(f"hang in the probe, call {at}", probe_fault, "hang", at) for at in (1, 3000)]
        attempts += [(f"{fault} in training, call {at}", training_ends, fault, at)
                     for fault in ("crash", "abort", "hang") for at in (300, 3000, 7000)]
        attempts += [("a delay of 100 µs for each call", slow, "delay", 100),
                     ("a build that takes 1 s longer", slow, "build_delay", 1)]

    def attempt(case):
        name, function, fault, value = case
        return name, *function(stage, judge, fault, value)

    for row in stage.each(attempt, attempts):
        table.row(*row)


def probe_fault(stage, judge, fault, at):
    """A driver that ends or stops the process that tries it: the processor computes, and one line says why."""
    outcome = stage.train("probe", fault=fault, at=at, command="--probe")
    if not any(line.startswith("fault") for line in outcome.probe):
        return "the fault did not happen", outcome.device
    kind, problem = judge(outcome, "auto", expects_fault=False)
    if not problem and not outcome.device.startswith("cpu"):
        problem = f"not the processor: {outcome.device}"
    return problem, f"{kind}: {outcome.device}"


def training_ends(stage, judge, fault, at):
    """A driver that ends or stops the training itself: what was saved is whole, and resumes."""
    interrupt = 40 if fault == "hang" else None
    outcome = stage.train("end", interrupt=interrupt, fault=fault, at=at, command="!--probe")
    if not outcome.events("fault"):
        return "the fault did not happen", outcome.tail()
    if outcome.status is None:
        return "it went on after two Ctrl-C", outcome.tail()
    run = outcome.folder / "run"
    # A half-written file is removed by the next process.
    if broken := [text for text in scene.damage(run) if "left over" not in text]:
        return "; ".join(broken), outcome.tail()
    is_there = (run / "config.json").exists()
    words = ["train", "vae", "--resume", "--out", "run"] if is_there else [*scene.TRAINING, "--out", "run"]
    again = stage.run(outcome.folder, words)
    if again.status != 0:
        return f"it cannot go on: {again.tail()}", outcome.tail()
    came = f"status {outcome.status}; {'resumed' if is_there else 'started again'}, with the same bytes"
    return None if judge.is_like(again, judge.whole) else "other bytes", came


def slow(stage, judge, what, amount):
    outcome = stage.train("slow", **{what: amount})
    kind, problem = judge(outcome, "auto", expects_fault=False)
    if not problem and kind != "the same bytes":
        problem = kind
    return problem, f"{kind}: {outcome.device}"
