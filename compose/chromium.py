"""Find chromium for the web tests, or install Debian's: ``python -m compose.chromium``."""

import shutil
import sys
from typing import Final

from compose.install import InstallError, can_install, need, told

_NAMES: Final = ("chromium", "chromium-browser", "google-chrome")
_PROBLEM: Final = "the tests of the web client run in a browser, and there is no chromium"


def chromium() -> str:
    """Return the path of a chromium; raises ``InstallError`` with what to install."""
    if (found := _found()) is not None:
        return found
    if can_install():
        with told("Debian's chromium for the web tests (about 100 MB, one or two minutes)"):
            _have_it()
    else:
        _have_it()
    return _found() or ""


def _have_it() -> None:
    need("chromium", _PROBLEM, lambda: _found() is not None)


def _found() -> str | None:
    return next((path for name in _NAMES if (path := shutil.which(name))), None)


def main() -> None:
    """Have a chromium, or say what to install."""
    try:
        chromium()
    except InstallError as error:
        sys.exit(f"setup: failed\n{error}")


if __name__ == "__main__":
    main()
