"""Recipients that are written to: the e-mail, its link, and the page that confirms."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from privacy_service.app.pages import link_to, serving_pages
from privacy_service.clock import SteppedClock
from privacy_service.pages.confirming import Said, _shown
from privacy_service.records.links import LinkPurpose, Links
from privacy_service.settings import PageSettings
from privacy_service.store.notices import NoticeAddress
from privacy_service.subjects.letters import LANGUAGES, letter, preferred, words_in
from privacy_service.subjects.notices import (
    Channel,
    Concerns,
    CorrectedField,
    Notice,
    NoticeKind,
    NoticeState,
)
from retention.jobs import erase, tell
from retention.workplace import Workplace
from tests.retention.erasures import NOW, REQUEST, Died, DiesAfter, Plain, Twice, erasure
from tests.retention.postbox import Postbox, mailing_through, postbox
from tests.retention.workers import settings_for
from tests.stores.databases import KINDS

PARTNER = "recipient-00"


@dataclass(frozen=True, slots=True)
class Written:
    """A recipient that is written to about an erasure, and the pages that it is sent to."""

    at: Workplace
    clock: SteppedClock
    box: Postbox
    port: int

    @property
    def notice(self) -> Notice:
        with self.at.database.reading() as view:
            return next(one for one in view.notices.of_request(REQUEST) if one.recipient == PARTNER)

    def tick(self, steps: Plain | None = None) -> None:
        assert tell.JOB.waiting is not None
        for key in tell.JOB.waiting(self.at, 100):
            tell.JOB.work(self.at, key, steps or Plain())

    @property
    def link(self) -> str:
        found = re.findall(r"https://pages\.example(\S+)", self.box.read[-1].get_content())
        (path,) = found
        return f"http://127.0.0.1:{self.port}{path}"


def opened(kind: str, folder: Path, *, public: str | None, language: str) -> Iterator[Written]:
    clock = SteppedClock(NOW)
    with postbox() as (box, address):
        pages = PageSettings(address="127.0.0.1:0", public_url=public)
        settings = settings_for(kind, folder, engine=False).model_copy(
            update={"notices": mailing_through(address), "pages": pages}
        )
        with (
            erasure(kind, folder, clock=clock, settings=settings) as at,
            serving_pages(
                settings, database=at.database, keyring=at.keyring, clock=clock, log=at.log
            ) as port,
        ):
            assert port is not None
            put = NoticeAddress(
                partner=PARTNER, channel=Channel.EMAIL, target="dpo@carrier.example",
                language=language, put_at=NOW, put_by="officer",
            )  # fmt: skip
            at.database.commit(lambda tx: tx.notices.put_address(put))
            assert erase.JOB.waiting is not None
            for key in erase.JOB.waiting(at, 10):
                erase.JOB.work(at, key, Plain())
            yield Written(at, clock, box, port)


@pytest.fixture(params=KINDS)
def written(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Written]:
    yield from opened(request.param, tmp_path, public="https://pages.example", language="")


@pytest.fixture
def quickly(tmp_path: Path) -> Iterator[Written]:
    """On SQLite alone: what follows is about mail and pages."""
    yield from opened("sqlite", tmp_path, public="https://pages.example", language="")


def test_a_recipient_is_written_to_looks_and_confirms(written: Written) -> None:
    written.tick()
    (mail,) = written.box.read
    assert mail["To"] == "dpo@carrier.example"
    assert mail["Message-ID"] == f"<{written.notice.id}@acme.example>"
    assert written.notice.state is NoticeState.TOLD
    text = mail.get_content()
    assert "has asked for its erasure" in text
    assert "disclosure-0" not in text  # what it is about is behind the link
    assert "tok_" not in text
    assert "It is about 1 disclosure" in text

    for _ in range(2):  # mail scanners open links
        page = httpx.get(written.link)
        assert page.status_code == 200
        assert "disclosure-0" in page.text
        assert "<form" in page.text
        assert httpx.head(written.link).status_code == 200
    assert written.notice.state is NoticeState.TOLD

    done = httpx.post(written.link)
    assert (done.status_code, "Confirmed" in done.text) == (200, True)
    assert (written.notice.state, written.notice.confirmed_by) == (NoticeState.CONFIRMED, "link")
    again, seen = httpx.post(written.link), httpx.get(written.link)
    for answer in (again, seen):
        assert answer.status_code == 200
        assert "This was confirmed on 2026-11-23" in answer.text
        assert "disclosure-0" not in answer.text
    with written.at.database.reading() as view:
        entries = [one.entry for one in view.audit.entries(0, 1000)]
    said = [one for one in entries if one.action == "NoticeService/ConfirmNotice"]
    assert [one.outcome for one in said] == ["", "CONFIRMED", "", "REPLAYED"]
    assert {one.actor for one in said} == {"link"}
    assert written.link.rpartition("/")[2] not in str(entries)


def test_a_page_is_safe_to_open(quickly: Written) -> None:
    quickly.tick()
    headers = httpx.get(quickly.link).headers
    assert "script" not in headers["content-security-policy"]
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert (headers["referrer-policy"], headers["cache-control"]) == ("no-referrer", "no-store")
    assert "server" not in headers


def test_a_link_that_does_not_hold_tells_nothing(quickly: Written) -> None:
    quickly.tick()
    good = quickly.link
    base, _, token = good.rpartition("/")
    head, claims, mac = token.split(".")
    links = Links(quickly.at.keyring)
    until = quickly.notice.deadline
    unknown = links.made(LinkPurpose.CONFIRM_NOTICE, "notice-none", until=until)
    wrong = [
        token[:-2], f"{head}.{claims}x.{mac}", "x", "a.b.c", unknown, "x" * 2000,
        f"eyJhbGciOiJub25lIn0.{claims}.", "..%2f..%2fetc", token + "/more",
    ]  # fmt: skip
    pages = {httpx.post(f"{base}/{one}").text for one in wrong}
    pages |= {httpx.get(f"{base}/{one}").text for one in wrong}
    assert all("This link does not hold" in page for page in pages)
    assert all(httpx.post(f"{base}/{one}").status_code == 404 for one in wrong)
    assert httpx.put(good).status_code == 404
    assert not any(PARTNER in page or quickly.notice.id in page for page in pages)
    assert quickly.notice.state is NoticeState.TOLD


def test_a_link_ends_with_the_deadline(quickly: Written) -> None:
    quickly.tick()
    link = quickly.link
    quickly.clock.step(timedelta(days=14))
    for answer in (httpx.get(link), httpx.post(link)):
        assert answer.status_code == 410
        assert "run out" in answer.text
        assert PARTNER not in answer.text
    quickly.tick()
    assert quickly.notice.state is NoticeState.ESCALATED


def test_who_does_not_confirm_is_reminded_by_another_mail(quickly: Written) -> None:
    for _ in range(14):
        quickly.tick()
        quickly.clock.step(timedelta(days=1))
    ids = [mail["Message-ID"] for mail in quickly.box.read]
    assert len(set(ids)) == len(ids) == 5
    texts = [mail.get_content() for mail in quickly.box.read]
    assert [words_in("en").letter.again in text for text in texts] == [
        False,
        True,
        True,
        True,
        True,
    ]


def test_a_mail_server_that_dies_or_is_away_loses_nothing_and_repeats_the_same_mail(
    quickly: Written,
) -> None:
    quickly.box.to_data = "dies"
    quickly.tick()
    assert quickly.notice.state is NoticeState.WAITING
    quickly.box.to_data = "250 OK"
    quickly.clock.step(timedelta(minutes=1))
    quickly.tick()
    assert quickly.notice.state is NoticeState.TOLD
    first, second = quickly.box.read
    assert first["Message-ID"] == second["Message-ID"]


def test_a_worker_that_dies_between_telling_and_writing_it_down(quickly: Written) -> None:
    with pytest.raises(Died):
        quickly.tick(DiesAfter(0))
    assert quickly.notice.state is NoticeState.WAITING
    quickly.tick(Twice())
    assert quickly.notice.state is NoticeState.TOLD
    assert len({mail["Message-ID"] for mail in quickly.box.read}) == 1


def test_without_a_public_address_the_mail_says_how_to_confirm_over_the_api(
    tmp_path: Path,
) -> None:
    for written in opened("sqlite", tmp_path, public=None, language="de"):
        written.tick()
        (mail,) = written.box.read
        assert "privacy-service notices confirm" in mail.get_content()
        assert "hat deren Löschung verlangt" in mail.get_content()
        assert "http" not in mail.get_content()
        assert link_to(written.at.settings, written.at.keyring, written.notice) is None


def test_a_recipient_that_gets_an_address_later_is_told_there(quickly: Written) -> None:
    def other() -> Notice:
        with quickly.at.database.reading() as view:
            return view.notices.of_request(REQUEST)[1]

    quickly.tick()
    assert (other().state, other().channel) == (NoticeState.WAITING, Channel.PULL)
    put = NoticeAddress(
        partner=other().recipient, channel=Channel.EMAIL, target="late@carrier.example",
        put_at=NOW, put_by="officer",
    )  # fmt: skip
    quickly.at.database.commit(lambda tx: tx.notices.put_address(put))
    quickly.tick()
    assert (other().state, other().channel) == (NoticeState.TOLD, Channel.EMAIL)


def test_no_mail_server_is_said_in_the_log_and_the_notice_waits(quickly: Written) -> None:
    unset = quickly.at.settings.notices.model_copy(update={"smtp_address": None})
    object.__setattr__(quickly.at.settings, "notices", unset)
    quickly.tick()
    assert quickly.notice.state is NoticeState.WAITING
    assert quickly.notice.attempts == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_all_the_words_with_what_they_name(language: str) -> None:
    words, english = words_in(language), words_in("en")
    assert words.language == language
    assert {kind.value for kind in NoticeKind} == set(words.letter.asks)
    for part, reference in ((words.letter, english.letter), (words.page, english.page)):
        for name in type(part).__slots__:
            text, other = str(getattr(part, name)), str(getattr(reference, name))
            assert sorted(re.findall(r"\{\w+\}", text)) == sorted(re.findall(r"\{\w+\}", other)), (
                name
            )
            assert language == "en" or text != other, name


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("de-AT,de;q=0.9,en;q=0.8", "de"), ("sv,fr;q=0.5,pl;q=0.7", "pl"), ("sv", None), ("", None),
        ("fr;q=0", None), ("fr;q=x,it", "it"), ("*", None), (",;=;q=" * 500, None),
        ("nl;q=nan,es;q=0.1", "es"),
    ],
)  # fmt: skip
def test_a_browser_says_which_language_is_preferred(accepted: str, language: str | None) -> None:
    assert preferred(accepted) == language


def test_a_page_is_in_the_visitors_language_else_in_the_letters(tmp_path: Path) -> None:
    for written in opened("sqlite", tmp_path, public="https://pages.example", language="pl"):
        written.tick()
        assert "Prosimy o działanie" in written.box.read[-1]["Subject"]
        for accepted, language in (("sv", "pl"), ("fr-CH,fr;q=0.9", "fr"), ("de", "de")):
            page = httpx.get(written.link, headers={"accept-language": accepted})
            assert f'<html lang="{language}">' in page.text
            assert words_in(language).page.confirm in page.text
            assert page.headers["content-language"] == language
        wrong = httpx.get(written.link + "x", headers={"accept-language": "it"})
        assert "Questo link non è valido" in wrong.text


def test_a_correction_is_on_the_page_and_not_in_the_mail(quickly: Written) -> None:
    corrected = (
        CorrectedField(field="/customer/phone", old_words=("tok_old",), new_word="tok_new"),
        CorrectedField(field="/name<b>"),
    )
    wrong = replace(
        quickly.notice, kind=NoticeKind.RECTIFICATION, concerns=Concerns(corrected=corrected)
    )
    page = bytes(_shown(wrong, Said(words_in("en"), "")).body).decode()
    assert "/customer/phone: tok_old → tok_new" in page
    assert "/name&lt;b&gt; → with the sender" in page
    written = letter(wrong, language="en", organisation="", contact="", link="https://x", now=NOW)
    assert "tok_" not in written.text
    assert "2 fields" in written.text
