"""What the Python workers share: the protocol of worker.h, the clock, and the choice of a batch."""

import sys
import time


def measure(call, seconds):
    """Seconds per call: warm up with growing numbers of calls, then time once more."""

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


class BestBatch:
    """A call for COUNT images in batches of the size found to be the fastest.

    make(batch) returns the call for one batch.
    """

    def __init__(self, make, sizes, count):
        times = {}
        for size in 2 * list(sizes):  # Twice, since neighbours may be noisy.
            call = make(size)
            measure(call, 0)  # The first calls compile and choose.
            times[size] = min(times.get(size, 1e9), measure(call, 0.3) / size)
        self.size = min(times, key=times.get)
        self.batches = max(1, count // self.size)
        self.call = make(self.size)
        self.scale = count / (self.batches * self.size)

    def seconds(self, seconds):
        """Seconds for COUNT images."""

        def calls():
            for _ in range(self.batches):
                self.call()

        return measure(calls, seconds) * self.scale

    @property
    def remark(self):
        return f"batch {self.size}, the best of its sizes"


def serve(description, handlers):
    """Answers each line KIND ARGUMENT… by handlers[KIND](ARGUMENT…).

    A handler returns seconds per call, or those and a remark for the table.
    """
    print(f"ready {description}", flush=True)
    for line in sys.stdin:
        kind, *arguments = line.split()
        try:
            if kind not in handlers:
                raise ValueError(f"no request {kind}")
            result = handlers[kind](*arguments)
            seconds, remark = result if isinstance(result, tuple) else (result, "")
            print(f"ok {seconds:.9g} {remark}".rstrip(), flush=True)
        except Exception as error:  # anything a peer cannot do becomes a note in the table
            lines = str(error).strip().splitlines() or [type(error).__name__]
            print(f"failed {type(error).__name__}: {lines[0]}", flush=True)
