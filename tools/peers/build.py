"""A release build of digitalis, if none is given."""

import subprocess
import sys


def release_tool(root):
    """The path of the tool."""
    command = ["swift", "build", "-c", "release", "--product", "digitalis"]
    result = subprocess.run(command, cwd=root, stdout=subprocess.PIPE, text=True)
    if result.returncode != 0:
        sys.exit(f"{' '.join(command)} failed\n{result.stdout}")
    folder = subprocess.run(
        [*command[:4], "--show-bin-path"], cwd=root, stdout=subprocess.PIPE, text=True, check=True)
    return f"{folder.stdout.strip()}/digitalis"
