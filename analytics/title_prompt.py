"""Decide which replies ask for a title, and write the prompt that does. Pure but for fresh ids."""

from analytics.conversation_fold import asked_in
from schemas.documents import TitleDocument
from schemas.events import ChatMessage, PromptSubmitted, ReplyFinished, Sampling
from schemas.ids import new_reply_id, new_ulid

# A title that comes later is of little use, and prompts must not pile up for a model that is away.
DEADLINE_MS = 60_000
# After an outage the conversations that go on ask again; those that do not need no title now.
_TOO_LATE_MS = 3_600_000
# Of question and answer: enough to tell what it is about.
_SHOWN_CHARACTERS = 2_000
_SAMPLING = Sampling(max_tokens=24, temperature=0.2)
_TASK = (
    "Write a title for the conversation below: at most six words, in the language of the "
    "conversation. Answer with the title alone, without quotation marks."
)


def may_ask(event: ReplyFinished) -> bool:
    """Tell whether this is a reply after which a conversation may get a title."""
    return (
        event.kind == "chat"
        and event.status == "completed"
        and bool(event.text.strip())
        and bool(event.conversation_id)
        and not event.temporary
    )


def is_late(event: ReplyFinished, now_ms: int) -> bool:
    """Tell whether a reply ended too long ago to ask for a title now."""
    return abs(now_ms - event.finished_at_ms) > _TOO_LATE_MS


def new_claim(event: ReplyFinished, secret: bytes, now_ms: int) -> TitleDocument:
    """Return the claim of a title, with the ids that its prompt has however often it is sent."""
    return TitleDocument(
        _id=event.conversation_id or "",
        user_id=event.user_id,
        reply_id=event.reply_id,
        title_reply_id=new_reply_id(secret, event.user_id),
        user_message_id=new_ulid(now_ms),
        assistant_message_id=new_ulid(now_ms),
        asked_at_ms=now_ms,
    )


def is_past(claim: TitleDocument, now_ms: int) -> bool:
    """Tell whether the prompt of a claim would come after its deadline."""
    return now_ms >= claim["asked_at_ms"] + DEADLINE_MS


def title_prompt(
    prompt: PromptSubmitted, event: ReplyFinished, claim: TitleDocument
) -> PromptSubmitted:
    """Return the prompt that asks for a title; ``prompt`` is the one that ``event`` answers."""
    question, answer = _first_exchange(prompt, event)
    content = f"{_TASK}\n\nQuestion: {_cut(question)}\n\nAnswer: {_cut(answer)}"
    return PromptSubmitted(
        reply_id=claim["title_reply_id"],
        user_id=claim["user_id"],
        user_message_id=claim["user_message_id"],
        assistant_message_id=claim["assistant_message_id"],
        conversation_id=claim["_id"],
        model=event.model,
        messages=(ChatMessage("user", content),),
        sampling=_SAMPLING,
        submitted_at_ms=claim["asked_at_ms"],
        deadline_ms=claim["asked_at_ms"] + DEADLINE_MS,
        client="internal",
        kind="title",
    )


def _first_exchange(prompt: PromptSubmitted, event: ReplyFinished) -> tuple[str, str]:
    """Return the conversation's first question and answer, as far as the prompt shows it."""
    said = [message for message in prompt.messages if message.role != "system"]
    at = next((at for at, one in enumerate(said) if one.role == "assistant"), len(said))
    answer = said[at].content if at < len(said) else event.text
    return asked_in(tuple(said[:at])) or asked_in(prompt.messages), answer


def _cut(text: str) -> str:
    return text[:_SHOWN_CHARACTERS]
