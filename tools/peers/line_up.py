"""Finds the contenders: digitalis on the devices of this machine, and the peers."""

import pathlib
import re
import subprocess
import sys

import install
import instruction_set
import machine
from contenders import Digitalis, Peer, Worker
from errors import Unavailable

HERE = pathlib.Path(__file__).resolve().parent


def own_contenders(tool):
    """digitalis on every device of this machine."""
    try:
        result = subprocess.run([tool, "devices"], capture_output=True, text=True)
    except OSError as error:
        sys.exit(f"compare: {tool}: {error.strerror}; build it, or leave --digitalis out")
    labels = re.findall(r"^[* ] +(cpu|opencl:\d+) ", result.stdout, re.MULTILINE)
    found = []
    for label in sorted(labels, key=lambda label: (label != "cpu", label)):
        try:
            found.append(Digitalis(tool, label))
        except Unavailable as reason:
            print(f"note: {label} left out: {reason}")
    if not found:
        sys.exit(f"compare: {tool} runs on no device: {result.stderr.strip()}")
    return found


class PeerFinder:
    """Starts the workers that some kinds of cases need."""

    def __init__(self, options, kinds, threads):
        names = ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"]
        self.instruction_set = options.instruction_set
        self.environment = {
            **instruction_set.peer_environment(options.instruction_set),
            **{name: str(threads) for name in names},
        }
        self.folder = pathlib.Path(options.peers)
        self.may_install = not options.no_install
        self.may_compile = not options.no_compile
        self.kinds = kinds
        self.peers, self.workers = [], []

    def add(self, make_command, parts, **settings):
        """A worker, and the peers behind it as (name, kind, variant)."""
        parts = [part for part in parts if part[1] in self.kinds]
        if not parts:
            return
        worker, missing = None, ""
        try:
            arguments = [str(part) for part in make_command()]
            worker = Worker(parts[0][0], arguments, {**self.environment, **settings})
            self.workers.append(worker)
        except Unavailable as reason:
            missing = str(reason)
        self.peers += [Peer(name, kind, worker, variant, missing) for name, kind, variant in parts]

    def find(self, devices):
        """Starts every peer; those of OpenCL on the devices of digitalis."""
        self.add(lambda: self.python("torch_worker", "torch", "numpy", "safetensors"), self.torch())
        self.add(
            lambda: self.python("onnx_worker", "onnxruntime", "onnx", "numpy"),
            [("ONNX Runtime", "scoring", "")])
        self.add(self.openblas, [("OpenBLAS", "matmul", "")])
        if machine.has_avx512() and not self.instruction_set:
            # It does not choose them by itself on every processor that has the instructions.
            parts = [("OpenBLAS, AVX-512 kernels", "matmul", "")]
            self.add(self.openblas, parts, **instruction_set.PEERS["avx512"])
        self.add(self.onednn, [("oneDNN", "matmul", "")])
        for device in devices:
            if device.label != "cpu":
                self.add(
                    lambda: self.clblast(device), [(f"CLBlast on {device.label}", "matmul", "")])

    def torch(self):
        variants = [
            ("PyTorch", "matmul", ""),
            ("PyTorch", "convolution", "eager"),
            ("PyTorch channels_last", "convolution", "channels_last"),
            ("PyTorch eager", "training", "eager"),
            ("PyTorch eager, fused Adam", "training", "fused"),
            ("torch.compile, fused Adam", "training", "compiled"),
            ("PyTorch eager", "classifier", "eager"),
            ("PyTorch channels_last, fused Adam", "classifier", "channels_last"),
            ("torch.compile, fused Adam", "classifier", "compiled"),
            ("PyTorch eager", "perceptron", "eager"),
            ("PyTorch eager, fused Adam", "perceptron", "fused"),
            ("torch.compile, fused Adam", "perceptron", "compiled"),
            ("PyTorch eager", "scoring", "eager"),
            ("PyTorch channels_last", "scoring", "channels_last"),
            ("torch.compile", "scoring", "compiled"),
            ("PyTorch eager", "search", "eager"),
            ("PyTorch channels_last", "search", "channels_last"),
        ]
        return [part for part in variants if self.may_compile or part[2] != "compiled"]

    def python(self, worker, *modules):
        python = install.python_with(modules, self.folder, self.may_install)
        return [python, "-B", HERE / f"{worker}.py"]

    def compiled(self, name, library, package):
        folder = self.folder / "digitalis-workers"
        return install.c_worker(name, library, package, folder, self.may_install)

    def openblas(self):
        return [self.compiled("openblas", "openblas", "libopenblas-dev")]

    def onednn(self):
        return [self.compiled("onednn", "dnnl", "libdnnl-dev")]

    def clblast(self, device):
        return [self.compiled("clblast", "clblast", "libclblast-dev"), device.device["name"]]
