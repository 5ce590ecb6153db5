"""Run npm in the web client's folder, with whichever Node there is: ``python -m compose.npm``."""

import subprocess
import sys
from pathlib import Path

from compose.install import Environment, InstallError
from compose.node import NodeError, find_node
from compose.web_client import CLIENT


def main() -> int:
    """Pass on the command line and the exit code."""
    try:
        node = find_node(Environment(Path(sys.prefix)))
    except (InstallError, NodeError) as error:
        sys.exit(f"setup: failed\n{error}")
    command = [*node.npm_command, "--silent", *sys.argv[1:]]
    environment = {**node.environment, "PYTHON": sys.executable}
    return subprocess.run(command, cwd=CLIENT, env=environment).returncode


if __name__ == "__main__":
    sys.exit(main())
