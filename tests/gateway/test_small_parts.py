"""Secrets, keys, admission and branches of conversations."""

import multiprocessing
import stat
from pathlib import Path

import pytest

from gateway.accounts.access_tokens import AccessTokens
from gateway.admission import AskedPrompt, accepted_prompt, digest_of, message_id
from gateway.api_keys import hash_of, is_api_key, new_api_key
from gateway.authentication import Authentication, Principal
from gateway.conversations.branches import chosen_parent
from gateway.errors import (
    BadRequest,
    GatewayError,
    InvalidApiKey,
    NotFound,
    ParentNotReady,
    StoreUnavailable,
)
from gateway.history import StoredMessage, branch_up_to
from gateway.prompt_counter import certainly_fits
from gateway.sse import event
from schemas.documents import MessageStatus
from schemas.events import ChatMessage, PromptSubmitted, Sampling
from schemas.ids import new_user_id, owns_reply
from schemas.secret import instance_secret

USER = new_user_id()


def test_an_event_is_one_block_of_lines() -> None:
    assert event(b"{}") == b"data: {}\n\n"
    assert event(b"{}", name="a", event_id="1") == b"event: a\nid: 1\ndata: {}\n\n"


def test_the_secret_is_made_once_whoever_comes_first(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    with context.Pool(4) as pool:
        secrets = pool.starmap(instance_secret, [(None, tmp_path / "data")] * 8)
    assert len(set(secrets)) == 1
    assert len(secrets[0]) >= 32
    path = tmp_path / "data" / "secret"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["secret"]
    assert instance_secret("configured", tmp_path) == b"configured"


def test_api_keys_have_a_form_and_are_kept_as_hashes() -> None:
    key = new_api_key()
    assert is_api_key(key)
    assert len(hash_of(key)) == 64
    assert not is_api_key(key + "\n")
    assert not is_api_key("sk-something")


class Keys:
    """A store of keys that counts how often it is asked, and can be away."""

    def __init__(self) -> None:
        self.known: dict[str, Principal] = {}
        self.asked = 0
        self.away = False

    async def find(self, key_hash: str) -> Principal | None:
        self.asked += 1
        if self.away:
            raise StoreUnavailable
        return self.known.get(key_hash)


class NoSignIns:
    """Nobody has signed in."""

    async def is_admin(self, session_id: str, user_id: str) -> bool | None:
        return None


async def test_a_verified_key_is_believed_while_the_store_is_away() -> None:
    keys, key, other = Keys(), new_api_key(), new_api_key()
    keys.known = {hash_of(key): Principal(USER, frozenset({"chat"}))}
    authentication = Authentication(keys, NoSignIns(), AccessTokens(b"secret"))
    first = await authentication.authenticate(f"Bearer {key}")
    keys.away = True
    assert await authentication.authenticate(f"bearer  {key}") == first
    assert keys.asked == 1
    with pytest.raises(StoreUnavailable):
        await authentication.authenticate(f"Bearer {other}")
    keys.away = False
    with pytest.raises(InvalidApiKey):
        await authentication.authenticate(f"Bearer {other}")


async def test_a_deleted_key_stops_working_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    keys, key = Keys(), new_api_key()
    keys.known = {hash_of(key): Principal(USER, frozenset())}
    monkeypatch.setattr("gateway.authentication._BELIEVED_S", 0.0)
    authentication = Authentication(keys, NoSignIns(), AccessTokens(b"secret"))
    await authentication.authenticate(f"Bearer {key}")
    keys.known.clear()
    with pytest.raises(InvalidApiKey):
        await authentication.authenticate(f"Bearer {key}")


def accepted(key: str | None = None) -> tuple[PromptSubmitted, str]:
    asked = AskedPrompt(
        user_id=USER,
        model="m",
        messages=(ChatMessage("user", "Hello"),),
        sampling=Sampling(),
        client="api",
        idempotency_key=key,
    )
    prompt = accepted_prompt(asked, b"secret", now_ms=1_000, start_deadline_s=2.5)
    return prompt, message_id(prompt, key)


def test_an_accepted_prompt_belongs_to_its_user() -> None:
    prompt, _ = accepted()
    assert owns_reply(b"secret", USER, prompt.reply_id)
    assert not owns_reply(b"secret", new_user_id(), prompt.reply_id)
    assert (prompt.submitted_at_ms, prompt.deadline_ms) == (1_000, 3_500)


def test_message_ids_are_the_users_own_and_never_hold_a_key() -> None:
    first, second = accepted("key"), accepted("key")
    assert first[1] == second[1]
    assert first[1].startswith(f"prompt:{USER}:")
    assert "key" not in first[1]
    assert accepted()[1] != accepted()[1]
    prompt, without_key = accepted()
    assert message_id(prompt, prompt.reply_id) != without_key


def test_a_digest_tells_apart_how_parts_are_cut() -> None:
    assert digest_of(b"ab", b"c") != digest_of(b"a", b"bc")


def test_a_prompt_shorter_in_bytes_than_the_context_certainly_fits() -> None:
    short = (ChatMessage("user", "x" * 100),)
    assert certainly_fits(short, 1_000)
    assert not certainly_fits(short, 200)
    assert not certainly_fits((ChatMessage("user", "水" * 300),), 1_000)
    assert not certainly_fits(short, None)


def test_every_error_says_what_to_do() -> None:
    classes = [GatewayError]
    for error in classes:
        classes += error.__subclasses__()
        assert error.__doc__
        assert error.__doc__.rstrip().endswith("."), error
        assert 400 <= error.status < 600 or error.__name__ == "ReplyFailed"


def message(
    name: str, parent: str, content: str, status: MessageStatus = "completed", at: int = 0
) -> StoredMessage:
    role = "user" if status == "sent" else "assistant"
    return StoredMessage(name, parent, role, content, status, at)


TREE = [
    message("u1", "", "One?", "sent", 1),
    message("a1", "u1", "1", at=1),
    message("u2", "a1", "Two?", "sent", 2),
    message("a2", "u2", "2", at=2),
    message("u3", "a1", "Three?", "sent", 3),
    message("a3", "u3", "", "pending", 3),
    message("a0", "u1", "", "failed", 0),
]


def test_a_branch_is_walked_from_its_reply_to_the_beginning() -> None:
    branch = branch_up_to(TREE, "a2")
    assert [turn.content for turn in branch.messages] == ["One?", "1", "Two?", "2"]
    assert [turn.role for turn in branch.messages] == ["user", "assistant"] * 2
    assert branch.parent_id == "a2"


def test_a_message_without_a_parent_answers_the_newest_reply_of_the_chosen_branch() -> None:
    assert chosen_parent(TREE, "") == chosen_parent(TREE, "elsewhere") == "a3"
    assert chosen_parent(TREE, "a1") == chosen_parent(TREE, "u1") == "a3"
    assert chosen_parent(TREE, "u2") == chosen_parent(TREE, "a2") == "a2"
    assert chosen_parent(TREE, "a0") == "a0"
    # Nobody has answered what was imported last.
    assert chosen_parent([*TREE, message("u4", "a2", "Four?", "sent", 4)], "u4") == "a2"
    assert chosen_parent(TREE[:1], "u1") == chosen_parent([], "") == ""


def test_a_parent_must_be_finished() -> None:
    with pytest.raises(ParentNotReady):
        branch_up_to(TREE, "a3")
    assert branch_up_to([], "").parent_id is None


def test_a_branch_with_a_message_that_is_missing_or_unfinished_is_not_whole() -> None:
    later = [message("u9", "a3", "Nine?", "sent", 9), message("a9", "u9", "9", at=9)]
    assert branch_up_to(TREE, "a2").whole
    assert not branch_up_to([*TREE, *later], "a9").whole
    assert not branch_up_to(later, "a9").whole


def test_a_reply_that_failed_before_its_first_token_says_nothing() -> None:
    assert [turn.content for turn in branch_up_to(TREE, "a0").messages] == ["One?"]


def test_what_is_no_reply_of_the_conversation_is_refused() -> None:
    with pytest.raises(NotFound):
        branch_up_to(TREE, "elsewhere")
    with pytest.raises(NotFound):
        branch_up_to([], "a")
    with pytest.raises(BadRequest):
        branch_up_to(TREE, "u2")


def test_messages_that_point_in_a_circle_end() -> None:
    circle = [message("a", "b", "1"), message("b", "a", "2")]
    assert len(branch_up_to(circle, "a").messages) <= 3
