"""People say what they think of an answer."""

from typing import Any

from tests.gateway.conversations.conftest import Talker


def path_of(said: dict[str, Any], message: str = "assistant_message_id") -> str:
    return f"/api/conversations/{said['conversation_id']}/messages/{said[message]}/feedback"


async def shown(ada: Talker, said: dict[str, Any]) -> Any:
    return (await ada.open(said["conversation_id"]))["messages"][1]["feedback"]


async def test_feedback_is_shown_at_the_answer_changed_and_taken_back(ada: Talker) -> None:
    said = await ada.talk("One?", "1")
    assert await shown(ada, said) is None
    for body in ({"rating": "up"}, {"rating": "down", "reason": "<b>No</b>: 2."}):
        assert (await ada.http.put(path_of(said), json=body)).status_code == 200
        assert await shown(ada, said) == {"reason": "", **body}
    assert (await ada.http.put(path_of(said), json={"rating": "none"})).status_code == 200
    assert await shown(ada, said) is None


async def test_there_is_none_for_questions_for_strangers_and_without_a_rating(
    ada: Talker, bob: Talker
) -> None:
    said = await ada.talk("One?", "1")
    up = {"rating": "up"}
    question = await ada.http.put(path_of(said, "user_message_id"), json=up)
    stranger = await bob.http.put(path_of(said), json=up)
    assert (question.status_code, stranger.status_code) == (404, 404)
    for body in (
        {},
        {"rating": {"$gt": ""}},
        {"rating": "up", "reason": "x" * 2_001},
        {"stars": 5},
    ):
        assert (await ada.http.put(path_of(said), json=body)).status_code == 400
    assert await shown(ada, said) is None
