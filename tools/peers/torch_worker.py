"""Measures PyTorch on the CPU; the protocol is that of worker.h, with one more request:

    training eager|fused|compiled BATCH LATENT SECONDS

eager is the plain step with torch.optim.Adam as it comes, fused the same with Adam(fused=True), and
compiled the fused one with the loss under torch.compile. The images are on hand as floats.
"""

import os
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

IMAGES = 60_000


def measure(call, seconds):
    """Seconds per call: warm up by growing numbers of calls, then time once more."""

    def timing(calls):
        start = time.perf_counter()
        for _ in range(calls):
            call()
        return time.perf_counter() - start

    timing(1)
    calls = 1
    while timing(calls) < seconds:
        calls *= 2
    return timing(calls) / calls


def matmul(m, n, k, transpose_a, transpose_b):
    a = torch.randn(k, m).t() if transpose_a else torch.randn(m, k)
    b = torch.randn(n, k).t() if transpose_b else torch.randn(k, n)
    c = torch.empty(m, n)
    return lambda: torch.matmul(a, b, out=c)


class Autoencoder(nn.Module):
    """784-500-500-2D and D-500-500-784 with softplus, as in the paper."""

    def __init__(self, latent, pixels=784, hidden=500):
        super().__init__()

        def stack(*widths):
            layers = []
            for inputs, outputs in zip(widths, widths[1:]):
                layers += [nn.Linear(inputs, outputs), nn.Softplus()]
            return nn.Sequential(*layers[:-1])

        self.encoder = stack(pixels, hidden, hidden, 2 * latent)
        self.decoder = stack(latent, hidden, hidden, pixels)

    def forward(self, images):
        """The loss per image: cross-entropy plus KL, in nats."""
        mean, log_variance = self.encoder(images).chunk(2, dim=1)
        z = mean + torch.exp(0.5 * log_variance) * torch.randn_like(mean)
        logits = self.decoder(z)
        reconstruction = F.binary_cross_entropy_with_logits(logits, images, reduction="sum")
        divergence = 0.5 * (mean**2 + log_variance.exp() - 1 - log_variance).sum()
        return (reconstruction + divergence) / images.shape[0]


def training(variant, batch, latent, data):
    torch.manual_seed(1)
    model = Autoencoder(latent)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.001, fused=variant != "eager")
    loss = torch.compile(model) if variant == "compiled" else model
    batches = data[: len(data) // batch * batch].split(batch)
    done = 0

    def step():
        nonlocal done
        optimizer.zero_grad(set_to_none=True)
        loss(batches[done % len(batches)]).backward()
        optimizer.step()
        done += 1

    return step


def main():
    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    steps = {}
    data = None
    print(f"ready PyTorch {torch.__version__}, {torch.get_num_threads()} threads", flush=True)
    for line in sys.stdin:
        kind, *arguments = line.split()
        try:
            if kind == "matmul":
                *extents, seconds = arguments
                with torch.inference_mode():
                    result = measure(matmul(*map(int, extents)), float(seconds))
            elif kind == "training":
                variant, batch, latent, seconds = arguments
                if data is None:
                    data = torch.randint(0, 256, (IMAGES, 784)).float() / 255
                if variant not in steps:
                    steps[variant] = training(variant, int(batch), int(latent), data)
                result = measure(steps[variant], float(seconds))
            else:
                raise ValueError(f"no request {kind}")
            print(f"ok {result:.9g}", flush=True)
        except Exception as error:  # whatever a peer cannot do is a note in the table
            lines = str(error).strip().splitlines() or [type(error).__name__]
            print(f"failed {type(error).__name__}: {lines[0]}", flush=True)


main()
