"""Build every subject and consumer name of the log, and nothing else does.

The table of subjects is in ``docs/flow.md``. User comes first on the CHAT stream so that
erasing a user takes one filter, ``chat.<user>.>``.
"""

import hashlib
import re

LANES = 64
# In the place of a lane: what nobody asked for must not count as what a user has running.
TITLE = "title"
_TITLE_TOKENS = 5
# In the place of a user.
_ERASED = "erased"
ALL_PROMPTS = "chat.*.prompt.>"
ALL_FINISHED = "chat.*.finished.>"
ALL_CONVERSATIONS = "chat.*.conversation"
ALL_ERASED_USERS = "chat.erased.*"
ALL_DEAD_LETTERS = "chat.*.dead_letter.>"
ALL_NOTICES = "ctl.*"
REPLY_PREFIX = "reply."
LIVE_PREFIX = "live."
ALL_FACTS = "chat.>"
# What the broker sends of every fact after it was stored: its subject, with another first token.
ALL_WAKE_UPS = "facts.>"

# A durable's name is one subject token of at most 255 bytes, with "worker-" before the model.
_MAX_MODEL_TOKEN = 200
_PLAIN = re.compile(r"[A-Za-z0-9-]")
_ESCAPED = re.compile(r"_([0-9A-F]{2})")


class ModelNameError(ValueError):
    """The model id is empty or too long to be a subject token."""


def encode_model(model: str) -> str:
    """Encode a model id as one subject token; letters, digits and ``-`` stay readable.

    Every other byte of its UTF-8 form becomes ``_XX`` (hexadecimal), so that ``.``, ``*``, ``>``,
    spaces and ``/`` cannot change the meaning of a subject. ``decode_model`` reverses it.

    Raises ``ModelNameError`` when the result is empty or over 200 characters.
    """
    token = "".join(
        chr(byte) if _PLAIN.fullmatch(chr(byte)) else f"_{byte:02X}" for byte in model.encode()
    )
    if not 0 < len(token) <= _MAX_MODEL_TOKEN:
        raise ModelNameError(f"model id must encode to 1-{_MAX_MODEL_TOKEN} characters: {model!r}")
    return token


def decode_model(token: str) -> str:
    """Return the model id that ``encode_model`` turned into ``token``.

    Raises ``ModelNameError`` for a token that was made otherwise.
    """
    raw = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), token)
    try:
        return raw.encode("latin-1").decode()
    except UnicodeError as error:
        raise ModelNameError(f"not an encoded model id: {token!r}") from error


def lane_of(conversation_id: str) -> int:
    """Return the lane (0-63) of a conversation: a stable hash, the same in every process."""
    digest = hashlib.blake2b(conversation_id.encode(), digest_size=8).digest()
    return int.from_bytes(digest) % LANES


def prompt(user_id: str, model: str, lane: int) -> str:
    """Subject of a PromptSubmitted event."""
    return f"chat.{user_id}.prompt.{encode_model(model)}.{lane}"


def title_prompt(user_id: str, model: str) -> str:
    """Subject of a PromptSubmitted event of the kind ``title``: told apart from the user's own."""
    return f"chat.{user_id}.prompt.{encode_model(model)}.{TITLE}"


def prompts_of_lane(user_id: str, lane: int) -> str:
    """Filter that matches every prompt of one user in one lane, for whatever model."""
    return f"chat.{user_id}.prompt.*.{lane}"


def model_of_prompt(subject: str) -> str:
    """Return the model of a prompt's subject; raises ``ModelNameError``."""
    return decode_model(subject.split(".")[3])


def prompts_of_model(model: str) -> str:
    """Filter that matches every prompt for one model."""
    return f"chat.*.prompt.{encode_model(model)}.*"


def finished(user_id: str, model: str) -> str:
    """Subject of a ReplyFinished event."""
    return f"chat.{user_id}.finished.{encode_model(model)}"


def finished_title(user_id: str, model: str) -> str:
    """Subject of a ReplyFinished event of the kind ``title``."""
    return f"chat.{user_id}.finished.{encode_model(model)}.{TITLE}"


def is_title(subject: str) -> bool:
    """Tell whether a prompt's or finished reply's subject is that of a title."""
    tokens = subject.split(".")
    # A model may be called so, too.
    return len(tokens) == _TITLE_TOKENS and tokens[-1] == TITLE


def dead_letter(user_id: str, model: str) -> str:
    """Subject of a PromptDied event."""
    return f"chat.{user_id}.dead_letter.{encode_model(model)}"


def conversation(user_id: str) -> str:
    """Subject of every event about a user's conversations, which keeps them in order."""
    return f"chat.{user_id}.conversation"


def erased_user(user_id: str) -> str:
    """Subject of a UserErased event: outside of what the erasure purges."""
    return f"chat.erased.{user_id}"


def dead_letters_of_user(user_id: str) -> str:
    """Filter that matches every dead letter of one user."""
    return f"chat.{user_id}.dead_letter.>"


def prompts_of_user(user_id: str) -> str:
    """Filter that matches every prompt of one user."""
    return f"chat.{user_id}.prompt.>"


def finished_of_user(user_id: str) -> str:
    """Filter that matches every finished reply of one user."""
    return f"chat.{user_id}.finished.>"


def probe(user_id: str) -> str:
    """Subject of a message that is published to be refused; the stream never holds one."""
    return f"chat.{user_id}.probe"


def facts_of_user(user_id: str) -> str:
    """Filter that matches everything on the CHAT stream about one user."""
    return f"chat.{user_id}.>"


def is_within(subject: str, wanted: str) -> bool:
    """Tell whether a subject is matched by another one that may have wildcards."""
    tokens, pattern = subject.split("."), wanted.split(".")
    if pattern[-1] == ">":
        pattern = pattern[:-1]
        if len(tokens) <= len(pattern):
            return False
        tokens = tokens[: len(pattern)]
    return len(tokens) == len(pattern) and all(
        want in ("*", token) for token, want in zip(tokens, pattern, strict=True)
    )


def user_of(subject: str) -> str:
    """Return the user in a subject of the CHAT stream; that of an erasure has them last."""
    tokens = subject.split(".")
    return tokens[2] if tokens[1:2] == [_ERASED] and len(tokens) > 2 else "".join(tokens[1:2])


def wake_ups_of_user(user_id: str) -> str:
    """Core filter that hears, without bodies, that something about one user was stored."""
    return f"facts.{user_id}.>"


def reply(reply_id: str) -> str:
    """Subject on which the frames of one reply are stored."""
    return REPLY_PREFIX + reply_id


def live(reply_id: str) -> str:
    """Core subject on which the broker republishes the stored frames of one reply."""
    return LIVE_PREFIX + reply_id


def claim(reply_id: str) -> str:
    """Subject of a reply's claim register."""
    return f"claim.{reply_id}"


def control(reply_id: str) -> str:
    """Core subject of the notice that a newer claim or a cancel exists."""
    return f"ctl.{reply_id}"


def count(model: str) -> str:
    """Core request subject that answers how many tokens a prompt has."""
    return f"count.{encode_model(model)}"


def beacon(model: str, worker: str) -> str:
    """Core subject of one worker's beacon."""
    return f"worker.{encode_model(model)}.{worker}"


# Core subject of the notice that a user's sessions, keys or rights have changed.
SESSIONS_ENDED = "sessions.ended"

ALL_BEACONS = "worker.*.*"


def beacons_of_model(model: str) -> str:
    """Filter that matches the beacons of every worker of one model."""
    return f"worker.{encode_model(model)}.*"


WORKER_CONSUMER_PREFIX = "worker-"


def worker_consumer(model: str) -> str:
    """Name of the durable consumer that hands out a model's prompts."""
    return WORKER_CONSUMER_PREFIX + encode_model(model)
