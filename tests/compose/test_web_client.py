"""The web client is built when its sources have changed, and only then."""

from pathlib import Path

import pytest

from compose import node as node_module
from compose.install import Environment
from compose.node import Node, NodeError, find_node
from compose.web_client import ensure_built

ENVIRONMENT = Environment(Path("/nowhere"))
# Does as npm would, and keeps a diary.
NPM = """#!/bin/sh
echo "$1" >> diary
mkdir -p node_modules dist
if [ "$1" = run ]; then echo '<!doctype html>' > dist/index.html; fi
"""


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "client"
    (folder / "src").mkdir(parents=True)
    for name in ("package.json", "package-lock.json", ".npmrc", "src/main.ts"):
        (folder / name).write_text("{}")
    programs = tmp_path / "programs"
    programs.mkdir()
    program(programs / "npm", NPM.replace("diary", str(tmp_path / "diary")))
    program(programs / "node", "#!/bin/sh\necho v22.1.0\n")
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    return folder


def program(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)


def diary(client: Path) -> list[str]:
    path = client.parent / "diary"
    return path.read_text().split() if path.exists() else []


def build(client: Path) -> list[str]:
    """Return what npm was asked for this time."""
    before = diary(client)
    ensure_built(ENVIRONMENT, folder=client)
    return diary(client)[len(before) :]


def test_a_second_run_with_nothing_changed_does_nothing(client: Path) -> None:
    assert build(client) == ["ci", "run"]
    assert build(client) == []


def test_a_changed_source_is_built_without_installing_again(client: Path) -> None:
    build(client)
    (client / "src" / "main.ts").write_text("changed")
    assert build(client) == ["run"]


def test_changed_packages_are_installed_and_built(client: Path) -> None:
    build(client)
    (client / "package-lock.json").write_text("changed")
    assert build(client) == ["ci", "run"]


def test_a_lost_build_is_made_again(client: Path) -> None:
    build(client)
    (client / "dist" / "index.html").unlink()
    assert build(client) == ["run"]


def test_a_failure_is_said_with_what_npm_printed_and_tried_again(client: Path) -> None:
    npm = client.parent / "programs" / "npm"
    program(npm, "#!/bin/sh\necho no space left\nexit 1\n")
    with pytest.raises(NodeError, match="no space left"):
        ensure_built(ENVIRONMENT, folder=client)
    program(npm, NPM.replace("diary", str(client.parent / "diary")))
    assert build(client) == ["ci", "run"]


@pytest.mark.parametrize("version", ["v18.20.0", "v20.18.3", "not a version"])
def test_an_old_node_gives_way_to_the_wheel(
    client: Path, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    program(client.parent / "programs" / "node", f"#!/bin/sh\necho {version}\n")
    wheel = Node("v24.0.0", ("npm",), {})
    monkeypatch.setattr(node_module, "_of_the_wheel", lambda _: wheel)
    assert find_node(ENVIRONMENT) is wheel
