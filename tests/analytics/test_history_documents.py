"""What the history holds of each event."""

from analytics.history_documents import finished_answer, messages_of_prompt
from schemas.events import ChatMessage, Failure
from tests.analytics.replies import SUBMITTED_AT_MS, end_of, prompt_of


def test_a_prompt_makes_a_question_and_a_pending_answer() -> None:
    prompt = prompt_of(parent_id="p")

    question, answer = messages_of_prompt(prompt, 7)

    assert question == {
        "_id": prompt.user_message_id,
        "user_id": prompt.user_id,
        "conversation_id": prompt.conversation_id,
        "parent_id": "p",
        "reply_id": prompt.reply_id,
        "role": "user",
        "content": "What is a frame?",
        "search": f"u{prompt.user_id} What is a frame?",
        "model": prompt.model,
        "status": "sent",
        "created_at_ms": SUBMITTED_AT_MS,
        "log_seqs": [],
    }
    assert answer == {
        "_id": prompt.assistant_message_id,
        "user_id": prompt.user_id,
        "conversation_id": prompt.conversation_id,
        "parent_id": prompt.user_message_id,
        "reply_id": prompt.reply_id,
        "role": "assistant",
        "content": "",
        "search": "",
        "model": prompt.model,
        "status": "pending",
        "created_at_ms": SUBMITTED_AT_MS,
        "log_seqs": [7],
    }


def test_the_question_is_the_last_message_of_the_user() -> None:
    messages = (
        ChatMessage("system", "Be short."),
        ChatMessage("user", "first"),
        ChatMessage("assistant", "answer"),
        ChatMessage("user", "second"),
        ChatMessage("assistant", "prefilled"),
    )

    question = messages_of_prompt(prompt_of(messages=messages), 7).question

    assert question["content"] == "second"
    assert "messages" not in question


def test_a_bare_completion_keeps_all_its_messages() -> None:
    messages = (ChatMessage("system", "Be short."), ChatMessage("user", "Hi"))

    question, answer = messages_of_prompt(prompt_of(conversation_id=None, messages=messages), 7)

    assert question["conversation_id"] == answer["conversation_id"] == ""
    assert question["messages"] == [
        {"role": "system", "content": "Be short."},
        {"role": "user", "content": "Hi"},
    ]


def test_messages_without_a_user_give_an_empty_question() -> None:
    prompt = prompt_of(messages=(ChatMessage("system", "Say hello."),))

    assert messages_of_prompt(prompt, 7).question["content"] == ""


def test_a_finished_answer_holds_text_and_reason() -> None:
    prompt = prompt_of()
    end = end_of(prompt)

    answer = finished_answer(end, 9)

    assert answer == {
        **messages_of_prompt(prompt, 7).answer,
        "log_seqs": [9],
        "search": f"u{end.user_id} {end.text}",
        "status": "completed",
        "content": end.text,
        "finish_reason": "stop",
        "finished_at_ms": end.finished_at_ms,
    }


def test_a_failed_answer_holds_its_error_beside_the_partial_text() -> None:
    failure = Failure("engine_error", "The engine stopped.")

    answer = finished_answer(
        end_of(prompt_of(), status="failed", finish_reason=None, error=failure, text="One mes"), 9
    )

    assert answer["content"] == "One mes"
    assert answer["error"] == {"code": "engine_error", "message": "The engine stopped."}
    assert "finish_reason" not in answer


def test_lone_surrogates_become_replacement_characters_and_nul_stays() -> None:
    prompt = prompt_of(messages=(ChatMessage("user", "a\ud800b\x00c"),))

    assert messages_of_prompt(prompt, 7).question["content"] == "a\ufffdb\x00c"
    assert finished_answer(end_of(prompt, text="\udfff😀"), 9)["content"] == "\ufffd😀"
