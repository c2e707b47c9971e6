"""Partners whose answers are judged: recorded, and live behind an OpenAI-compatible address."""

from __future__ import annotations

import io
import json
from collections.abc import Callable

import httpx
import pytest

from privacy_service.commands.validating_partners import (
    ChatPartner,
    NotARecording,
    RecordedPartner,
    Recording,
)
from privacy_service.scenarios.ports import AnsweringPartner, Message, PartnerFailed, Turn

TURN = Turn(scenario="one", step=1, attempt=1)
TALK = (Message(role="user", text="Hello?"),)


def chat(answer: Callable[[httpx.Request], httpx.Response]) -> ChatPartner:
    client = httpx.Client(transport=httpx.MockTransport(answer))
    return ChatPartner(address="https://m.example/v1/", model="m", key="k", client=client)


def completion(text: str) -> httpx.Response:
    return httpx.Response(200, json={"choices": [{"message": {"content": text}}]})


def raising(error: Exception) -> Callable[[httpx.Request], httpx.Response]:
    def answer(_request: httpx.Request) -> httpx.Response:
        raise error

    return answer


def recording(*lines: object) -> RecordedPartner:
    return RecordedPartner.of([json.dumps(line) for line in lines])


@pytest.mark.parametrize(
    "partner",
    [
        recording({"scenario": "one", "step": 1, "output": "Hi."}),
        chat(lambda _request: completion("Hi.")),
        Recording(recording({"scenario": "one", "step": 1, "output": "Hi."}), io.StringIO()),
    ],
    ids=["recorded", "live", "live and recorded"],
)
def test_every_partner_answers(partner: AnsweringPartner) -> None:
    assert partner.answer(TURN, TALK).text == "Hi."


@pytest.mark.parametrize(
    ("partner", "why"),
    [
        (recording(), "not recorded"),
        (chat(lambda _request: httpx.Response(500)), "unreachable"),
        (chat(lambda _request: httpx.Response(302, headers={"location": "/x"})), "unreachable"),
        (chat(lambda _request: httpx.Response(200, content=b"<html>")), "unreachable"),
        (chat(lambda _request: httpx.Response(200, json={"choices": []})), "no answer in it"),
        (chat(lambda _request: httpx.Response(200, content=b"x" * 5_000_000)), "unreachable"),
        (chat(raising(httpx.ReadTimeout("late"))), "timeout"),
        (chat(raising(httpx.ConnectError("no"))), "unreachable"),
    ],
)
def test_one_that_gives_no_answer_has_failed(partner: AnsweringPartner, why: str) -> None:
    with pytest.raises(PartnerFailed) as failed:
        partner.answer(TURN, TALK)
    assert failed.value.why == why


def test_a_model_gets_the_conversation_and_the_key_in_the_header() -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return completion("Hi.")

    chat(answer).answer(TURN, TALK)
    assert str(asked[0].url) == "https://m.example/v1/chat/completions"
    assert asked[0].headers["authorization"] == "Bearer k"
    assert json.loads(asked[0].content)["messages"] == [{"role": "user", "content": "Hello?"}]


def test_what_is_recorded_can_be_played_again() -> None:
    file = io.StringIO()
    Recording(chat(lambda _request: completion("Grüße.")), file).answer(TURN, TALK)
    said = RecordedPartner.of(file.getvalue().splitlines()).answer(TURN, TALK)
    assert said.text == "Grüße."
    assert said.latency_ms is not None


@pytest.mark.parametrize(
    ("lines", "line", "says"),
    [
        (["{"], 1, "this is not JSON"),
        (["", "[]"], 2, "an object must stand here"),
        (['{"scenario": "a", "step": "1"}'], 1, "`step` is missing or of another type"),
    ],
)  # fmt: skip
def test_a_faulty_recording_names_its_line(lines: list[str], line: int, says: str) -> None:
    with pytest.raises(NotARecording) as wrong:
        RecordedPartner.of(lines)
    assert (wrong.value.line, wrong.value.says) == (line, says)
