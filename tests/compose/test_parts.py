"""The small parts of the supervisor: Procfile, ports, store choice, lines."""

import socket
from pathlib import Path

import pytest

from compose import embedded_store
from compose.data_dir import DataDir
from compose.embedded_store import prepare_store
from compose.errors import BadProcfile, PortTaken, StoreUnavailable
from compose.memory import Memory, recall, remember
from compose.output import LineBuffer
from compose.ports import free_port, keep_or_choose, require_free
from compose.procfile import DEFAULT_PROCFILE, Entry, read_procfile


def test_the_shipped_procfile_has_every_part_in_its_order() -> None:
    roles = [entry.role for entry in read_procfile(DEFAULT_PROCFILE)]
    services = ["gateway", "worker", "analytics"]
    assert roles == ["broker", "store", "store", *["release"] * 3, *services]


def test_a_filled_in_path_may_hold_spaces() -> None:
    entry = Entry("store", None, "run --dir $DIR '--name=a b'")
    assert entry.arguments({"DIR": "/my data"}) == ["run", "--dir", "/my data", "--name=a b"]


@pytest.mark.parametrize("line", ["no colon here", ": nothing", "name:", "two words: x"])
def test_a_bad_procfile_line_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "Procfile"
    path.write_text(f"# comment\n{line}\n")
    with pytest.raises(BadProcfile, match="line 2"):
        read_procfile(path)


def test_an_unknown_name_in_a_command_is_named() -> None:
    with pytest.raises(BadProcfile, match="NO_SUCH_NAME"):
        Entry("worker", None, "run $NO_SUCH_NAME").arguments({})


def test_a_remembered_port_is_kept_while_it_is_free() -> None:
    port = free_port()
    assert keep_or_choose(port) == port
    with socket.create_server(("127.0.0.1", port)):
        assert keep_or_choose(port) != port


def test_a_taken_port_is_refused_by_the_name_of_its_setting() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken, match=f"RIVULET_PORT={port}"):
            require_free("RIVULET_PORT", "127.0.0.1", port)


def test_an_address_of_another_machine_is_refused_by_name() -> None:
    with pytest.raises(PortTaken, match="RIVULET_HOST"):
        require_free("RIVULET_PORT", "192.0.2.1", free_port())


def test_memory_survives_and_is_private(tmp_path: Path) -> None:
    data_dir = DataDir(tmp_path)
    memory = Memory(broker_port=1234, store="mongod")
    remember(data_dir, memory)
    assert recall(data_dir) == memory
    assert (tmp_path / "stack.json").stat().st_mode & 0o077 == 0


def test_the_store_with_the_data_stays_when_mongod_is_installed_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = Memory()
    monkeypatch.setattr(embedded_store.shutil, "which", lambda _: None)
    prepare_store(DataDir(tmp_path), memory)
    assert memory.store == "nx-27017"
    monkeypatch.setattr(embedded_store.shutil, "which", lambda _: "/usr/bin/mongod")
    prepare_store(DataDir(tmp_path), memory)
    assert memory.store == "nx-27017"
    fresh = Memory()
    prepare_store(DataDir(tmp_path / "new"), fresh)
    assert fresh.store == "mongod"


def test_data_of_a_mongod_that_is_gone_is_not_started_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded_store.shutil, "which", lambda _: None)
    with pytest.raises(StoreUnavailable, match="mongod"):
        prepare_store(DataDir(tmp_path), Memory(store="mongod"))


def test_lines_are_cut_from_any_pieces_and_an_endless_one_is_broken() -> None:
    lines = LineBuffer()
    assert lines.feed(b"one\ntw") == [b"one"]
    assert lines.feed(b"o\n") == [b"two"]
    assert sum(len(lines.feed(b"x" * 40_000)) for _ in range(2)) == 1
    assert lines.feed(b"last") == []
    assert lines.end() == [b"last"]
