"""A public peer: LiteLLM's proxy in front of an OpenAI-compatible server.

Its many dependencies contradict ours, so it has an environment of its own, made at first use.
"""

import contextlib
import json
import secrets
import subprocess
import sys
import venv
from collections.abc import Iterator
from pathlib import Path

from tests.bench.contestants import HttpContestant
from tests.bench.load import Target
from tests.bench.servers import free_port, process, wait_until_ready

PEER = "LiteLLM's proxy"
_VERSION = "1.108.7"
_ENVIRONMENT = Path(__file__).parents[2] / ".peers"


@contextlib.contextmanager
def litellm_proxy(folder: Path, upstream: HttpContestant) -> Iterator[HttpContestant]:
    """Run LiteLLM's proxy, with one process, in front of a server that is a part of it then."""
    command = str(_installed())
    port, output, key = free_port(), folder / "litellm.log", f"sk-{secrets.token_hex(16)}"
    config = folder / "litellm.json"
    target = upstream.target
    config.write_text(json.dumps(_config(target, key)))
    arguments = ["--config", str(config), "--host", "127.0.0.1", "--port", str(port)]
    environment = {"LITELLM_LOG": "ERROR", "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    with process([command, *arguments], environment, output) as proxy:
        wait_until_ready(f"http://127.0.0.1:{port}/health/liveliness", output)
        yield HttpContestant(Target(PEER, port, target.model, key), (proxy.pid, *upstream.pids))


def _config(upstream: Target, key: str) -> dict[str, object]:
    model = {
        "model": f"openai/{upstream.model}",
        "api_base": f"http://127.0.0.1:{upstream.port}/v1",
        "api_key": upstream.api_key,
    }
    return {
        "model_list": [{"model_name": upstream.model, "litellm_params": model}],
        "general_settings": {"master_key": key},
        "litellm_settings": {"telemetry": False},
    }


def _installed() -> Path:
    """Return the proxy's command; installs it where it is missing or another version."""
    command, mark = _ENVIRONMENT / "bin" / "litellm", _ENVIRONMENT / f"litellm-{_VERSION}"
    if not mark.exists():
        sys.stderr.write(f"Installing LiteLLM {_VERSION} (about 500 MB, two minutes) ...\n")
        venv.create(_ENVIRONMENT, with_pip=True, clear=True)
        pip = [str(_ENVIRONMENT / "bin" / "python"), "-m", "pip", "install", "--quiet"]
        subprocess.run([*pip, f"litellm[proxy]=={_VERSION}"], check=True)
        mark.touch()
    return command
