"""Installs what the peers need: Debian packages, a virtual environment, compiled workers."""

import os
import pathlib
import shutil
import subprocess
import sys

from errors import Unavailable, last_line

HERE = pathlib.Path(__file__).resolve().parent
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
DEFAULT_FOLDER = os.environ.get("DIGITALIS_PEERS") or CACHE / "digitalis" / "peers"


def python_with(modules, folder, may_install):
    """The interpreter of a virtual environment that has these modules, made if missing.

    A module's name is also that of its package.
    """
    python = folder / "bin" / "python"
    missing = [module for module in modules if not has(module, python)]
    if not missing:
        return python
    if not may_install:
        raise Unavailable(f"no {' and '.join(missing)} in {folder}")
    print(f"installing {' and '.join(missing)} into the virtual environment {folder}", flush=True)
    if not python.exists():
        check = subprocess.run([sys.executable, "-c", "import ensurepip"], capture_output=True)
        if check.returncode != 0:
            apt_install("python3-venv", may_install)
        run([sys.executable, "-m", "venv", str(folder)])
    run([str(python), "-m", "pip", "install", "--quiet", *missing])
    return python


def has(module, python):
    find = f"import importlib.util, sys; sys.exit(importlib.util.find_spec('{module}') is None)"
    return python.exists() and subprocess.run([str(python), "-c", find]).returncode == 0


def c_worker(name, library, debian_package, build_folder, may_install):
    """Compiles tools/peers/NAME.c against a library."""
    for tool in ["cc", "pkg-config"]:
        if not shutil.which(tool):
            raise Unavailable(f"{tool} is not installed")
    if not library_flags(library):
        apt_install(debian_package, may_install)
    try:
        build_folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Unavailable(f"{build_folder}: {error.strerror}") from error
    program = build_folder / name
    flags = library_flags(library)
    if not flags:
        raise Unavailable(f"{debian_package} has no library {library}")
    libraries = ["-lOpenCL", "-lm"] if name == "clblast" else ["-lm"]
    run(["cc", "-O2", "-o", str(program), str(HERE / f"{name}.c"), *flags, *libraries])
    return program


def library_flags(library):
    """How to compile with a library, by pkg-config, or if that fails by the linker's folders."""
    if subprocess.run(["pkg-config", "--exists", library]).returncode == 0:
        return run(["pkg-config", "--cflags", "--libs", library]).split()
    file = f"lib{library}.so"
    # The compiler repeats a name that it cannot find.
    is_there = run(["cc", f"-print-file-name={file}"]).strip() != file
    return [f"-l{library}"] if is_there else []


def apt_install(package, may_install):
    if not may_install or not shutil.which("apt-get"):
        raise Unavailable(f"{package} is not installed")
    print(f"installing the Debian package {package}", flush=True)
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    environment = ["env", "DEBIAN_FRONTEND=noninteractive"]
    run([*sudo, *environment, "apt-get", "install", "--yes", "--quiet", package])


def run(command):
    """The output of a command; a failure is a reason to skip the peer."""
    try:
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout
    except subprocess.CalledProcessError as error:
        reason = last_line(error.stderr) or f"exit code {error.returncode}"
        raise Unavailable(f"{' '.join(command[:4])} …: {reason}") from error
    except OSError as error:
        raise Unavailable(f"{command[0]}: {error.strerror}") from error
