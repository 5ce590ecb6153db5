"""What a person reads when the stack is ready."""

import json
import shlex

from compose.plan import Plan
from schemas.settings import DEFAULT_DATA_DIR, PREFIX

_QUESTION = "What is Rivulet?"


def welcome(plan: Plan, model: str) -> str:
    """Say where the stack is, and give a command that shows ``model`` working."""
    code = plan.data_dir.admin_code()
    make = _make(plan)
    first_admin = [f"  The first admin registers with the code {code}"] if code else []
    return "\n".join(
        [
            "",
            f"  Rivulet is ready at {plan.url}    (API description: {plan.url}/docs)",
            f"  API key of the user dev: {plan.data_dir.api_key_file}",
            *first_admin,
            "",
            "  Try it:",
            "",
            _curl(plan, model),
            "",
            f"  One more worker, in another terminal: {make} worker",
            f"  Stop: Ctrl-C, or {make} down",
            "",
        ]
    )


def _make(plan: Plan) -> str:
    """The word ``make``, told where the stack is unless it would look there anyway."""
    folder = str(plan.data_dir.given)
    if folder == DEFAULT_DATA_DIR:
        return "make"
    return f"{PREFIX}DATA_DIR={shlex.quote(folder)} make"


def _curl(plan: Plan, model: str) -> str:
    """A streaming chat completion; the key stays in its file."""
    body = {
        "model": model,
        "stream": True,
        "messages": [{"role": "user", "content": _QUESTION}],
    }
    key_file = shlex.quote(str(plan.data_dir.api_key_file))
    return " \\\n    ".join(
        [
            f"curl -N {plan.url}/v1/chat/completions",
            f'-H "Authorization: Bearer $(cat {key_file})"',
            "-H 'Content-Type: application/json'",
            f"-d {shlex.quote(json.dumps(body, ensure_ascii=False))}",
        ]
    )
