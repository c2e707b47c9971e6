"""Texts that are hard to read, and texts that nobody here can read, against the whole service."""

from __future__ import annotations

import json

import pytest

from privacy_service.v1 import answer_pb2, enforcement_pb2
from tests.service.conftest import Peer

SUPPORT = {"recipient": "helpdesk-ai", "purpose": "dpv:CustomerCare"}
MAIL = "maria@mail.example"


def found_in(acme: Peer, text: str) -> list[str]:
    """What `Inspect` finds in a text, as it stands there."""
    request = enforcement_pb2.InspectRequest(content_type="text/plain", payload=text.encode())
    answer = acme.enforcement.Inspect(request, timeout=30)
    assert answer.coverage.complete
    return [text[one.original_start : one.original_end] for one in answer.findings]


@pytest.mark.parametrize(
    "text",
    [
        f"😀👩‍👩‍👧 {MAIL} 😀",
        f"\u202e{MAIL}\u202c and \u05d0\u05d1 more",
        f"e\u0301crire a\u0300 {MAIL}",
        f"a\x00b {MAIL} c\x00d",
        f"Привет, пиши на {MAIL}",
        f"\U0001f1e9\U0001f1ea {MAIL}\ufe0f",
        f"{'x' * 200_000} {MAIL}",
        f"\ufeff{MAIL}\u2028{MAIL}",
    ],
    ids=["emoji", "right to left", "marks", "NUL", "scripts", "flags", "far", "line separators"],
)
def test_an_address_is_found_where_it_stands(acme: Peer, text: str) -> None:
    assert MAIL in {one.strip("\u202e\u202c\ufe0f\ufeff") for one in found_in(acme, text)}


@pytest.mark.parametrize(
    "text",
    [
        "Lämna paketet hos grannen Erik Johansson om ingen är hemma.",
        "Меня зовут Мария Гонсалес, и я живу в Москве с мужем.",
        "我的名字是王小明，我住在上海市浦东新区，请打电话给我。",
    ],
    ids=["Swedish", "Russian", "Chinese"],
)
def test_a_text_that_no_model_reads_is_not_released_and_the_coverage_says_why(
    acme: Peer, text: str
) -> None:
    request = enforcement_pb2.InspectRequest(
        content_type="application/json", payload=json.dumps({"note": text}).encode()
    )
    (gap,) = acme.enforcement.Inspect(request, timeout=30).coverage.gaps
    assert gap.kind == answer_pb2.GAP_KIND_NO_MODEL_FOR_LANGUAGE
    assert gap.path == "/note"
    result = acme.transfer(json.dumps({"note": text}), **SUPPORT)
    assert result.decision.effect == answer_pb2.EFFECT_REFUSE
    assert [one.code for one in result.decision.reasons] == ["COVERAGE_INCOMPLETE"]
    assert not result.payload


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Bitte geben Sie das Paket bei Frau Regula Zurbriggen ab.", "Regula Zurbriggen"),
        ("Merci de livrer le colis chez Hélène Vasseur, la voisine.", "Hélène Vasseur"),
        ("Por favor, deje el paquete con Lucía Ferreiro, la vecina.", "Lucía Ferreiro"),
        ("Si prega di lasciare il pacco a Giulia Bernasconi.", "Giulia Bernasconi"),
        ("Graag het pakket bij buurman Joost Versteeg afgeven.", "Joost Versteeg"),
        ("Por favor, entregue a encomenda a Leonor Fogaça.", "Leonor Fogaça"),
        ("Proszę zostawić paczkę u sąsiadki, Agnieszki Wójcik.", "Agnieszki Wójcik"),
    ],
)
def test_names_in_the_languages_that_are_read_are_treated(acme: Peer, text: str, name: str) -> None:
    result = acme.transfer(json.dumps({"note": text}), **SUPPORT)
    assert result.coverage.complete
    note = json.loads(result.payload)["note"]
    assert not any(part in note for part in name.split())
