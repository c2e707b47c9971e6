"""Drafts of notices: what the law asks for, what is missing, and values that mean harm."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache

import pytest

from privacy_service import errors
from privacy_service.breaches.breach import Breach
from privacy_service.breaches.drafting import (
    Draft,
    Sender,
    Templates,
    draft,
    shipped_template,
)
from privacy_service.breaches.notices import BreachNotice, Decision, NoticeState, Phase
from privacy_service.breaches.paper import as_html, page_of
from privacy_service.breaches.statements import (
    MeasureTaken,
    Nature,
    Opened,
    Scoped,
    Source,
    TimeSaid,
)
from privacy_service.breaches.wording import LANGUAGES, wording
from privacy_service.errors import PrivacyError
from privacy_service.law.book import Law, law_of
from privacy_service.law.rules import Concerns, Duty

NOW = datetime(2026, 6, 5, 16, tzinfo=UTC)
ACME = Sender(organisation="Acme Shop", contact="dpo@acme.example, +49 30 901820")


@cache
def law() -> Law:
    return law_of()


def breach(title: str = "A list went astray", *, drill: bool = False) -> Breach:
    opened = Opened(
        title=title, source=Source.PERSON, natures=(Nature.CONFIDENTIALITY,), drill=drill
    )
    said = (
        TimeSaid(name="awareness", at=NOW, evidence="call"),
        Scoped(question={}, subjects=40, records=12, categories={"EMAIL_ADDRESS mask": 40}),
    )
    grown = Breach.opened("breach-1", opened, by="officer", at=NOW)
    for statement in said:
        grown = grown.with_statement(statement, by="officer", at=NOW)
    return grown


def drafted(
    rule: str = "eu-gdpr.33-1",
    given: Mapping[str, str] | None = None,
    *,
    about: Breach | None = None,
    language: str = "en",
    templates: Templates = shipped_template,
) -> Draft:
    return draft(
        about or breach(),
        law().rule(rule),
        phase=Phase.INITIAL,
        language=language,
        given=given or {},
        sender=ACME,
        now=NOW,
        templates=templates,
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_that_asks_for_a_notice_has_one_in_every_language(language: str) -> None:
    for rule in law().about(Concerns.BREACH):
        if rule.duty in (Duty.NOTIFY, Duty.REPORT):
            made = drafted(rule.id, language=language)
            assert made.subject
            assert "{{" not in made.text
            assert "{%" not in made.text


def test_what_the_service_did_is_said_in_words_that_name_nobody() -> None:
    done = (
        ("quarantine", "swift-parcel (everything), quarantine-1: mailbox taken over"),
        ("quarantine lifted", "swift-parcel (everything), quarantine-1: theirs again"),
        ("quarantine", "other-shop (everything), quarantine-2: the same"),
        ("recalled_mail", "The recipient has deleted the list."),
    )
    about = breach()
    for what, says in done:
        said = MeasureTaken(what=what, at=NOW, says=says)
        about = about.with_statement(said, by="officer", at=NOW)
    for language in LANGUAGES:
        text = drafted(about=about, language=language).text
        assert text.count(wording(language).measures["quarantine"]) == 1
        assert "The recipient has deleted the list." in text
        assert "swift-parcel" not in text
        assert "other-shop" not in text


def test_every_language_has_the_same_words() -> None:
    english = wording("en")
    for language in LANGUAGES[1:]:
        words = wording(language)
        for name in ("natures", "times", "measures", "paper"):
            assert getattr(words, name).keys() == getattr(english, name).keys()
        assert "{count}" in words.people
        assert words != english
    assert wording("pt-BR") == wording("pt")
    assert wording("xx") == english


def test_what_is_known_stands_in_it_and_what_is_not_is_named() -> None:
    made = drafted()
    assert "A list went astray (confidentiality)" in made.text
    assert "40 people" in made.text
    assert "email address; 12 records" in made.text
    assert "dpo@acme.example" in made.text
    assert made.missing == ("consequences", "measures")
    full = drafted(given={"consequences": "spam at most", "measures": "the list was deleted"})
    assert full.missing == ()
    assert "spam at most" in full.text


def test_people_are_told_what_happened_and_not_when_we_noticed() -> None:
    assert "awareness" in drafted("eu-gdpr.33-1").text
    assert "awareness" not in drafted("eu-gdpr.34-1").text


def test_a_drill_says_so_first() -> None:
    assert drafted(about=breach(drill=True)).subject.startswith("DRILL ")
    assert drafted(about=breach(drill=True), language="de").subject.startswith("ÜBUNG ")


def test_what_the_law_forbids_does_not_stand_in_it() -> None:
    with pytest.raises(PrivacyError) as refusal:
        drafted("us-ma.individuals", {"nature": "a list"})
    assert refusal.value.reason is errors.NOTICE_FORBIDS
    assert "went astray" not in drafted("us-ma.individuals").text


HOSTILE = [
    "{{ 7 * 7 }}{% for x in range(10**9) %}x{% endfor %}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "<script>alert(1)</script>",
    "line\r\nBcc: everyone@mail.example\r\n\r\nbody",
    "\u202egnp.exe",
]


@pytest.mark.parametrize("value", HOSTILE)
def test_whatever_stands_in_a_value_is_text(value: str) -> None:
    made = drafted(given={"consequences": value}, about=breach(f"About {value}"))
    assert value.strip() in made.text
    assert "49" not in made.text.replace("+49", "")
    assert len(made.subject.splitlines()) == 1
    page = as_html(page_of(notice(subject=made.subject, text=made.text)))
    assert "<script>" not in page


@pytest.mark.parametrize(
    "source",
    [
        "s\n{{ ''.__class__.__mro__ }}",
        "s\n{{ breach.__class__.__init__.__globals__ }}",
        "s\n{{ nothing_of_that_name }}",
        "s\n{% include 'other' %}",
        "s\n{{ 'x' * 10000000 }}",
        "s\n{% for i in range(99999) %}{% for j in range(99999) %}xxxx{% endfor %}{% endfor %}",
        "s\n{{ sections.clear() }}",
        "s\n{{ 1 // 0 }}",
        "s\n{% if %}",
    ],
)
def test_a_template_does_no_more_than_write_a_text(source: str) -> None:
    with pytest.raises(PrivacyError) as refusal:
        drafted(templates=lambda name: source if name.startswith("any") else None)
    assert refusal.value.reason is errors.TEMPLATE_INVALID


def test_a_template_of_yours_is_found_by_rule_and_then_by_recipient() -> None:
    own = {"eu-gdpr.33-1.fr.txt.j2": "Violation\n{{ rule.citation }}"}
    made = drafted(language="fr", templates=own.get)
    assert (made.subject, made.text) == ("Violation", "GDPR Art. 33(1)\n")
    with pytest.raises(PrivacyError) as refusal:
        drafted("eu-gdpr.34-1", language="fr", templates=own.get)
    assert refusal.value.reason is errors.TEMPLATE_NOT_FOUND


# -- The life of a notice -------------------------------------------------------------------------


def notice(**fields: object) -> BreachNotice:
    said = {
        "id": "notice-1", "breach": "breach-1", "rule": "eu-gdpr.33-1", "place": "DE",
        "phase": Phase.INITIAL, "language": "en", "subject": "s", "text": "t",
        "missing": ("nature",), "to": "dpa@dpa.example", "drafted_by": "a", "drafted_at": NOW,
    } | fields  # fmt: skip
    return BreachNotice(**said)  # type: ignore[arg-type]


def decide(one: BreachNotice, decision: Decision, digest: str | None = None) -> BreachNotice:
    seen = one.digest if digest is None else digest
    return one.decided(decision, digest=seen, by="officer", at=NOW, says="")


def test_what_was_approved_is_what_is_sent() -> None:
    approved = decide(notice(), Decision.APPROVED)
    assert approved.queued(digest=approved.digest, at=NOW).state is NoticeState.QUEUED
    for other in (notice(text="else"), notice(to="x@x.example"), notice(subject="else")):
        with pytest.raises(PrivacyError) as refusal:
            decide(notice(), Decision.APPROVED, digest=other.digest)
        assert refusal.value.reason is errors.NOTICE_CHANGED


def test_steps_come_in_their_order() -> None:
    for one, decision in [
        (notice(), Decision.RECEIVED),
        (notice(state=NoticeState.SENT), Decision.APPROVED),
        (notice(state=NoticeState.SENDING), Decision.WITHDRAWN),
        (notice(state=NoticeState.WITHDRAWN), Decision.APPROVED),
        (notice(state=NoticeState.SENT), Decision.NOT_SENT),
    ]:
        with pytest.raises(PrivacyError) as refusal:
            decide(one, decision)
        assert refusal.value.reason is errors.NOTICE_NOT_READY
    with pytest.raises(PrivacyError) as refusal:
        notice().queued(digest=notice().digest, at=NOW)
    assert refusal.value.reason is errors.NOTICE_NOT_READY
    printed = decide(notice(to=""), Decision.APPROVED)
    with pytest.raises(PrivacyError):
        printed.queued(digest=printed.digest, at=NOW)


def test_a_final_notice_is_complete() -> None:
    with pytest.raises(PrivacyError) as refusal:
        decide(notice(phase=Phase.FINAL), Decision.APPROVED)
    assert refusal.value.reason is errors.NOTICE_INCOMPLETE
    assert decide(notice(phase=Phase.FINAL, missing=()), Decision.APPROVED).approved_by == "officer"
