"""Fill the virtual environment with what a make target needs, and say so while it takes long.

Runs on the system's Python before anything is installed, so it uses the standard library only:
`python3 -I compose/install.py`. The constraints files name every package with its version; pip
installs these and works nothing out by itself. A second run with nothing changed ends at once: a
stamp in the environment holds a digest of everything that decides what is installed.
"""

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

try:
    import tomllib
except ModuleNotFoundError:  # came with Python 3.11
    sys.exit("Rivulet needs Python 3.11 or newer. Name one: make PYTHON=python3.12 ...")

ROOT = Path(__file__).resolve().parent.parent
PROGRESS_EVERY_S = 15.0
# Why: constraints-cpu.txt.
LEFT_OUT = ("torchvision", "torchaudio", "torchcodec", "triton")
# Configured package folders that do not exist, and lines that name servers.
_NOISE = re.compile(r"Location .* is ignored|^Looking in ")
_TROUBLE = re.compile(r"^\s*(ERROR|WARNING|error|fatal):?\b")


class InstallError(Exception):
    """The environment could not be made or filled."""


class Environment:
    """The virtual environment, and the stamps of what is in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.python = folder / "bin" / "python"
        self.log = folder / "install.log"

    def works(self) -> bool:
        """Tell whether its Python starts and has pip; not so after a half-made environment."""
        return self.python.exists() and _succeeds(str(self.python), "-c", "import pip")

    def create(self) -> None:
        """Make it anew."""
        if self.folder.exists() and not (self.folder / "pyvenv.cfg").exists():
            raise InstallError(f"{self.folder} is in the way: it is no virtual environment.")
        _need_ensurepip()
        shutil.rmtree(self.folder, ignore_errors=True)
        say(f"creating {self.folder.name} with Python {sys.version.split()[0]}")
        subprocess.run([sys.executable, "-m", "venv", str(self.folder)], check=True)

    def pip_install(self, *arguments: str) -> None:
        """Install exactly what is named; pip talks to ``install.log``, its errors are raised.

        Nothing is compiled ahead: it takes a minute, and Python does it for what it imports, or
        ``compile`` where it may not.
        """
        process = subprocess.Popen(
            [str(self.python), "-m", "pip", "install", "--no-deps", "--no-compile", *arguments],
            cwd=ROOT,
            env={
                **os.environ,
                "PIP_DISABLE_PIP_VERSION_CHECK": "1",
                "PIP_ROOT_USER_ACTION": "ignore",
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        trouble = []
        with self.log.open("a") as log:
            for line in process.stdout or ():
                log.write(line)
                if _TROUBLE.match(line) and not _NOISE.search(line):
                    trouble.append(line)
        if process.wait() != 0:
            raise InstallError("".join(trouble) or f"pip failed; its output is in {self.log}")
        for line in trouble:
            say(line.rstrip())

    def compile(self) -> None:
        """Keep the bytecode of all packages where Python itself is told to keep none.

        Containers often are (PYTHONDONTWRITEBYTECODE). Each of vLLM's three processes would compile
        thousands of files at every start: a worker was ready after 106 s, and so after 42.
        """
        # Isolated: without the variable. Some packages hold files that are for other Pythons.
        command = (str(self.python), "-I", "-m", "compileall", "-q", "-j", "0")
        packages = sysconfig.get_path("purelib", "venv", {"base": str(self.folder)})
        subprocess.run([*command, packages], capture_output=True)

    def missing(self) -> list[str]:
        """Return what pip finds wrong with the packages, less what is left out on purpose."""
        command = [str(self.python), "-m", "pip", "check"]
        output = subprocess.run(command, capture_output=True, text=True).stdout
        wanted = re.compile(rf"requires ({'|'.join(LEFT_OUT)}), which is not installed")
        problems = [line for line in output.splitlines() if not _NOISE.search(line)]
        return [
            line
            for line in problems
            if not wanted.search(line) and not line.startswith("No broken requirements")
        ]

    def has(self, part: str, digest: str) -> bool:
        """Tell whether ``part`` was installed from these very inputs."""
        stamp = self._stamp(part)
        return stamp.exists() and stamp.read_text() == digest

    def stamp(self, part: str, digest: str) -> None:
        """Record that ``part`` is installed."""
        self._stamp(part).write_text(digest)

    def _stamp(self, part: str) -> Path:
        return self.folder / f"rivulet-{part}.stamp"


def install(environment: Environment, engine: str, torch_index: str) -> None:
    """Install the base and, unless ``engine`` is ``none``, vLLM; what is there stays."""
    if not environment.works():
        environment.create()
    digest = _digest(environment, "constraints.txt")
    if not environment.has("base", digest):
        with told("Rivulet's packages (under a minute)"):
            _install_base(environment)
        environment.stamp("base", digest)
    if engine == "none":
        return
    digest = _digest(environment, "constraints.txt", f"constraints-{engine}.txt")
    if not environment.has(engine, digest):
        size = "several GB" if engine == "gpu" else "about 500 MB, two or three minutes"
        with told(f"vLLM for {'NVIDIA CUDA' if engine == 'gpu' else 'the CPU'} ({size})"):
            _install_engine(environment, engine, torch_index)
        environment.stamp(engine, digest)


def _install_base(environment: Environment) -> None:
    environment.pip_install("--requirement", "constraints.txt")
    # setuptools is one of the packages above: without isolation pip need not fetch another.
    environment.pip_install("--no-build-isolation", "--editable", ".")
    _check(environment)
    _compile(environment)


def _install_engine(environment: Environment, engine: str, torch_index: str) -> None:
    pins = f"constraints-{engine}.txt"
    if engine == "cpu":
        _need_libnuma()
        _install_cpu_torch(environment, pins, torch_index)
    environment.pip_install("--requirement", pins)
    _check(environment)
    _compile(environment)


def _install_cpu_torch(environment: Environment, pins: str, torch_index: str) -> None:
    """Install torch's CPU build, which few package indexes have."""
    arguments = ("--constraint", pins, "torch")
    try:
        environment.pip_install(*arguments)
    except InstallError as error:
        if not torch_index:
            raise
        say("the configured package index has no CPU build of torch: trying PyTorch's own")
        try:
            environment.pip_install(*arguments, "--extra-index-url", torch_index)
        except InstallError as second:
            raise InstallError(f"{error}\n{second}") from second


def _check(environment: Environment) -> None:
    missing = environment.missing()
    if missing:
        raise InstallError(
            "\n".join(missing)
            + "\nThe constraints files do not fit pyproject.toml or this Python: "
            "see CONTRIBUTING.md, Dependencies."
        )


def _compile(environment: Environment) -> None:
    if os.environ.get("PYTHONDONTWRITEBYTECODE"):
        environment.compile()


def _digest(environment: Environment, *constraints: str) -> str:
    """Digest of what decides an installation; comments and tool settings are not in it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    inputs = [project["build-system"], project["project"], project["tool"]["setuptools"]]
    inputs += [str(environment.folder), str(ROOT), LEFT_OUT]
    inputs += [(ROOT / name).read_text() for name in constraints]
    return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()


def _need_ensurepip() -> None:
    """Debian ships Python without the part that puts pip into a virtual environment."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    # In a fresh process: this one would not see a package that was installed meanwhile.
    need(
        f"python{version}-venv",
        f"{sys.executable} cannot make virtual environments",
        lambda: _succeeds(sys.executable, "-c", "import ensurepip, venv"),
    )


def _need_libnuma() -> None:
    """The CPU build of vLLM is linked to it; without it the engine fails when it starts."""
    need(
        "libnuma1",
        "vLLM's CPU build needs the library libnuma",
        lambda: _succeeds(sys.executable, "-c", "import ctypes; ctypes.CDLL('libnuma.so.1')"),
    )


def need(package: str, problem: str, solved: Callable[[], bool]) -> None:
    """Have a Debian package where it can be installed; else raise with its name."""
    if solved():
        return
    if can_install():
        say(f"{problem}: installing Debian's package {package}")
        apt_get("update")
        apt_get("install", "--yes", "--no-install-recommends", package)
    if not solved():
        raise InstallError(f"{problem}. On Debian and Ubuntu: apt-get install {package}")


def can_install() -> bool:
    """Tell whether Debian packages can be installed here."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def apt_get(*arguments: str) -> None:
    """Run apt-get and show what it says only if it fails."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(
        ["apt-get", "-q", *arguments], capture_output=True, text=True, env=environment
    )
    if done.returncode != 0:
        print(done.stdout, done.stderr, sep="", file=sys.stderr)


def _find_engine() -> str:
    """Return ``gpu`` where there is an NVIDIA GPU that answers, else ``cpu``."""
    return "gpu" if shutil.which("nvidia-smi") and _succeeds("nvidia-smi", "-L") else "cpu"


def _succeeds(*command: str) -> bool:
    return subprocess.run(command, capture_output=True).returncode == 0


@contextmanager
def told(what: str) -> Iterator[None]:
    """Say what is being installed, that it still is, and how long it took."""
    say(f"installing {what}")
    started = time.monotonic()
    done = threading.Event()

    def tell() -> None:
        while not done.wait(PROGRESS_EVERY_S):
            say(f"  still installing, {time.monotonic() - started:.0f} s so far")

    teller = threading.Thread(target=tell, daemon=True)
    teller.start()
    try:
        yield
    finally:
        done.set()
    say(f"  installed in {time.monotonic() - started:.0f} s")


def say(text: str) -> None:
    """Tell the person who waits."""
    print(f"setup: {text}", flush=True)


def main() -> None:
    """Read the command line and install."""
    parser = argparse.ArgumentParser(description="Install what a make target needs.")
    parser.add_argument("--venv", type=Path, default=ROOT / ".venv")
    parser.add_argument("--engine", choices=("none", "auto", "cpu", "gpu"), default="auto")
    parser.add_argument("--torch-index", default="", help="where to look for torch's CPU build")
    arguments = parser.parse_args()
    engine = _find_engine() if arguments.engine == "auto" else arguments.engine
    try:
        install(Environment(arguments.venv.resolve()), engine, arguments.torch_index)
    except InstallError as error:
        sys.exit(f"setup: failed\n{error}")


if __name__ == "__main__":
    main()
