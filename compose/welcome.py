"""What a person reads when the stack is ready."""

import json
import shlex

from compose.plan import Plan

_QUESTION = "What is Rivulet?"


def welcome(plan: Plan, model: str) -> str:
    """Say where the stack is, and give a command that shows ``model`` working."""
    code = plan.data_dir.admin_code()
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
            "  One more worker: make worker (in another terminal). Stop: Ctrl-C, or make down.",
            "",
        ]
    )


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
