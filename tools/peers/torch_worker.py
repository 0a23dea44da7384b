"""Measures PyTorch on the CPU; the protocol is that of worker.h, with these additional requests:

    convolution eager|channels_last forward|input|weights|transposed BATCH SIDE C F SIZE STRIDE PADDING SECONDS
    training eager|fused|compiled BATCH LATENT SECONDS
    classifier eager|channels_last|compiled BATCH SECONDS
    perceptron eager|fused|compiled BATCH SECONDS
    scoring eager|channels_last|compiled COUNT LATENT SECONDS
    search eager|channels_last RUN HISTORY LABEL SECONDS
    decode COUNT LATENT SECONDS
    neighbours COUNT SECONDS

eager is the plain step with torch.optim.Adam by default, fused the same with Adam(fused=True), and compiled
the fused one with the loss under torch.compile; channels_last has the images in that layout, and Adam
fused. Images, labels and latent vectors are precomputed as floats; only decode draws its latent vectors. It
decodes in chunks of 500, and neighbours finds the fifth nearest neighbour of each image.
"""

import functools
import os

import torch
from torch.nn import functional as F

import torch_search
from serving import BestBatch, measure, serve
from torch_models import Autoencoder, Classifier, Scoring

IMAGES = 60_000


def matmul(m, n, k, transpose_a, transpose_b, seconds):
    m, n, k = int(m), int(n), int(k)
    a = torch.randn(k, m).t() if transpose_a == "1" else torch.randn(m, k)
    b = torch.randn(n, k).t() if transpose_b == "1" else torch.randn(k, n)
    c = torch.empty(m, n)
    with torch.inference_mode():
        return measure(lambda: torch.matmul(a, b, out=c), float(seconds))


def convolution(variant, what, batch, side, channels, filters, size, stride, padding, seconds):
    batch, side, channels, filters = int(batch), int(side), int(channels), int(filters)
    size, stride, padding = int(size), int(stride), int(padding)
    order = torch.channels_last if variant == "channels_last" else torch.contiguous_format

    def numbers(*shape):
        return torch.randn(*shape).contiguous(memory_format=order)

    x, weight = numbers(batch, channels, side, side), numbers(filters, channels, size, size)
    bias = torch.randn(filters)
    dy = F.conv2d(x, weight, bias, stride, padding)

    def backward(mask):
        return torch.ops.aten.convolution_backward(
            dy, x, weight, [filters], [stride] * 2, [padding] * 2, [1, 1], False, [0, 0], 1, mask)

    calls = {
        "forward": lambda: F.conv2d(x, weight, bias, stride, padding),
        "input": lambda: backward([True, False, False]),
        "weights": lambda: backward([False, True, False]),
        "transposed": lambda: F.conv_transpose2d(dy, weight, None, stride, padding),
    }
    with torch.inference_mode():
        return measure(calls[what], float(seconds))


@functools.cache
def images():
    return torch.randint(0, 256, (IMAGES, 784)).float() / 255


def step_through(batches, optimizer, loss):
    """A call that takes one training step with the next batch."""
    done = 0

    def step():
        nonlocal done
        optimizer.zero_grad(set_to_none=True)
        loss(*batches[done % len(batches)]).backward()
        optimizer.step()
        done += 1

    return step


def whole_batches(batch, *tensors):
    count = IMAGES // batch * batch
    return list(zip(*(tensor[:count].split(batch) for tensor in tensors)))


@functools.cache
def autoencoder_step(variant, batch, latent):
    torch.manual_seed(1)
    model = Autoencoder(latent)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.001, fused=variant != "eager")
    loss = torch.compile(model) if variant == "compiled" else model
    return step_through(whole_batches(batch, images()), optimizer, loss)


@functools.cache
def classifier_step(variant, batch):
    torch.manual_seed(1)
    model, pictures = Classifier(), images().view(-1, 1, 28, 28)
    if variant == "channels_last":
        model = model.to(memory_format=torch.channels_last)
        pictures = pictures.contiguous(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.001, fused=variant != "eager")
    network = torch.compile(model) if variant == "compiled" else model
    labels = torch.arange(IMAGES) % 10
    return step_through(
        whole_batches(batch, pictures, labels), optimizer,
        lambda pictures, labels: F.cross_entropy(network(pictures), labels))


@functools.cache
def perceptron_step(variant, batch):
    torch.manual_seed(1)
    model = torch.nn.Sequential(
        torch.nn.Linear(784, 128), torch.nn.ReLU(), torch.nn.Linear(128, 10))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.001, fused=variant != "eager")
    network = torch.compile(model) if variant == "compiled" else model
    return step_through(
        whole_batches(batch, images(), torch.arange(IMAGES) % 10), optimizer,
        lambda rows, labels: F.cross_entropy(network(rows), labels))


@functools.cache
def scoring_call(variant, count, latent):
    torch.manual_seed(1)
    model = Scoring(
        Autoencoder(latent).decoder, Classifier().eval(), variant == "channels_last").eval()
    if variant == "channels_last":
        model.classifier.to(memory_format=torch.channels_last)
    if variant == "compiled":
        model = torch.compile(model, dynamic=False)

    def make(batch):
        latents = torch.randn(batch, latent)
        return lambda: model(latents, 3)

    # Each size is recompiled, which takes long.
    sizes = [100, 200, 1000] if variant == "compiled" else [1, 10, 50, 100, 200, 500, 1000]
    return BestBatch(make, sizes, count)


def training(variant, batch, latent, seconds):
    return measure(autoencoder_step(variant, int(batch), int(latent)), float(seconds))


def classifier(variant, batch, seconds):
    return measure(classifier_step(variant, int(batch)), float(seconds))


def perceptron(variant, batch, seconds):
    return measure(perceptron_step(variant, int(batch)), float(seconds))


def scoring(variant, count, latent, seconds):
    with torch.inference_mode():
        call = scoring_call(variant, int(count), int(latent))
        return call.seconds(float(seconds)), call.remark


def decode(count, latent, seconds):
    torch.manual_seed(1)
    decoder, count, latent = Autoencoder(int(latent)).decoder.eval(), int(count), int(latent)

    def draw():
        for start in range(0, count, 500):
            torch.sigmoid(decoder(torch.randn(min(500, count - start), latent)))

    with torch.inference_mode():
        return measure(draw, float(seconds))


def neighbours(count, seconds):
    pictures = images()[: int(count)]

    def find():
        for block in pictures.split(1000):
            # The nearest is the image itself.
            torch.cdist(block, pictures).topk(min(6, len(pictures)), largest=False)

    with torch.inference_mode():
        return measure(find, float(seconds))


def search(variant, run, history, label, _):
    with torch.inference_mode():
        return torch_search.search(run, history, int(label), variant == "channels_last")


torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
serve(
    f"PyTorch {torch.__version__}, {torch.get_num_threads()} threads",
    {
        "matmul": matmul, "convolution": convolution, "training": training, "classifier": classifier,
        "perceptron": perceptron, "scoring": scoring,
        "search": search, "decode": decode, "neighbours": neighbours,
    })
