"""Tests of the tables of tools/compare: python3 -m unittest discover tools/peers"""

import unittest

import aims
import report
from work import Work, matmul, works


class Contender:
    def __init__(self, name, kinds, label=""):
        self.name, self.kinds, self.label = name, kinds, label
        self.is_peer = not label
        self.remarks = {}

    def takes(self, work):
        return work.kind in self.kinds


KINDS = ["matmul", "training", "scoring", "help", "start", "memory"]
CPU = Contender("digitalis cpu", KINDS, "cpu")
GPU = Contender("digitalis opencl:0", KINDS[:3], "opencl:0")
TORCH = Contender("PyTorch", ["matmul"])
BLAS = Contender("OpenBLAS", ["matmul"])
CLBLAST = Contender("CLBlast on opencl:0", ["matmul"])
ONNX = Contender("ONNX Runtime", ["scoring"])
EAGER = Contender("PyTorch eager", ["scoring"])
SMALL, LARGE = matmul(10, 20, 30), matmul(100, 200, 300, "TN")
SCORING = Work(kind="scoring", title="scoring", amount=1000, unit="images/s")
HELP = Work(kind="help", title="help")
MEMORY = Work(kind="memory", title="memory")


def aim_rows(times):
    contenders = [CPU, GPU, TORCH, BLAS, CLBLAST, ONNX, EAGER]
    titles = {work.title: work for work in [SMALL, LARGE, SCORING, HELP, MEMORY]}
    found = aims.rows(aims.Results(list(titles.values()), contenders, times))
    return {row[0]: row[1:] for row in found}


class Tables(unittest.TestCase):
    def test_an_aim_is_for_the_worst_work_against_the_best_peer(self):
        rows = aim_rows({
            (SMALL.title, CPU.name): [1, 2, 9], (LARGE.title, CPU.name): [2],
            (SMALL.title, TORCH.name): [5], (LARGE.title, TORCH.name): [2.2],
            (SMALL.title, BLAS.name): [3], (LARGE.title, BLAS.name): [8],
            # Not a peer of the processor.
            (SMALL.title, CLBLAST.name): [0.1],
        })
        measured, aim, reached = rows["matmul, digitalis cpu, of PyTorch and OpenBLAS"]
        self.assertEqual(
            measured,
            "1.10 × (matmul 100×200×300 TN) to 1.50 ×, median 1.30 ×; 1 of 2")
        self.assertEqual((aim, reached), ("at least 1.15 ×", "no"))
        self.assertEqual(list(rows), ["matmul, digitalis cpu, of PyTorch and OpenBLAS"])

    def test_scoring_is_compared_with_onnx_runtime_and_devices_with_the_processor(self):
        rows = aim_rows({
            ("scoring", CPU.name): [1], ("scoring", GPU.name): [1.25],
            ("scoring", ONNX.name): [2], ("scoring", EAGER.name): [0.5],
        })
        self.assertEqual(rows["scoring, of ONNX Runtime"], ["2.00 ×", "at least 2 ×", "yes"])
        self.assertEqual(
            rows["scoring, digitalis opencl:0, of cpu"], ["0.80 ×", "at least 0.9 ×", "no"])

    def test_limits(self):
        rows = aim_rows({("help", CPU.name): [0.2], ("memory", CPU.name): [1 << 30]})
        self.assertEqual(rows["help"], ["0.200 s", "at most 0.100 s", "no"])
        self.assertEqual(rows["memory"], ["1,024 MiB", "at most 1,024 MiB", "yes"])

    def test_rows_have_medians_ratios_and_notes(self):
        times = {("scoring", CPU.name): [0.5, 0.1, 0.2], ("scoring", ONNX.name): [0.4]}
        rows = report.rows(
            [SCORING, MEMORY], [CPU, ONNX, EAGER], {**times, ("memory", CPU.name): [5 << 20]},
            {("scoring", EAGER.name): "no | room"})
        self.assertEqual(
            rows[0],
            ["scoring", CPU.name, "200.00 ms", "100.00 ms – 500.00 ms", "5,000 images/s", "2.00 ×",
             ""])
        self.assertEqual(rows[1][2:6], ["400.00 ms", "-", "2,500 images/s", "1.00 ×"])
        self.assertEqual(rows[2][2:], ["-", "-", "-", "-", "no | room"])
        self.assertEqual(rows[3][:3], ["memory", CPU.name, "5 MiB"])
        text = report.markdown(report.HEADER, rows).splitlines()
        self.assertIn("no \\| room", text[4])
        self.assertEqual(len(text), 6)

    def test_titles_are_unique(self):
        for everything in [False, True]:
            titles = [work.title for work in works(everything)]
            self.assertEqual(len(titles), len(set(titles)))


if __name__ == "__main__":
    unittest.main()
