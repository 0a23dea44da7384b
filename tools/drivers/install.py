"""Gets OpenCL drivers into folders of their own, beside what the system has."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import zipfile


class Unavailable(Exception):
    """Why a driver cannot be had here, and what would help."""


def run(command, **options):
    """The output of a command."""
    try:
        done = subprocess.run(command, text=True, capture_output=True, **options)
    except OSError as error:
        raise Unavailable(f"{command[0]}: {error.strerror}") from error
    if done.returncode != 0:
        words = (done.stderr.strip() or done.stdout.strip() or "failed").splitlines()[-1]
        raise Unavailable(f"{' '.join(command[:3])}: {words}")
    return done.stdout


def debian(packages, folder):
    """The beginning of a command that runs with Debian packages: empty if the system has them.

    Otherwise what the system lacks is unpacked into the folder, and laid over /usr for the command
    alone, since drivers look for their files there.
    """
    remedy = f"apt-get install --no-install-recommends {' '.join(packages)}"
    if all(is_installed(package) for package in packages):
        return []
    if not shutil.which("apt-get"):
        raise Unavailable(f"no Debian packages here: {' '.join(packages)}")
    if not (folder / "complete").exists():
        try:
            unpack_debian(packages, folder)
        except Unavailable as reason:
            raise Unavailable(f"{reason}; as root: apt-get update && {remedy}") from reason
    command = over_usr(folder)
    if subprocess.run([*command, "true"], capture_output=True).returncode != 0:
        raise Unavailable(f"no file system can be laid over /usr here; as root: {remedy}")
    return command


def is_installed(package):
    query = ["dpkg-query", "-W", "-f", "${db:Status-Status}", package]
    return run(["sh", "-c", '"$@" 2>/dev/null || true', "sh", *query]) == "installed"


def unpack_debian(packages, folder):
    """Unpacks the packages, and what they need besides; what is installed in another version stays."""
    plan = run(["apt-get", "-s", "install", "--no-install-recommends", *packages])
    # "Inst NAME [OLD VERSION] (NEW VERSION …)"
    lines = [line.split() for line in plan.splitlines() if line.startswith("Inst ")]
    names = [words[1] for words in lines if not words[2].startswith("[") or words[1] in packages]
    print(f"drivers: downloading {' '.join(names)} into {folder}", flush=True)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as archives:
        run(["apt-get", "download", "-qq", *names], cwd=archives)
        for archive in pathlib.Path(archives).glob("*.deb"):
            run(["dpkg-deb", "-x", str(archive), str(folder)])
    (folder / "complete").touch()


def over_usr(folder):
    if set(":,\\") & set(str(folder)):
        raise Unavailable(f"{folder}: a name with : , or \\ cannot be laid over /usr")
    mount = 'mount -t overlay overlay -o "lowerdir=$0/usr:/usr" /usr && exec "$@"'
    mapped = [] if os.geteuid() == 0 else ["--map-root-user"]
    return ["unshare", *mapped, "--mount", "sh", "-c", mount, str(folder)]


def wheels(packages, folder):
    """The folder of the libraries of Python packages, without the OpenCL loader among them."""
    library = folder / "lib"
    if (folder / "complete").exists():
        return library
    print(f"drivers: downloading {' '.join(packages)} into {folder}", flush=True)
    library.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as archives:
        run([sys.executable, "-m", "pip", "download", "--quiet", "--dest", archives, *packages])
        for archive in pathlib.Path(archives).glob("*.whl"):
            with zipfile.ZipFile(archive) as wheel:
                for name in wheel.namelist():
                    _, is_library, path = name.partition(".data/data/lib/")
                    if not is_library or name.endswith("/") or path.startswith("libOpenCL.so"):
                        continue
                    (library / path).parent.mkdir(parents=True, exist_ok=True)
                    (library / path).write_bytes(wheel.read(name))
    (folder / "complete").touch()
    return library


def vendors(folder, library):
    """A folder that names one driver to the OpenCL loader."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "driver.icd").write_text(f"{library}\n", "utf-8")
    return str(folder)
