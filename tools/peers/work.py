"""The cases that are measured."""

from dataclasses import dataclass, field


@dataclass
class Work:
    """A case that contenders are timed on."""

    kind: str
    """Each contender takes part in some kinds: matmul, convolution, training, scoring, classifier,
    perceptron, search, help, start or memory."""
    title: str
    """Its title in the table."""
    bench: str = ""
    """Its name in `digitalis bench`, if it has one."""
    request: str = ""
    """The request to a worker; {variant} is the contender's, and the seconds are appended."""
    amount: float = 0
    """The work of one call, in units of the speed times seconds; 0 if meaningless."""
    unit: str = ""
    """The unit of speed: GFLOP/s or images/s."""
    once: bool = False
    """Measured in one round, since it takes minutes."""
    command: list = field(default_factory=list)
    """The arguments of digitalis, for measurements of a command."""
    folder: str = ""
    """The run of a search."""
    extents: tuple = ()
    """M, N and K of a product."""
    options: list = field(default_factory=list)
    """The options with which `digitalis bench` has this case."""


def matmul(m, k, n, transposes="NN"):
    """M×K · K×N, with T for a factor stored transposed."""
    flags = " ".join("1" if letter == "T" else "0" for letter in transposes)
    return Work(
        kind="matmul",
        title=f"matmul {m}×{k}×{n} {transposes}",
        bench=f"matmul {m}x{k}x{n} {transposes}",
        request=f"matmul {m} {n} {k} {flags}",
        amount=2e-9 * m * n * k,
        unit="GFLOP/s",
        extents=(m, n, k),
    )


def products(everything, batch, chunk, latent):
    """Square and skinny products and those of the large layers of the autoencoder in training, or
    every product of the models.
    """
    found = [matmul(size, size, size) for size in [64, 256, 512, 1024, 2048]]
    found += [matmul(4096, 4096, 16), matmul(1, 784, 500)]
    large = [(784, 500), (500, 500), (500, 784)]
    found += trained(large, batch)
    if everything:
        decoder = [(latent, 500), (500, 500), (500, 784)]
        classifier = [(9216, 128), (128, 10)]
        found += trained([(500, 2 * latent), *decoder, *classifier], batch)
        found += [matmul(chunk, inputs, outputs) for inputs, outputs in decoder + classifier]
    return list({work.title: work for work in found}.values())


def trained(layers, batch):
    """Dense layers forward, and the gradients of their inputs and of their weights."""
    return [
        *[matmul(batch, inputs, outputs) for inputs, outputs in layers],
        *[matmul(batch, outputs, inputs, "NT") for inputs, outputs in layers],
        *[matmul(inputs, batch, outputs, "TN") for inputs, outputs in layers],
    ]


def convolution(what, batch, height, channels, filters, size, stride=1, padding=0):
    """One direction of a convolution of square images; `transposed` is its input gradient, run forward.
    """
    across = (height + 2 * padding - size) // stride + 1
    bench = {
        "forward": "conv2d", "input": "conv2d input gradient", "transposed": "conv2d input gradient",
        "weights": "conv2d weight gradient"}[what]
    shape = f"{batch}x{height}x{height}x{channels} to {filters}, {size}x{size}"
    shape += f" by {stride}, padded {padding}"
    title = {
        "forward": "conv2d", "input": "conv2d, gradient in the input",
        "weights": "conv2d, gradient in the weights", "transposed": "transposed conv2d"}[what]
    return Work(
        kind="convolution",
        title=f"{title} {shape}",
        bench=f"{bench} {shape}",
        request=f"convolution {{variant}} {what} {batch} {height} {channels} {filters} {size} "
                f"{stride} {padding}",
        amount=2e-9 * batch * across**2 * filters * channels * size**2,
        unit="GFLOP/s",
    )


def convolutions(batch):
    """Convolutions with strides, padding and kernels other than 3 × 3, forward and backward."""
    found = []
    for shape in [(32, 32, 64, 4, 2, 1), (16, 32, 32, 5, 1, 2), (32, 32, 64, 1, 1, 0)]:
        found += [convolution(what, batch, *shape) for what in ["forward", "input", "weights"]]
    return [*found, convolution("transposed", batch, 32, 32, 64, 4, 2, 1)]


def loops(batch, chunk, latent):
    count = 5 * chunk
    return [
        Work(
            kind="training",
            title=f"VAE training step, batch {batch}, D = {latent}",
            bench=f"training step elbo D={latent} batch {batch}",
            request=f"training {{variant}} {batch} {latent}",
            amount=batch,
            unit="images/s",
        ),
        Work(
            kind="classifier",
            title=f"classifier training step, batch {batch}",
            bench=f"classifier training step batch {batch}",
            request=f"classifier {{variant}} {batch}",
            amount=batch,
            unit="images/s",
        ),
        Work(
            kind="perceptron",
            title=f"perceptron training step, batch {batch}",
            bench=f"perceptron training step batch {batch}",
            request=f"perceptron {{variant}} {batch}",
            amount=batch,
            unit="images/s",
        ),
        Work(
            kind="scoring",
            title=f"scoring {count} images, D = {latent}",
            bench=f"score D={latent} {count} images by {chunk}",
            request=f"scoring {{variant}} {count} {latent}",
            amount=count,
            unit="images/s",
        ),
    ]


def commands(memory):
    """Startup time, and the memory of commands."""
    return [
        Work(kind="help", title="digitalis --help", command=["--help"]),
        Work(
            kind="start", title="start to the first training step",
            command=["train", "vae", "--epochs", "1", "--log-every", "1"]),
        *[
            Work(
                kind="memory", title=f"memory of digitalis {' '.join(command)}", command=command,
                once=True)
            for command in memory
        ],
    ]


def search(run):
    """A search of Medium-2; the peers score what digitalis scored, which must come first."""
    return Work(
        kind="search", title="Medium-2 search to its fixed point, D = 10", once=True, folder=run,
        request=f"search {{variant}} {run} {run}/search-medium2.jsonl 3",
        command=["search", "medium2", "--run", run, "--report-samples", "2"])


def works(everything, memory=(), batch=128, chunk=200, latent=20):
    """The cases of the table; `everything` adds every product of the models."""
    return [
        *products(everything, batch, chunk, latent), *convolutions(batch),
        *loops(batch, chunk, latent),
        *commands(memory),
    ]
