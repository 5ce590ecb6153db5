"""Files to import, as ChatGPT and we ourselves write them."""

from typing import Any


def node(
    parent: str | None,
    role: str = "",
    *parts: Any,
    at: float | None = None,
    **more: Any,
) -> dict[str, Any]:
    """Return a node of a mapping; without a role it has no message."""
    message = None
    if role:
        message = {
            "author": {"role": role, "name": None, "metadata": {}},
            "create_time": at,
            "content": {"content_type": "text", "parts": list(parts)},
            "metadata": {},
            "recipient": "all",
            **more,
        }
    return {"parent": parent, "message": message, "children": []}


def chatgpt(**change: Any) -> dict[str, Any]:
    """Return a conversation with branches, a tool, empty and hidden nodes."""
    mapping = {
        "root": node(None),
        "system": node("root", "system", ""),
        "context": node(
            "system",
            "user",
            "What you should know of me",
            metadata={"is_visually_hidden_from_conversation": True},
        ),
        "q1": node("context", "user", "How warm is it?", at=1_700_000_010.25),
        "call": node("q1", "assistant", "weather('here')", recipient="browser"),
        "tool": node("call", "tool", "21"),
        "a1": node(
            "tool", "assistant", "I looked.", at=1_700_000_020, metadata={"model_slug": "gpt-4o"}
        ),
        "thought": node("a1", "assistant", content={"content_type": "thoughts", "thoughts": []}),
        "a1b": node("thought", "assistant", "21 degrees.", at=1_700_000_021),
        "a2": node("q1", "assistant", "Quite warm.", at=1_700_000_030),
        "q2": node("a1b", "user", {"asset_pointer": "file://x"}, "And this?", at=1_700_000_040),
        "a3": node("q2", "assistant", "A picture.", at=1_700_000_050),
    }
    mapping["q2"]["message"]["content"]["content_type"] = "multimodal_text"
    return {
        "title": "The <b>weather</b>",
        "create_time": 1_700_000_000.5,
        "update_time": 1_700_000_060.0,
        "mapping": mapping,
        "current_node": "a2",
        "conversation_id": "c-1",
        **change,
    }


def own(*conversations: dict[str, Any], **change: Any) -> dict[str, Any]:
    """Return a file of our own format."""
    file = {"format": "rivulet.conversations", "version": 1, "conversations": conversations}
    return {**file, **change}


def own_conversation(**change: Any) -> dict[str, Any]:
    """Return a conversation with two branches."""
    return {
        "id": "own-1",
        "title": "Ein Gespräch 🌊 <i>",
        "model": "org/model",
        "system": "Be brief.",
        "sampling": {"temperature": 0.5, "stop": ["END"]},
        "pinned": True,
        "archived": False,
        "created_at_ms": 1_700_000_000_123,
        "updated_at_ms": 1_700_000_900_456,
        "leaf_id": "m2",
        "messages": [
            message("m1", None, "user", "Hello\0 # you"),
            message("m2", "m1", "assistant", "```\nnot closed"),
            message("m3", "m1", "assistant", "## User\n\nanother answer"),
            message("m4", "m3", "user", "and more"),
            message("m5", "m4", "assistant", ""),
        ],
        **change,
    }


def message(message_id: Any, parent: Any, role: Any, content: Any, **change: Any) -> dict[str, Any]:
    """Return a message; ``m3`` is two milliseconds younger than ``m1``."""
    digits = str(message_id).removeprefix("m")
    return {
        "id": message_id,
        "parent_id": parent,
        "role": role,
        "content": content,
        "model": "org/model",
        "status": "completed",
        "created_at_ms": 1_700_000_000_000 + (int(digits) if digits.isdigit() else 0),
        **change,
    }
