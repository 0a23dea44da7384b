"""Classifies with a model of TorchScript that gives logits: python3 torch_classifier.py MODEL.pt"""
import sys
from types import SimpleNamespace

import torch
from numpy.lib import format

# Without these NumPy would seek in both, which pipes can't do.
source = SimpleNamespace(read=sys.stdin.buffer.read)
target = SimpleNamespace(write=sys.stdout.buffer.write)

model = torch.jit.load(sys.argv[1], map_location="cpu").eval()
while sys.stdin.buffer.peek(1):  # until there is no more
    images = torch.from_numpy(format.read_array(source))
    # n × rows × columns (× 3) to n × channels × rows × columns
    images = images[:, None] if images.ndim == 3 else images.permute(0, 3, 1, 2)
    with torch.inference_mode():
        format.write_array(target, model(images).softmax(dim=1).numpy())
    sys.stdout.buffer.flush()
