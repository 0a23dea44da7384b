"""The networks of the paper in plain PyTorch."""

import torch
from torch import nn
from torch.nn import functional as F


def dense(*widths):
    """Dense layers with softplus between them."""
    layers = []
    for inputs, outputs in zip(widths, widths[1:]):
        layers += [nn.Linear(inputs, outputs), nn.Softplus()]
    return nn.Sequential(*layers[:-1])


class Autoencoder(nn.Module):
    """784-500-500-2D and D-500-500-784 with softplus (tables 1 and 2)."""

    def __init__(self, latent, pixels=784, hidden=500):
        super().__init__()
        self.encoder = dense(pixels, hidden, hidden, 2 * latent)
        self.decoder = dense(latent, hidden, hidden, pixels)

    def forward(self, images):
        """The loss per image: cross-entropy plus KL, in nats."""
        mean, log_variance = self.encoder(images).chunk(2, dim=1)
        z = mean + torch.exp(0.5 * log_variance) * torch.randn_like(mean)
        logits = self.decoder(z)
        reconstruction = F.binary_cross_entropy_with_logits(logits, images, reduction="sum")
        divergence = 0.5 * (mean**2 + log_variance.exp() - 1 - log_variance).sum()
        return (reconstruction + divergence) / images.shape[0]


class Classifier(nn.Module):
    """Two convolutions, pooling, two dense layers, dropout (table 3), for images of 28 × 28."""

    def __init__(self):
        super().__init__()
        self.convolution1 = nn.Conv2d(1, 32, 3)
        self.convolution2 = nn.Conv2d(32, 64, 3)
        self.hidden = nn.Linear(64 * 12 * 12, 128)
        self.output = nn.Linear(128, 10)

    def forward(self, images):
        """The logits of images of batch × 1 × 28 × 28; with dropout while training."""
        x = F.relu(self.convolution1(images))
        x = F.max_pool2d(F.relu(self.convolution2(x)), 2)
        x = F.dropout(x, 0.25, self.training).flatten(1)
        x = F.dropout(F.relu(self.hidden(x)), 0.5, self.training)
        return self.output(x)


class Scoring(nn.Module):
    """Latent vectors to the parts of a score: the hits of a label and Σ x/‖x‖."""

    def __init__(self, decoder, classifier, channels_last=False):
        super().__init__()
        self.decoder, self.classifier = decoder, classifier
        self.channels_last = channels_last

    def forward(self, latents, label):
        images = torch.sigmoid(self.decoder(latents))
        pictures = images.view(-1, 1, 28, 28)
        if self.channels_last:
            pictures = pictures.contiguous(memory_format=torch.channels_last)
        hits = (self.classifier(pictures).argmax(1) == label).sum()
        return hits, F.normalize(images, dim=1).sum(0)
