"""Measures ONNX Runtime on the CPU; the protocol is that of worker.h, with one request:

    scoring COUNT LATENT SECONDS

The decoder, the classifier and the sums of a score are one graph, which ONNX Runtime optimises as far as it
can (it has its own layouts for convolutions). Latent vectors are precomputed.
"""

import functools
import os

import numpy
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from serving import BestBatch, serve


def graph(latent, pixels=784, hidden=500, seed=1):
    """Latent vectors and a label to the hits of the label and Σ x/‖x‖, with random weights."""
    random = numpy.random.default_rng(seed)
    constants, nodes = [], []

    def constant(name, values):
        constants.append(numpy_helper.from_array(numpy.asarray(values), name))
        return name

    def weights(name, *shape):
        values = random.normal(0, (2 / numpy.prod(shape[1:])) ** 0.5, shape)
        return constant(name, values.astype(numpy.float32))

    def node(kind, *inputs, **attributes):
        output = f"{kind.lower()}{len(nodes)}"
        nodes.append(helper.make_node(kind, list(inputs), [output], **attributes))
        return output

    def dense(x, inputs, outputs):
        name = f"dense{len(nodes)}"
        return node(
            "Gemm", x, weights(f"{name}.weight", outputs, inputs), weights(f"{name}.bias", outputs),
            transB=1)

    def convolution(x, inputs, outputs):
        name = f"convolution{len(nodes)}"
        return node(
            "Relu",
            node(
                "Conv", x, weights(f"{name}.weight", outputs, inputs, 3, 3),
                weights(f"{name}.bias", outputs)))

    x = node("Softplus", dense("latents", latent, hidden))
    x = node("Softplus", dense(x, hidden, hidden))
    images = node("Sigmoid", dense(x, hidden, pixels))
    x = node("Reshape", images, constant("picture", numpy.array([-1, 1, 28, 28])))
    x = convolution(convolution(x, 1, 32), 32, 64)
    x = node("Flatten", node("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2]))
    logits = dense(node("Relu", dense(x, 64 * 12 * 12, 128)), 128, 10)

    is_hit = node("Equal", node("ArgMax", logits, axis=1, keepdims=0), "label")
    hits = node("ReduceSum", node("Cast", is_hit, to=TensorProto.FLOAT), keepdims=0)
    norms = node("ReduceL2", images, constant("columns", numpy.array([1])), keepdims=1)
    direction = node(
        "ReduceSum", node("Div", images, norms), constant("rows", numpy.array([0])), keepdims=0)

    def value(name, kind, shape):
        return helper.make_tensor_value_info(name, kind, shape)

    model = helper.make_model(
        helper.make_graph(
            nodes, "scoring",
            [
                value("latents", TensorProto.FLOAT, ["batch", latent]),
                value("label", TensorProto.INT64, [1]),
            ],
            [value(hits, TensorProto.FLOAT, []), value(direction, TensorProto.FLOAT, [pixels])],
            constants),
        opset_imports=[helper.make_opsetid("", 18)])
    model.ir_version = 8
    onnx.checker.check_model(model)
    return model


@functools.cache
def scoring_call(count, latent):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = int(os.environ["OMP_NUM_THREADS"])
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        graph(latent).SerializeToString(), options, providers=["CPUExecutionProvider"])
    label = numpy.array([3])

    def make(batch):
        latents = numpy.random.default_rng(2).normal(size=(batch, latent)).astype(numpy.float32)
        return lambda: session.run(None, {"latents": latents, "label": label})

    return BestBatch(make, [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000], count)


def scoring(count, latent, seconds):
    call = scoring_call(int(count), int(latent))
    return call.seconds(float(seconds)), call.remark


serve(
    f"ONNX Runtime {onnxruntime.__version__}, {os.environ['OMP_NUM_THREADS']} threads",
    {"scoring": scoring})
