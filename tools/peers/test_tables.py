"""Tests of the tables of tools/compare: python3 -m unittest discover tools/peers"""

import os
import unittest
from unittest import mock

import aims
import growing
import instruction_set
import report
from work import Work, matmul, works


class Contender:
    def __init__(self, name, kinds, label=""):
        self.name, self.kinds, self.label = name, kinds, label
        self.is_peer = not label
        self.remarks = {}

    def takes(self, work):
        return work.kind in self.kinds


LOOPS = ["training", "classifier", "scoring"]
KINDS = ["matmul", *LOOPS, "search", "help", "start", "memory"]
CPU = Contender("digitalis cpu", KINDS, "cpu")
GPU = Contender("digitalis opencl:0", ["matmul", *LOOPS, "start"], "opencl:0")
TORCH = Contender("PyTorch", ["matmul"])
BLAS = Contender("OpenBLAS", ["matmul"])
ONEDNN = Contender("oneDNN", ["matmul"])
CLBLAST = Contender("CLBlast on opencl:0", ["matmul"])
ONNX = Contender("ONNX Runtime", ["scoring"])
EAGER = Contender("PyTorch eager", [*LOOPS, "search"])
SMALL, LARGE = matmul(127, 784, 500), matmul(512, 512, 512, "TN")
SKINNY = matmul(4096, 4096, 16)
OTHERS = [Work(kind=kind, title=kind) for kind in KINDS[1:]]
SCORING = Work(kind="scoring", title="scoring", amount=1000, unit="images/s")
MEMORY = Work(kind="memory", title="memory")


def aim_rows(times, instruction_set="avx2"):
    contenders = [CPU, GPU, TORCH, BLAS, ONEDNN, CLBLAST, ONNX, EAGER]
    found = aims.rows(
        aims.Results([SMALL, LARGE, SKINNY, *OTHERS], contenders, times, instruction_set))
    titles = [row[0] for row in found]
    assert len(titles) == len(set(titles)), titles
    return {row[0]: row[1:] for row in found}


class Tables(unittest.TestCase):
    def test_an_aim_is_for_the_worst_work_against_the_best_peer(self):
        rows = aim_rows({
            (SMALL.title, CPU.name): [1, 2, 9], (LARGE.title, CPU.name): [2],
            (SMALL.title, TORCH.name): [5], (LARGE.title, TORCH.name): [2.2],
            (SMALL.title, BLAS.name): [3], (LARGE.title, BLAS.name): [8],
            (SMALL.title, ONEDNN.name): [1.8],
            # Not a peer on the processor.
            (SMALL.title, CLBLAST.name): [0.1],
        })
        measured, aim, reached = rows["matmul, of the best library"]
        self.assertEqual(
            measured,
            "0.90 × (matmul 127×784×500 NN) to 1.10 ×, median 1.00 ×; 1 of 2")
        self.assertEqual((aim, reached), ("at least 1.0 ×", "no"))
        self.assertEqual(list(rows), ["matmul, of the best library"])

    def test_more_is_expected_of_avx512(self):
        times = {
            (work.title, name): [seconds]
            for work in [SMALL, LARGE, SKINNY]
            for name, seconds in [(CPU.name, 1), (BLAS.name, 1.05)]
        }
        times |= {("training", CPU.name): [1], ("training", EAGER.name): [1.7]}
        rows = aim_rows(times)
        self.assertEqual(rows["matmul, of the best library"][2], "yes")
        self.assertEqual(rows["VAE training, of PyTorch"], ["1.70 ×", "at least 1.6 ×", "yes"])
        self.assertEqual(len(rows), 2)
        rows = aim_rows(times, "avx512")
        self.assertEqual(rows["matmul, of the best library"][2], "yes")
        # One work alone is as large.
        self.assertEqual(
            rows["matmul from 512³ up, of the best library"], ["1.05 ×", "at least 1.1 ×", "no"])
        self.assertEqual(rows["VAE training, of PyTorch"], ["1.70 ×", "at least 2.5 ×", "no"])
        self.assertEqual(len(rows), 3)

    def test_the_loops_have_factors_of_their_own(self):
        times = {
            ("classifier", CPU.name): [1], ("classifier", EAGER.name): [2.9],
            ("scoring", CPU.name): [1], ("scoring", ONNX.name): [2], ("scoring", EAGER.name): [0.5],
            ("search", CPU.name): [1], ("search", EAGER.name): [4.9],
        }
        self.assertEqual(
            aim_rows(times), {
                "classifier training, of PyTorch": ["2.90 ×", "at least 3 ×", "no"],
                "scoring, of ONNX Runtime": ["2.00 ×", "at least 2 ×", "yes"],
                "Medium-2 search, of PyTorch": ["4.90 ×", "at least 5 ×", "no"],
            })

    def test_devices_keep_up_with_the_processor_where_there_is_enough_to_do(self):
        rows = aim_rows({
            (SMALL.title, CPU.name): [1], (SMALL.title, GPU.name): [9],
            (LARGE.title, CPU.name): [1], (LARGE.title, GPU.name): [0.8],
            (SKINNY.title, CPU.name): [1], (SKINNY.title, GPU.name): [1],
            **{(kind, CPU.name): [0.94] for kind in LOOPS},
            **{(kind, GPU.name): [1] for kind in LOOPS},
        })
        measured, aim, reached = rows["matmul from 128×784×500 up, digitalis opencl:0, of cpu"]
        self.assertTrue(measured.endswith("; 2 of 2"), measured)
        self.assertEqual((aim, reached), ("at least 0.95 ×", "yes"))
        for title in ["VAE training", "classifier training", "scoring"]:
            self.assertEqual(
                rows[f"{title}, digitalis opencl:0, of cpu"], ["0.94 ×", "at least 0.95 ×", "no"])

    def test_limits(self):
        rows = aim_rows({
            ("help", CPU.name): [0.2], ("memory", CPU.name): [1 << 30],
            ("start", CPU.name): [0.31], ("start", GPU.name): [1.9],
        })
        self.assertEqual(rows["help"], ["0.200 s", "at most 0.100 s", "no"])
        self.assertEqual(rows["memory"], ["1,024 MiB", "at most 1,024 MiB", "yes"])
        self.assertEqual(rows["start, digitalis cpu"], ["0.31 s", "at most 0.30 s", "no"])
        self.assertEqual(rows["start, digitalis opencl:0"], ["1.90 s", "at most 2.00 s", "yes"])

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

    def test_default_products_have_gradients_and_squares(self):
        titles = [work.title for work in works(False) if work.kind == "matmul"]
        self.assertEqual(len(titles), 16)
        for title in ["256×256×256 NN", "128×500×784 NT", "784×128×500 TN", "1×784×500 NN"]:
            self.assertIn(f"matmul {title}", titles)
        everything = [work.title for work in works(True)]
        self.assertLess(set(titles), set(everything))

    def test_peers_inherit_no_choice_of_instructions(self):
        inherited = {"OPENBLAS_CORETYPE": "Haswell", "OPENBLAS_L2_SIZE": "512", "PATH": "/bin"}
        with mock.patch.dict(os.environ, inherited, clear=True):
            self.assertEqual(instruction_set.peer_environment(), {"PATH": "/bin"})
            forced = instruction_set.peer_environment("avx2")
            self.assertEqual(forced["OPENBLAS_CORETYPE"], "Zen")
            self.assertNotIn("OPENBLAS_L2_SIZE", forced)
            forced = instruction_set.peer_environment("avx512")
            self.assertEqual(forced, {"PATH": "/bin", "OPENBLAS_CORETYPE": "SKYLAKEX"})

    def test_the_report_says_who_was_not_forced(self):
        self.assertIn("avx2 forced for digitalis cpu", instruction_set.fact("avx2", "avx2"))
        ignored = instruction_set.fact("avx2", "avx512")
        self.assertNotIn("for digitalis cpu", ignored)
        self.assertTrue(ignored.endswith("digitalis cpu has avx512 kernels all the same"))

    def test_growth_is_against_the_best_of_a_column(self):
        works = [growing.training(1), growing.training(10)]
        times = {
            ("digitalis", "batch 1"): [0.1, 0.3, 0.2], ("digitalis", "batch 10"): [1],
            ("PyTorch", "batch 10"): [3]}
        rows = growing.rows(("steps", works), 2, times)
        self.assertEqual(
            rows, [
                ["steps", "2", "batch 1", "200.00 ms", "2.00", "-", "-", "-"],
                ["steps", "2", "batch 10", "100.00 ms", "1.00", "300.00 ms", "1.00", "3.00 ×"],
            ])
        self.assertEqual(growing.rows(("steps", works), 1, {}), [])


if __name__ == "__main__":
    unittest.main()
