"""Settings: where they come from, which is stronger, and that every refusal names its variable."""

from pathlib import Path

import pytest

from schemas.settings import VARIABLES, Settings, SettingsError, read_settings

README = Path(__file__).parents[2] / "README.md"
NAMES = [variable.name for variable in VARIABLES]


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path


def read(data_dir: Path, **own: str) -> Settings:
    environment = {f"RIVULET_{name}": value for name, value in own.items()}
    return read_settings({"RIVULET_DATA_DIR": str(data_dir), **environment})


def value_of(name: str, data_dir: Path, **own: str) -> object:
    return read(data_dir, **own).get(name)


def test_without_any_variable_everything_has_its_default(data_dir: Path) -> None:
    assert value_of("PORT", data_dir) == 8_000
    assert value_of("HOST", data_dir) == "127.0.0.1"
    assert value_of("NATS_URL", data_dir) is None
    assert value_of("ORIGINS", data_dir) == ()


def test_the_environment_is_stronger_than_the_stacks_file(data_dir: Path) -> None:
    (data_dir / "stack.env").write_text("RIVULET_PORT=8101\nRIVULET_MODEL=from-file\n")
    assert value_of("PORT", data_dir, PORT="8202") == 8_202
    assert value_of("MODEL", data_dir, PORT="8202") == "from-file"


def test_the_stacks_file_may_hold_comments_empty_lines_and_equals_signs(data_dir: Path) -> None:
    (data_dir / "stack.env").write_text(
        "# written by make up\n\nRIVULET_NATS_URL = nats://token=a@127.0.0.1:4222 \n"
    )
    assert value_of("NATS_URL", data_dir) == "nats://token=a@127.0.0.1:4222"


def test_the_data_dir_of_the_environment_says_which_file_is_read(tmp_path: Path) -> None:
    for name, port in (("one", "8101"), ("two", "8102")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "stack.env").write_text(f"RIVULET_PORT={port}\n")
    assert value_of("PORT", tmp_path / "one") == 8_101
    assert value_of("PORT", tmp_path / "two") == 8_102


def test_without_a_stacks_file_only_the_environment_counts(tmp_path: Path) -> None:
    assert value_of("PORT", tmp_path / "missing", PORT="8303") == 8_303


def test_an_empty_variable_stands_for_the_default(data_dir: Path) -> None:
    assert value_of("PORT", data_dir, PORT="") == 8_000
    assert read(data_dir, TYPO="")


def test_an_empty_variable_is_stronger_than_the_stacks_file(data_dir: Path) -> None:
    (data_dir / "stack.env").write_text("RIVULET_ARCHIVE_DIR=/archive\nRIVULET_PORT=8101\n")
    assert value_of("ARCHIVE_DIR", data_dir, ARCHIVE_DIR="") is None
    assert value_of("PORT", data_dir, PORT="") == 8_000


def test_variables_of_others_are_nobodys_business(data_dir: Path) -> None:
    assert read_settings({"RIVULET_DATA_DIR": str(data_dir), "PATH": "/bin", "PORT": "x"})


@pytest.mark.parametrize("name", ["PROT", "port", "", "NATS_URLS"])
def test_an_unknown_variable_is_named_in_the_refusal(name: str, data_dir: Path) -> None:
    with pytest.raises(SettingsError, match=f"RIVULET_{name}:"):
        read(data_dir, **{name: "1"})


def test_an_unknown_variable_in_the_stacks_file_is_named_too(data_dir: Path) -> None:
    (data_dir / "stack.env").write_text("RIVULET_FORMER=1\n")
    with pytest.raises(SettingsError, match="RIVULET_FORMER"):
        read(data_dir)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "http"),
        ("METRICS_PORT", "-1"),
        ("GATEWAY_PROCESSES", "0"),
        ("GATEWAY_PROCESSES", "1.5"),
        ("ENGINE", "VLLM"),
        ("ENGINE_ARGS", "{"),
        ("ENGINE_ARGS", "[]"),
        ("SCRIPTED_TOKENS_PER_S", "0"),
        ("WORKER_SLOTS", "many"),
        ("ACK_WAIT_S", "inf"),
        ("ACK_WAIT_S", "nan"),
        ("STUCK_ENGINE_S", "-3"),
        ("START_DEADLINE_S", "10min"),
        ("MAX_BODY_BYTES", "4MB"),
        ("REPLIES_MAX_AGE_S", "never"),
        ("LOG_LEVEL", "loud"),
    ],
)
def test_a_value_that_is_not_valid_is_named_in_the_refusal(
    name: str, value: str, data_dir: Path
) -> None:
    with pytest.raises(SettingsError) as refusal:
        read(data_dir, **{name: value})
    assert f"RIVULET_{name}=" in str(refusal.value)
    assert value in str(refusal.value)


def test_a_missing_setting_is_named_and_the_refusal_says_what_to_do(data_dir: Path) -> None:
    settings = read_settings({"RIVULET_DATA_DIR": str(data_dir)})
    with pytest.raises(SettingsError, match=r"RIVULET_NATS_URL is not set.*make up"):
        settings.require("NATS_URL")


def test_values_parse_to_what_services_use(data_dir: Path) -> None:
    assert value_of("ENGINE_ARGS", data_dir, ENGINE_ARGS='{"dtype": "half"}') == {"dtype": "half"}
    assert value_of("ACK_WAIT_S", data_dir, ACK_WAIT_S="2.5") == 2.5
    assert value_of("ORIGINS", data_dir, ORIGINS="https://a, https://b,") == (
        "https://a",
        "https://b",
    )
    assert value_of("DATA_DIR", data_dir) == data_dir


def test_no_secret_has_a_default() -> None:
    assert [variable.default for variable in VARIABLES if variable.name == "SECRET"] == [None]


def settings_table() -> dict[str, str]:
    """Return the rows of README's settings table: ``| `RIVULET_PORT` | ... |``."""
    rows = {}
    for line in README.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("| `RIVULET_"):
            rows[cells[0].strip("`")] = line
    return rows


def test_the_readme_lists_every_setting_and_no_other() -> None:
    assert sorted(settings_table()) == sorted(f"RIVULET_{name}" for name in NAMES)


def test_the_readme_gives_the_defaults_of_the_table() -> None:
    rows = settings_table()
    for variable in VARIABLES:
        if variable.default:
            assert variable.default in rows[f"RIVULET_{variable.name}"], variable.name
