"""What the history holds of each event."""

from analytics.history_documents import (
    belongs_to_history,
    documents_of_prompt,
    finished_answer,
)
from schemas.events import ChatMessage, Failure
from tests.analytics.replies import SUBMITTED_AT_MS, end_of, prompt_of


def test_a_prompt_makes_a_conversation_a_question_and_a_pending_answer() -> None:
    prompt = prompt_of(parent_id="p")

    conversation, question, answer = documents_of_prompt(prompt)

    assert conversation is not None
    assert conversation["_id"] == prompt.conversation_id
    assert conversation["updated_at_ms"] == conversation["created_at_ms"] == SUBMITTED_AT_MS
    assert conversation["rank"] // 1_000 == SUBMITTED_AT_MS
    assert question == {
        "_id": prompt.user_message_id,
        "user_id": prompt.user_id,
        "conversation_id": prompt.conversation_id,
        "parent_id": "p",
        "reply_id": prompt.reply_id,
        "role": "user",
        "content": "What is a frame?",
        "model": prompt.model,
        "status": "sent",
        "created_at_ms": SUBMITTED_AT_MS,
    }
    assert answer == {
        "_id": prompt.assistant_message_id,
        "user_id": prompt.user_id,
        "conversation_id": prompt.conversation_id,
        "parent_id": prompt.user_message_id,
        "reply_id": prompt.reply_id,
        "role": "assistant",
        "content": "",
        "model": prompt.model,
        "status": "pending",
        "created_at_ms": SUBMITTED_AT_MS,
    }


def test_the_question_is_the_last_message_of_the_user() -> None:
    messages = (
        ChatMessage("system", "Be short."),
        ChatMessage("user", "first"),
        ChatMessage("assistant", "answer"),
        ChatMessage("user", "second"),
        ChatMessage("assistant", "prefilled"),
    )

    question = documents_of_prompt(prompt_of(messages=messages)).question

    assert question["content"] == "second"
    assert "messages" not in question


def test_a_bare_completion_keeps_all_its_messages_and_makes_no_conversation() -> None:
    messages = (ChatMessage("system", "Be short."), ChatMessage("user", "Hi"))

    conversation, question, answer = documents_of_prompt(
        prompt_of(conversation_id=None, messages=messages)
    )

    assert conversation is None
    assert question["conversation_id"] == answer["conversation_id"] == ""
    assert question["messages"] == [
        {"role": "system", "content": "Be short."},
        {"role": "user", "content": "Hi"},
    ]


def test_messages_without_a_user_give_an_empty_question() -> None:
    prompt = prompt_of(messages=(ChatMessage("system", "Say hello."),))

    assert documents_of_prompt(prompt).question["content"] == ""


def test_a_finished_answer_holds_text_and_reason() -> None:
    prompt = prompt_of()
    end = end_of(prompt)

    answer = finished_answer(end)

    assert answer == {
        **documents_of_prompt(prompt).answer,
        "status": "completed",
        "content": end.text,
        "finish_reason": "stop",
        "finished_at_ms": end.finished_at_ms,
    }


def test_a_failed_answer_holds_its_error_beside_the_partial_text() -> None:
    failure = Failure("engine_error", "The engine stopped.")

    answer = finished_answer(
        end_of(prompt_of(), status="failed", finish_reason=None, error=failure, text="One mes")
    )

    assert answer["content"] == "One mes"
    assert answer["error"] == {"code": "engine_error", "message": "The engine stopped."}
    assert "finish_reason" not in answer


def test_temporary_chats_and_titles_are_not_history() -> None:
    assert belongs_to_history(prompt_of())
    for changes in ({"temporary": True}, {"kind": "title"}):
        prompt = prompt_of(**changes)
        assert not belongs_to_history(prompt)
        assert not belongs_to_history(end_of(prompt))


def test_lone_surrogates_become_replacement_characters_and_nul_stays() -> None:
    prompt = prompt_of(messages=(ChatMessage("user", "a\ud800b\x00c"),))

    assert documents_of_prompt(prompt).question["content"] == "a\ufffdb\x00c"
    assert finished_answer(end_of(prompt, text="\udfff😀"))["content"] == "\ufffd😀"
