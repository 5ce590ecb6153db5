"""Tests that need Docker are not even collected unless they are asked for."""

from pathlib import Path

import pytest


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    without_docker = "not docker" in str(config.option.markexpr)
    if without_docker and collection_path.name == "test_stores_on_mongodb.py":
        return True
    return None
