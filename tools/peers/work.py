"""What is measured."""

from dataclasses import dataclass


@dataclass
class Work:
    """A piece of work that contenders are timed at."""

    kind: str
    """matmul or training: a peer takes part in one of them."""
    title: str
    """What it is, in the table."""
    bench: str
    """Its name in `digitalis bench`."""
    request: str
    """What to ask a worker for; {variant} is the contender's, and the seconds come behind."""
    amount: float
    """What one call amounts to, in units of the speed times seconds."""
    unit: str
    """The unit of speed: GFLOP/s or images/s."""


def matmul(m, k, n, transposes="NN"):
    """M×K · K×N, with T for a factor that is stored transposed."""
    flags = " ".join("1" if letter == "T" else "0" for letter in transposes)
    return Work(
        kind="matmul",
        title=f"matmul {m}×{k}×{n} {transposes}",
        bench=f"matmul {m}x{k}x{n} {transposes}",
        request=f"matmul {m} {n} {k} {flags}",
        amount=2e-9 * m * n * k,
        unit="GFLOP/s",
    )


def training_step(batch, latent):
    return Work(
        kind="training",
        title=f"VAE training step, batch {batch}, D = {latent}",
        bench=f"training step elbo D={latent} batch {batch}",
        request=f"training {{variant}} {batch} {latent}",
        amount=batch,
        unit="images/s",
    )


def works(everything, batch=128, latent=20):
    """The works of the table; `everything` adds all other products of a training step."""
    products = [matmul(batch, 784, 500), matmul(512, 512, 512), matmul(1024, 1024, 1024)]
    if everything:
        products.append(matmul(2048, 2048, 2048))
        layers = [(784, 500), (500, 500), (500, 2 * latent), (latent, 500), (500, 784)]
        products += [matmul(batch, inputs, outputs) for inputs, outputs in layers[1:]]
        products += [matmul(batch, outputs, inputs, "NT") for inputs, outputs in layers[1:]]
        products += [matmul(inputs, batch, outputs, "TN") for inputs, outputs in layers]
    return products + [training_step(batch, latent)]
