"""Every way to deliver keeps the same promises: what is taken, what is not, what nobody knows."""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import trustme

from privacy_service.clock import SystemClock
from retention.delivery import AskedFor, Carrier, Parcel, Word
from retention.mail import NEEDS_SMTPUTF8, Mail, open_line
from retention.webhook import SignedCall
from tests.retention.called import called
from tests.retention.postbox import mailing_through, postbox

SECRET = "whsec_" + "QUJD" * 8
HOSTILE = [
    "line\r\nBcc: everyone@mail.example\r\n\r\nbody",
    "<script>alert(1)</script>{{ 7*7 }}",
    "\u2028Bcc: x@mail.example",
    "ünïcödé 漢字 " + "x" * 3000,
    "",
]


@dataclass(frozen=True, slots=True)
class Way:
    """A carrier, where it delivers to, and the recipient's server."""

    carrier: Carrier
    to: str
    answer: Callable[[str], None]
    ids: Callable[[], list[str]]
    elsewhere: str = ""

    def deliver(self, id_: str = "parcel-1", **fields: Any) -> Word:
        said = {"to": self.to, "subject": "About it", "text": "All of it.\n", "facts": {"a": "b"}}
        return self.carrier.deliver(Parcel(id=id_, **(said | fields))).word


@pytest.fixture(params=["mail", "webhook"])
def way(request: Any, tmp_path: Path) -> Iterator[Way]:
    with ExitStack() as opened:
        if request.param == "mail":
            box, address = opened.enter_context(postbox())
            answers = {"yes": "250 OK", "later": "451 later", "no": "550 no", "dies": "dies"}

            def answer(word: str) -> None:
                box.to_data = answers[word]

            yield Way(
                Mail(mailing_through(address)), "dpo@carrier.example", answer,
                lambda: [mail["Message-ID"].strip("<>").partition("@")[0] for mail in box.read],
            )  # fmt: skip
        else:
            ca = trustme.CA()
            ca.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
            server = opened.enter_context(called(ca))
            statuses = {"yes": 204, "later": 503, "no": 410, "dies": 0}

            def answer(word: str) -> None:
                server.says = statuses[word]

            carrier = SignedCall(
                secrets=[SECRET], authorities=tmp_path / "ca.pem", clock=SystemClock()
            )
            yield Way(
                carrier, f"https://127.0.0.1:{server.server_port}/notices", answer,
                lambda: [headers["webhook-id"] for headers, _ in server.heard],
            )  # fmt: skip


@pytest.mark.parametrize(
    ("answer", "word"),
    [("yes", Word.SENT), ("later", Word.LATER), ("no", Word.REFUSED), ("dies", Word.IN_DOUBT)],
)
def test_what_the_recipients_server_says_is_what_became_of_it(
    way: Way, answer: str, word: Word
) -> None:
    way.answer(answer)
    assert way.deliver() is word
    assert way.ids() == ["parcel-1"]


def test_every_attempt_has_the_same_id(way: Way) -> None:
    for answer in ("later", "dies", "yes"):
        way.answer(answer)
        way.deliver()
    assert set(way.ids()) == {"parcel-1"}


@pytest.mark.parametrize("value", HOSTILE)
def test_whatever_stands_in_a_value_is_delivered_as_that_and_nothing_else(
    way: Way, value: str
) -> None:
    way.answer("yes")
    word = way.deliver(subject=value, text=value, facts={"a": value})
    assert word is Word.SENT
    assert way.ids() == ["parcel-1"]


@pytest.mark.parametrize("to", ["", "a@b\r\nRCPT TO:<c@d>", "no address", "ftp://x/", "a@b@c d"])
def test_what_is_no_address_is_refused_and_never_raises(way: Way, to: str) -> None:
    way.answer("yes")
    assert way.deliver(to=to) is Word.REFUSED
    assert way.ids() == []


def test_a_server_that_is_away_is_asked_again_later(tmp_path: Path) -> None:
    away = [
        (Mail(mailing_through("127.0.0.1:1")), "dpo@carrier.example"),
        (
            SignedCall(secrets=[SECRET], authorities=None, clock=SystemClock()),
            "https://127.0.0.1:1/notices",
        ),
    ]
    for carrier, to in away:
        assert carrier.deliver(Parcel(id="p", to=to)).word is Word.LATER


def test_what_is_not_set_up_is_later_too_because_it_can_be_mended(tmp_path: Path) -> None:
    unset = mailing_through("127.0.0.1:25").model_copy(update={"smtp_address": None})
    nowhere = SignedCall(secrets=[SECRET], authorities=tmp_path / "none", clock=SystemClock())
    for carrier, to in ((Mail(unset), "a@b.example"), (nowhere, "https://127.0.0.1:1/")):
        outcome = carrier.deliver(Parcel(id="p", to=to))
        assert (outcome.word, outcome.said) == (Word.LATER, "not set up")


def test_who_asks_by_itself_is_not_delivered_to() -> None:
    assert AskedFor().deliver(Parcel(id="p", to="")).word is Word.ASKED_FOR


def test_a_mail_has_the_headers_that_we_give_it_and_no_other(tmp_path: Path) -> None:
    with postbox() as (box, address):
        mail = Mail(mailing_through(address))
        parcel = Parcel(
            id="p", to="dpo@bücher.example", subject=HOSTILE[0], text="Grüße\n.\n\r\nEnde"
        )
        assert mail.deliver(parcel).word is Word.SENT
        (sent,) = box.read
    assert sorted(key.lower() for key in sent) == [
        "auto-submitted", "content-transfer-encoding", "content-type", "from", "message-id",
        "mime-version", "subject", "to",
    ]  # fmt: skip
    assert box.mails[0].rcpt_tos == ["dpo@xn--bcher-kva.example"]
    assert "everyone@mail.example" in sent["subject"]
    assert sent.get_content().replace("\r", "").startswith("Grüße\n.\n")


def parcel(number: int, to: str = "dpo@carrier.example") -> Parcel:
    return Parcel(id=f"p{number}", to=to, subject="s", text="t")


def test_letters_share_a_line_and_one_that_is_refused_does_not_end_it() -> None:
    with postbox() as (box, address), open_line(mailing_through(address)) as line:
        assert line.deliver(parcel(1)).word is Word.SENT
        box.to_recipient = "550 no such mailbox"
        assert line.deliver(parcel(2)).word is Word.REFUSED
        box.to_recipient = "250 OK"
        assert line.deliver(parcel(3, to="no address")).word is Word.REFUSED
        assert line.deliver(parcel(4)).word is Word.SENT
        assert len(box.mails) == 2
        assert len(set(box.lines)) == 1


@pytest.mark.parametrize(("to_data", "word"), [("leaves", Word.SENT), ("dies", Word.IN_DOUBT)])
def test_a_line_that_is_gone_is_made_anew_and_nothing_is_sent_twice(
    to_data: str, word: Word
) -> None:
    with postbox() as (box, address), open_line(mailing_through(address)) as line:
        box.to_data = to_data
        for number in range(3):
            assert line.deliver(parcel(number)).word is word
            time.sleep(0.1)
        assert [mail["Message-ID"].partition("@")[0] for mail in box.read] == ["<p0", "<p1", "<p2"]
        assert len(set(box.lines)) == 3


def test_a_line_to_nowhere_is_tried_once_for_each_letter() -> None:
    with open_line(mailing_through("127.0.0.1:1")) as line:
        assert [line.deliver(parcel(number)).word for number in (1, 2)] == [Word.LATER] * 2


@pytest.mark.parametrize("offered", [True, False])
def test_an_address_beyond_ascii_needs_a_server_that_takes_it(*, offered: bool) -> None:
    with postbox(smtputf8=offered) as (box, address):
        outcome = Mail(mailing_through(address)).deliver(parcel(1, to="jürgen@bücher.example"))
        if offered:
            assert outcome.word is Word.SENT
            assert box.mails[0].rcpt_tos == ["jürgen@xn--bcher-kva.example"]
            assert "jürgen@" in box.read[0]["To"]
        else:
            assert (outcome.word, outcome.said) == (Word.REFUSED, NEEDS_SMTPUTF8)
            assert box.mails == []


def test_a_mail_goes_over_an_encrypted_line_to_a_server_that_is_known(tmp_path: Path) -> None:
    ca = trustme.CA()
    ca.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "foreign.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("127.0.0.1").configure_cert(context)
    with postbox(context) as (box, address):
        for authority, word in (("foreign.pem", Word.LATER), ("ca.pem", Word.SENT)):
            settings = mailing_through(address).model_copy(
                update={"smtp_security": "starttls", "smtp_authority": tmp_path / authority}
            )
            parcel = Parcel(id="p", to="a@b.example", subject="s", text="t")
            assert Mail(settings).deliver(parcel).word is word
        assert len(box.mails) == 1


def test_a_call_is_signed_over_what_it_says(tmp_path: Path) -> None:
    ca = trustme.CA()
    ca.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    with called(ca) as server:
        server.says = 200
        url = f"https://127.0.0.1:{server.server_port}/"
        trusting = SignedCall(
            secrets=[SECRET, SECRET], authorities=tmp_path / "ca.pem", clock=SystemClock()
        )
        assert trusting.deliver(Parcel(id="p", to=url, facts={"a": "b"})).word is Word.SENT
        ((headers, body),) = server.heard
        strange = SignedCall(secrets=[SECRET], authorities=None, clock=SystemClock())
        assert strange.deliver(Parcel(id="p", to=url)).word is Word.LATER
        assert len(server.heard) == 1
    from standardwebhooks import Webhook

    assert Webhook(SECRET).verify(body.decode(), headers) == {"a": "b"} == json.loads(body)
    assert len(headers["webhook-signature"].split()) == 2
