"""Build the web client where its sources have changed: ``python -m compose.web_client``.

Two digests decide: that of what names its packages, and that of everything its build reads. They
are kept beside the packages, so a second run with nothing changed ends at once.
"""

import argparse
import hashlib
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from compose.install import ROOT, Environment, InstallError, told
from compose.node import Node, NodeError, find_node

CLIENT: Final = ROOT / "clients" / "web"
_PACKAGE_FILES: Final = ("package.json", "package-lock.json", ".npmrc")
_MADE: Final = frozenset(("node_modules", "dist"))


class WebClientBuild:
    """The client's folder, and what is known of its last build."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._packages = folder / "node_modules"

    @property
    def packages_digest(self) -> str:
        """Digest of what decides which packages there are."""
        return _digest(self._folder, (self._folder / name for name in _PACKAGE_FILES))

    @property
    def sources_digest(self) -> str:
        """Digest of everything that the build reads."""
        return _digest(self._folder, _sources(self._folder))

    @property
    def has_packages(self) -> bool:
        """Whether the packages are those that the lock file names."""
        return self._stamped("packages") == self.packages_digest

    @property
    def is_built(self) -> bool:
        """Whether what is built was built from these very sources."""
        built = (self._folder / "dist" / "index.html").is_file()
        return built and self._stamped("build") == self.sources_digest

    def install(self, node: Node) -> None:
        """Install exactly the packages of the lock file."""
        with told("the web client's packages (under a minute)"):
            node.npm(self._folder, "ci")
        self._stamp("packages", self.packages_digest)

    def build(self, node: Node) -> None:
        """Make ``dist``."""
        with told("the web client itself (built in about 20 s)"):
            node.npm(self._folder, "run", "build")
        self._stamp("build", self.sources_digest)

    def _stamped(self, part: str) -> str | None:
        stamp = self._packages / f".rivulet-{part}"
        return stamp.read_text() if stamp.is_file() else None

    def _stamp(self, part: str, digest: str) -> None:
        (self._packages / f".rivulet-{part}").write_text(digest)


def ensure_built(
    environment: Environment, *, only_packages: bool = False, folder: Path = CLIENT
) -> None:
    """Install and build what is missing or old; what is there stays."""
    build = WebClientBuild(folder)
    if build.has_packages and (only_packages or build.is_built):
        return
    node = find_node(environment)
    if not build.has_packages:
        build.install(node)
    if not only_packages and not build.is_built:
        build.build(node)


def _sources(folder: Path) -> Iterable[Path]:
    for entry in folder.iterdir():
        if entry.name in _MADE:
            continue
        yield from (
            (path for path in entry.rglob("*") if path.is_file()) if entry.is_dir() else (entry,)
        )


def _digest(folder: Path, paths: Iterable[Path]) -> str:
    digest = hashlib.sha256(str(folder).encode())
    for path in sorted(paths):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(folder)}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def main() -> None:
    """Read the command line and build."""
    parser = argparse.ArgumentParser(prog="python -m compose.web_client", description=__doc__)
    parser.add_argument("--only-packages", action="store_true", help="install, but do not build")
    arguments = parser.parse_args()
    try:
        ensure_built(Environment(Path(sys.prefix)), only_packages=arguments.only_packages)
    except (InstallError, NodeError) as error:
        sys.exit(f"setup: failed\n{error}")


if __name__ == "__main__":
    main()
