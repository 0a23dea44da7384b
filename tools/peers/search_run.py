"""The run whose Medium-2 generator is searched."""

import pathlib
import shutil
import subprocess

from errors import Unavailable, last_line

# The statistics are recomputed, in the current format.
FILES = ["config.json", "weights.safetensors", "classifier.safetensors"]


def copy_of(run, tool, peers, target):
    """Copies what a search needs of a run into `target`; without a run, trains one at D = 10.

    The search leaves its history in the copy, not with the run.
    """
    if not run:
        run = trained(tool, pathlib.Path(peers) / "digitalis-search-run")
    for name in FILES:
        try:
            shutil.copy(pathlib.Path(run) / name, target)
        except OSError as error:
            raise Unavailable(f"{run}/{name}: {error.strerror}") from error
    return target


def trained(tool, run):
    """A run in the peers' folder, trained if missing."""
    if all((run / name).exists() for name in FILES):
        return run
    print(f"training a run for the search in {run}", flush=True)
    for arguments in [
        ["vae", "--latent", "10", "--epochs", "10", "--out", run, "--overwrite"],
        ["classifier", "--run", run, "--epochs", "3"],
    ]:
        result = subprocess.run(
            [tool, "train", *map(str, arguments), "--device", "cpu"], capture_output=True,
            text=True)
        if result.returncode != 0:
            raise Unavailable(last_line(result.stderr))
    return run
