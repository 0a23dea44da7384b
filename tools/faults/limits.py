"""Training and sampling behind the limits of real GPUs: the same bytes as without, or values within a tolerance where
a limit changes the order of sums."""

import scene

# The limit, and whether sums are in another order: groups too small for tiles of 32 × 32, or no memory for them.
LIMITS = [
    ("groups of 128", {"group": 128}, False),
    ("groups of 64", {"group": 64}, False),
    ("groups of 16", {"group": 16}, True),
    ("groups of 1", {"group": 1}, True),
    ("groups of 128, per kernel", {"kernel_group": 128}, False),
    ("groups of 64, per kernel", {"kernel_group": 64}, False),
    ("groups of 16, per kernel", {"kernel_group": 16}, True),
    ("groups of 1, per kernel", {"kernel_group": 1}, True),
    ("groups of 64 for matmul", {"kernel_group": "4096,matmul=64"}, False),
    ("groups of 32 for fill, random and adam_step",
     {"kernel_group": "4096,fill=32,random=32,adam_step=32"}, False),
    ("no local memory", {"local": 0, "local_type": "none"}, True),
    ("local memory of 1 KiB", {"local": "1K"}, True),
    ("local memory of 16 KiB", {"local": "16K"}, False),
    ("local memory in global memory", {"local_type": "global"}, False),
    ("grids of 65,535 groups", {"grid": 65535}, False),
    ("memory of its own", {"unified": 0}, False),
    ("memory shared with the host", {"unified": 1}, False),
    ("sub-buffers in steps of 1 KiB", {"alignment": 1024}, False),
    ("a multiple of 8", {"multiple": 8}, False),
    ("a multiple of 64", {"multiple": 64}, False),
    ("groups of 64, local memory of 16 KiB, allocations of 16 MB",
     {"group": 64, "local": "16K", "allocation": 16_000_000}, False),
]
QUICK = ["groups of 64, per kernel", "groups of 16", "no local memory", "local memory of 1 KiB"]
# After 20 steps of Adam, which divides by the size of the gradient: small differences don't stay small.
TOLERANCE = 0.02

SAMPLING = ["sample", "--run", "run", "--count", "20", "--seed", "3", "--format", "idx", "--out", "samples"]
IMAGES = "samples/train-images-idx3-ubyte"


def pixels(outcome):
    found = sorted((outcome.folder / "samples").glob("*images*"))
    return found[0].read_bytes() if found else b""


def train_and_sample(stage, name, words, **limit):
    trained = stage.train(name, words, **limit)
    sampled = stage.run(trained.folder, SAMPLING, **limit)
    return trained, sampled


def compare(trained, sampled, reference, may_differ):
    """What is wrong, and how near the results are."""
    first, images = reference
    for outcome, what in [(trained, "training"), (sampled, "sampling")]:
        if outcome.status != 0:
            return f"{what} ended with {outcome.status}", outcome.tail()
        if "gpu kernels" not in outcome.device or outcome.takeover:
            return f"{what} was not done by the GPU's kernels", outcome.takeover or outcome.device
    for outcome in (trained, sampled):
        if refused := outcome.events("refused"):
            return f"the driver refused {len(refused)} launches, as {refused[0].removeprefix('refused ')}", ""
    theirs, ours = [run.folder / "run/weights.safetensors" for run in (first, trained)]
    if scene.is_same(theirs, ours):
        same = pixels(images) == pixels(sampled)
        return (None if same else "other images of the same weights"), "the same weights and images"
    worst = scene.difference(theirs, ours)
    pairs = list(zip(pixels(images), pixels(sampled)))
    far = max((abs(a - b) for a, b in pairs), default=255)
    came = f"other bytes: weights differ by {worst:.1e} at most, pixels by {far} of 255"
    if not may_differ:
        return "other bytes, though no sum has another order", came
    return (None if worst < TOLERANCE and far <= 3 else "weights or images are too different"), came


def check(stage, table, quick):
    table.heading("Limits: 20 steps of training with --device auto, then 200 images")
    reference = train_and_sample(stage, "reference", scene.TRAINING)
    if not table.row("no limit", *compare(*reference, reference, False)):
        return
    chosen = [limit for limit in LIMITS if not quick or limit[0] in QUICK]

    def attempt(limit):
        name, variables, may_differ = limit
        pair = train_and_sample(stage, name.replace(" ", "-"), scene.TRAINING, **variables)
        return name, compare(*pair, reference, may_differ)

    for name, result in stage.each(attempt, chosen):
        table.row(name, *result)
    if not quick:
        large(stage, table)
        parts(stage, table)


def large(stage, table):
    """More images than fit one buffer."""
    stage.dataset("data-large", 22_000, 50)
    words = [
        "train", "vae", "--dataset", "data-large", "--batch", "1000", "--epochs", "1", "--latent", "2"]
    reference = train_and_sample(stage, "large", words)
    pair = train_and_sample(stage, "large-limited", words, allocation=16_000_000)
    table.row(
        "allocations of 16 MB, 17 MB of images", *compare(*pair, reference, False))
    pair = train_and_sample(stage, "large-memory", words, memory=120_000_000)
    table.row("memory of 120 MB, 17 MB of images", *compare(*pair, reference, False))


def parts(stage, table):
    """Launches in parts, of which one fails and is tried again: an operation that adds must not add twice."""
    words = ["devices", "--check", "--device", "opencl:0", "--kernels", "gpu", "--launch-milliseconds", "1"]
    outcome = stage.run(
        stage.place("parts"), words, fault="fail", of="clEnqueueNDRangeKernel", at=50, every=17)
    lines = outcome.output.splitlines()
    wrong = [line.strip() for line in lines if line.startswith("  ") and "failed with" not in line]
    refused = [line.strip() for line in lines if line.startswith("  ") and "failed with" in line]
    problem = "; ".join(wrong[:2] or refused[:2]) or (None if outcome.status == 0 else outcome.tail())
    table.row(
        "every 17th launch fails once, in parts of 1 ms", problem,
        f"every operation is right, after {len(outcome.events('fault'))} failures")
