"""Recipients: what they were asked to do with data that they were given, and whether they did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from privacy_service.console.asking import Ask, part
from privacy_service.console.blocks import (
    Act,
    Block,
    Cell,
    Done,
    Form,
    Input,
    Links,
    Page,
    Prose,
    Table,
    Tone,
    link,
    options,
    spoken,
    word,
)
from privacy_service.console.room import PAGE, Room, Visit, going_on, path
from privacy_service.console.times import Times
from privacy_service.subjects.reasons import JUSTIFICATIONS, Serves
from privacy_service.v1 import notices_pb2 as pb
from privacy_service.v1.notices_pb2_grpc import NoticeServiceStub as Stub

_SETTLED: Final = (pb.NOTICE_STATE_CONFIRMED, pb.NOTICE_STATE_EXCUSED)
_TONES: Final = {"escalated": Tone.BAD, "confirmed": Tone.GOOD}
_LANGUAGES: Final = options("en", "de")


def listed(visit: Visit) -> Page:
    """What recipients have still to confirm, that whose deadline comes first on top."""
    settled = visit.query.get("settled") == "1"
    request = pb.SearchNoticesRequest(
        states=_SETTLED if settled else (), page_size=PAGE, page_token=visit.page_token
    )
    answer = visit.ask(Stub, "SearchNotices", request)
    return Page(
        title="Recipients",
        room="recipients",
        lead=None if settled else _lead(answer.notices, visit.times, more=answer.next_page_token),
        blocks=[
            Links(
                title="Show",
                links=[
                    link("what is open", path("recipients")) if settled else word("what is open"),
                    word("what is settled")
                    if settled
                    else link("what is settled", path("recipients", settled="1")),
                ],
            ),
            Table(
                title="Settled" if settled else "Not confirmed yet",
                heads=("recipient", "has to", "by", "stands", "told", "request"),
                rows=[_row(one, visit.times) for one in answer.notices],
                empty="Nothing.",
                next_href=going_on("recipients", visit, answer.next_page_token),
            ),
        ],
    )


def _lead(found: Sequence[Any], times: Times, *, more: str) -> Cell:
    late = [one for one in found if overdue(one, times)]
    least = "At least " if more else ""
    if not found:
        return Cell(text="Every recipient has confirmed what it was asked.", tone=Tone.GOOD)
    who = ", ".join(sorted({one.recipient for one in late}))
    if late:
        return Cell(
            text=f"{least}{len(late)} are overdue: call {who}.",
            tone=Tone.BAD,
            more=("Confirm for them what they tell you, or excuse it with a reason.",),
        )
    return Cell(text=f"{least}{len(found)} are not confirmed yet, none is overdue.")


def overdue(one: Any, times: Times) -> bool:
    """Whether a notice should have been confirmed by now."""
    return bool(one.deadline.seconds and one.deadline.seconds < times.now().timestamp())


def asked(one: Any) -> str:
    """What the recipient has to do, in words."""
    return spoken(pb.NoticeKind, one.kind)


def _row(one: Any, times: Times) -> tuple[Cell, ...]:
    state = spoken(pb.NoticeState, one.state)
    done = one.state in _SETTLED
    said = (f"by {one.confirmed_by}",) if one.confirmed_by else ()
    if one.state == pb.NOTICE_STATE_EXCUSED:
        said = (one.reason,)
    return (
        link(one.recipient, path("recipients", one.recipient)),
        Cell(text=asked(one), more=(one.notice_id,)),
        times.due(one.deadline, done=done),
        Cell(text=state, tone=_TONES.get(state, Tone.PLAIN), more=said),
        _told(one, times),
        link(one.subject_request_id, path("requests", one.subject_request_id))
        if one.subject_request_id
        else word(""),
    )


def _told(one: Any, times: Times) -> Cell:
    how = spoken(pb.NoticeChannel, one.channel) if one.channel else ""
    how = {"pull": "when it asks"}.get(how, how)
    tries = (f"{one.attempts} attempts",) if one.attempts > 1 else ()
    again = (f"again {times.at(one.next_time).text}",) if one.HasField("next_time") else ()
    told = times.at(one.tell_time).text if one.tell_time.seconds else "not yet"
    return Cell(text=told, more=tuple(filter(None, (how, *tries, *again))))


# -- One recipient ------------------------------------------------------------------------------


def shown(visit: Visit) -> Page:
    """One recipient: what it has to do and with which disclosures, and how it is told."""
    partner = visit.names["partner"]
    request = pb.ListNoticesRequest(partner=partner, settled=True, page_size=200)
    found = sorted(
        visit.ask(Stub, "ListNotices", request).notices,
        key=lambda one: (one.state in _SETTLED, one.deadline.seconds),
    )
    waits = [one for one in found if one.state not in _SETTLED]
    blocks: list[Block] = [
        part("Notices", lambda: _notices(found, visit.times)),
        *_settling(partner, waits),
        _addressing(partner),
    ]
    lead = _lead(waits, visit.times, more="")
    return Page(title=partner, room="recipients", blocks=blocks, lead=lead)


def _notices(found: Sequence[Any], times: Times) -> Table:
    return Table(
        title="What it was asked",
        heads=("notice", "has to", "by", "stands", "told", "disclosures", "fields", "request"),
        rows=[
            (
                word(one.notice_id),
                *_row(one, times)[1:5],
                Cell(text="", more=tuple(one.disclosure_ids)),
                Cell(text="", more=tuple(each.field for each in one.corrected)),
                _row(one, times)[5],
            )
            for one in found
        ],
        empty="Nothing.",
    )


def _settling(partner: str, waits: Sequence[Any]) -> list[Block]:
    """What an officer does for a recipient that does not do it itself."""
    if not waits:
        return []
    which = Input(
        name="notice",
        label="Notice",
        options=tuple((one.notice_id, f"{asked(one)}, {one.notice_id}") for one in waits),
    )
    reasons = tuple(
        (one.code, f"{one.says} ({one.article})")
        for one in JUSTIFICATIONS.values()
        if Serves.KEEPING in one.serves
    )
    hidden = {"partner": partner}
    return [
        Form(
            act="confirm-notice", title="It has told you that it did it", button="Confirm for it",
            inputs=(which,), hidden=hidden, grave=True, folded=True,
        ),
        Form(
            act="excuse-notice", title="It need not do it", button="Excuse it",
            inputs=(which, Input(name="code", label="Because", options=reasons)), hidden=hidden,
            grave=True, folded=True,
        ),
    ]  # fmt: skip


def _addressing(partner: str) -> Form:
    return Form(
        act="put-address", title="How it is told from now on", button="Put it",
        explains="With neither it calls ListNotices by itself. For a web address you get a secret "
        "once, by which it knows our calls: hand it over safely.",
        inputs=(
            Input(
                name="url", label="Web address", help="https, Standard Webhooks", required=False,
                most=2_048,
            ),
            Input(name="email", label="Or mailbox of a role", required=False, most=254),
            Input(name="language", label="Written to in", options=_LANGUAGES),
        ),
        hidden={"partner": partner}, folded=True,
    )  # fmt: skip


# -- Acts ---------------------------------------------------------------------------------------


def _confirm(ask: Ask, _times: Times, said: Mapping[str, str], request_id: str) -> Done:
    request = pb.ConfirmNoticeRequest(notice_id=said["notice"], request_id=request_id)
    ask(Stub, "ConfirmNotice", request)
    return Done(says="Confirmed.", href=_home(said))


def _excuse(ask: Ask, _times: Times, said: Mapping[str, str], request_id: str) -> Done:
    request = pb.ExcuseNoticeRequest(
        notice_id=said["notice"], reason=said["code"], request_id=request_id
    )
    ask(Stub, "ExcuseNotice", request)
    return Done(says="Excused.", href=_home(said))


def _put(ask: Ask, _times: Times, said: Mapping[str, str], request_id: str) -> Done:
    """Puts the address; a secret is shown once, on the page that answers."""
    request = pb.PutNoticeAddressRequest(
        partner=said["partner"],
        url=said["url"],
        email=said["email"],
        language=said["language"] if said["email"] else "",
        request_id=request_id,
    )
    secret = ask(Stub, "PutNoticeAddress", request).secret
    if not secret:
        return Done(says="It is told that way from now on.", href=_home(said))
    page = Page(
        title=f"{said['partner']} is called from now on",
        room="recipients",
        lead=Cell(text="This secret is shown once. Hand it over safely.", tone=Tone.SOON),
        blocks=[Prose(title="Secret", text=secret)],
    )
    return Done(says="", href=_home(said), page=page)


def _home(said: Mapping[str, str]) -> str:
    return path("recipients", said["partner"])


ROOM: Final = Room(
    name="recipients",
    title="Recipients",
    home="/recipients",
    group="Partners",
    pages={"/recipients": listed, "/recipients/{partner}": shown},
    acts=(
        Act(name="confirm-notice", does=_confirm, href=_home),
        Act(name="excuse-notice", does=_excuse, href=_home),
        Act(name="put-address", does=_put, href=_home),
    ),
)
