"""The scoring of a Medium-2 search in PyTorch, with the trained weights of a run.

A search spends its time on scoring candidates. So the plain search scores the candidates that digitalis
scored for one class (the history of its search), in order, each with as many samples, all from the same
random numbers, in one batch.
"""

import json
import time

import torch
from safetensors.torch import load_file

from torch_models import Autoencoder, Classifier, Scoring


def load(run, channels_last):
    """The decoder and classifier of a run folder, and μ and σ of each class."""
    weights = load_file(f"{run}/weights.safetensors")
    model = Autoencoder(weights["decoder.hidden1.weight"].shape[0])
    for index, name in [(0, "hidden1"), (2, "hidden2"), (4, "output")]:
        assign(model.decoder[index], weights, f"decoder.{name}")
    weights = load_file(f"{run}/classifier.safetensors")
    classifier = Classifier()
    for name, inputs in [("convolution1", 1), ("convolution2", 32)]:
        layer = getattr(classifier, name)
        kernels = weights[f"{name}.weight"].view(3, 3, inputs, -1)
        layer.weight.copy_(kernels.permute(3, 2, 0, 1))
        layer.bias.copy_(weights[f"{name}.bias"].flatten())
    # The features are channel-major here, pixel-major there.
    features = weights["hidden.weight"].view(12, 12, 64, -1).permute(2, 0, 1, 3)
    weights["hidden.weight"] = features.reshape(64 * 12 * 12, -1)
    assign(classifier.hidden, weights, "hidden")
    assign(classifier.output, weights, "output")
    if channels_last:
        classifier.to(memory_format=torch.channels_last)
    moments = load_file(f"{run}/statistics.safetensors")
    variances = moments["covarianceOfMeans"].diagonal(dim1=1, dim2=2) + moments["meanOfVariances"]
    return Scoring(model.decoder, classifier, channels_last).eval(), moments["mean"], variances.sqrt()


def assign(layer, weights, name):
    layer.weight.copy_(weights[f"{name}.weight"].t())
    layer.bias.copy_(weights[f"{name}.bias"].flatten())


def score(scoring, latents, label):
    """The mean pairwise cosine and the accuracy."""
    count = len(latents)
    hits, direction = scoring(latents, label)
    cosine = (direction.dot(direction).item() - count) / (count * (count - 1))
    return cosine, hits.item() / count


def search(run, history, label, channels_last):
    """The seconds of all candidates of the history, from those of one class, and a remark."""
    with open(history, encoding="utf-8") as file:
        lines = [json.loads(line) for line in list(file)[1:]]  # The first has the settings.
    own = [line for line in lines if line["label"] == label]
    scoring, mean, spread = load(run, channels_last)
    torch.manual_seed(1)
    noise = torch.randn(max(line["samples"] for line in own), mean.shape[1])
    start = time.perf_counter()
    scores = []
    for line in own:
        theta = torch.tensor(line["theta"]) / 10
        latents = mean[label] + theta * spread[label] * noise[: line["samples"]]
        scores.append(score(scoring, latents, label))
    seconds = time.perf_counter() - start
    check(own, scores)
    share = sum(line["samples"] for line in own) / sum(line["samples"] for line in lines)
    return seconds / share, f"from {len(own)} of {len(lines)} candidates, {share:.1%} of the images"


def check(own, scores):
    """Stops if the scores differ from the history's by more than other random numbers explain."""
    for index, name in enumerate(["cosine", "accuracy"]):
        differences = [
            score[index] - line[name] for line, score in zip(own, scores) if line["samples"] >= 100]
        mean = sum(differences) / len(differences)
        if abs(mean) > 0.03:
            raise ValueError(f"the {name} differs by {mean:.3f} from that of digitalis")
