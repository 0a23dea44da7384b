"""Classifies with a model of ONNX that gives logits: python3 onnx_classifier.py MODEL.onnx"""
import sys
from types import SimpleNamespace

import numpy as np
import onnxruntime
from numpy.lib import format

# Without these NumPy would seek in both, which pipes can't do.
source = SimpleNamespace(read=sys.stdin.buffer.read)
target = SimpleNamespace(write=sys.stdout.buffer.write)

session = onnxruntime.InferenceSession(sys.argv[1], providers=["CPUExecutionProvider"])
name = session.get_inputs()[0].name
while sys.stdin.buffer.peek(1):  # until there is no more
    images = format.read_array(source)
    # n × rows × columns (× 3) to n × channels × rows × columns
    images = images[:, None] if images.ndim == 3 else images.transpose(0, 3, 1, 2)
    logits = session.run(None, {name: images})[0]
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    format.write_array(target, powers / powers.sum(axis=1, keepdims=True))
    sys.stdout.buffer.flush()
