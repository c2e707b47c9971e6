"""Consents: what a person was told and asked, what they said, and saying more for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from privacy_service.console.asking import Ask, part
from privacy_service.console.blocks import (
    Act,
    Block,
    Cell,
    Done,
    Facts,
    Form,
    Input,
    Page,
    Saved,
    Table,
    Tone,
    chosen,
    link,
    spoken,
    word,
)
from privacy_service.console.people import person
from privacy_service.console.room import PAGE, Room, Visit, going_on, path
from privacy_service.console.times import Times
from privacy_service.v1 import consent_pb2 as pb
from privacy_service.v1.consent_pb2_grpc import ConsentServiceStub as Stub

_HEADS: Final = ("record", "partner", "now", "purposes", "for", "runs out")
_PERMITS: Final = frozenset({"given", "renewed"})
_SAID: Final = tuple(
    (name, name)
    for name in (
        "given", "renewed", "refused", "requested", "deferred", "withdrawn", "revoked",
        "invalidated",
    )
)  # fmt: skip
_HOW: Final = tuple((name, name) for name in ("explicit", "expressed", "implied"))
_WHO: Final = Input(name="subject", label="Who", help="type=value: email=…")
_EVENT: Final = (
    Input(name="state", label="What was said", options=_SAID),
    Input(name="expression", label="How", options=_HOW),
    Input(name="at", label="When", required=False, help="YYYY-MM-DD HH:MM; empty: now", most=25),
    Input(
        name="valid_for", label="For how long", required=False, help="P2Y; empty: until it ends",
        most=64,
    ),
)  # fmt: skip


def listed(visit: Visit) -> Page:
    """Finding what a person said, and the records by partner."""
    partner = visit.query.get("partner", "")

    def table() -> Table:
        request = pb.ListConsentsRequest(
            partner=partner, page_size=PAGE, page_token=visit.page_token
        )
        answer = visit.ask(Stub, "ListConsents", request)
        return Table(
            title=f"Records of {partner}" if partner else "Records",
            heads=_HEADS,
            rows=[_row(one, visit.times) for one in answer.records],
            empty="None.",
            next_href=going_on("consents", visit, answer.next_page_token),
        )

    return Page(
        title="Consents",
        room="consents",
        blocks=[
            Form(
                act="find-consents", title="What has a person said?", button="Find",
                explains="By any identifier that was recorded. It is sent, and not kept.",
                inputs=(_WHO,),
            ),
            part("Records", table),
        ],
    )  # fmt: skip


def _row(one: Any, times: Times) -> tuple[Cell, ...]:
    return (
        link(one.record_id, _href(one.partner, one.record_id)),
        link(one.partner, path("consents", partner=one.partner)),
        _now(one),
        word(", ".join(one.terms.purposes)),
        word(", ".join(one.terms.recipients)),
        times.due(one.expire_time),
    )


def _now(one: Any) -> Cell:
    state = spoken(pb.ConsentState, one.state)
    return word(state, Tone.GOOD if state in _PERMITS else Tone.PLAIN)


def _found(ask: Ask, times: Times, said: Mapping[str, str], _request_id: str) -> Done:
    """What one person has said, everywhere. Shown once: no address names them."""
    who = person(said["subject"])
    request = pb.ListConsentsRequest(subject=who, page_size=1_000)
    records = ask(Stub, "ListConsents", request).records
    outs = ask(Stub, "ListOptOuts", pb.ListOptOutsRequest(subject=who)).opt_outs
    valid = [one for one in records if spoken(pb.ConsentState, one.state) in _PERMITS]
    blocks: list[Block] = [
        Table(
            title="Records",
            heads=_HEADS,
            rows=[_row(one, times) for one in records],
            empty="None is known under this identifier.",
        ),
        Table(
            title="Opted out of sale and sharing (Sec-GPC)",
            heads=("partner", "since"),
            rows=[(word(one.partner), times.at(one.time)) for one in outs],
            empty="Nowhere.",
        ),
    ]
    blocks += [
        Form(
            act="withdraw-all", title=f"Withdraw all at {partner}", folded=True, grave=True,
            button="They withdraw everything",
            hidden={"partner": partner, "subject": said["subject"]},
            explains="Nothing is released on it from the answer on.",
        )
        for partner in sorted({one.partner for one in valid})
    ]  # fmt: skip
    counted = f"{len(valid)} of {len(records)} records permit something now."
    page = Page(
        title="What this person has said", room="consents", blocks=blocks, lead=Cell(text=counted)
    )
    return Done(says="", href=path("consents"), page=page)


# -- One record ---------------------------------------------------------------------------------


def shown(visit: Visit) -> Page:
    """One record: what holds now, what was said when, and on which terms."""
    one = _record(visit.ask, visit.names["partner"], visit.names["record"]).record
    times, state = visit.times, spoken(pb.ConsentState, one.state)
    hidden = {"partner": one.partner, "record": one.record_id}
    blocks: list[Block] = [
        Table(
            title="What was said",
            heads=("when", "what", "how", "by", "for"),
            rows=[
                (
                    times.at(event.time),
                    word(spoken(pb.ConsentState, event.state)),
                    word(
                        spoken(pb.Expression, event.expression) if event.expression else "explicit"
                    ),
                    word(event.by or "data-subject"),
                    word(event.valid_for),
                )
                for event in reversed(one.events)
            ],
            empty="Nothing.",
        ),
        *_saying(hidden, permits=state in _PERMITS),
        _terms(one),
        Form(act="save-consent", title="As a file", button="Save as JSON-LD", hidden=hidden),
    ]
    return Page(
        title=f"Consent {one.record_id}", room="consents", blocks=blocks, lead=_lead(one, times)
    )


def _lead(one: Any, times: Times) -> Cell:
    state = spoken(pb.ConsentState, one.state)
    if state not in _PERMITS:
        return Cell(text=f"It permits nothing: it is {state}.")
    until = (times.due(one.expire_time),) if one.expire_time.seconds else ()
    more = tuple(f"until {cell.text}, {', '.join(cell.more)}" for cell in until)
    purposes, to = ", ".join(one.terms.purposes), ", ".join(one.terms.recipients)
    return Cell(text=f"It permits {purposes}, to {to}.", tone=Tone.GOOD, more=more)


def _saying(hidden: Mapping[str, str], *, permits: bool) -> list[Block]:
    blocks: list[Block] = []
    if permits:
        blocks.append(
            Form(
                act="withdraw-consent", title="The person withdraws it", button="Withdraw it",
                explains="Nothing is released on it from the answer on, on any machine.",
                hidden=hidden, grave=True, folded=True,
            )
        )  # fmt: skip
    blocks += [
        Form(
            act="say-consent", title="The person says something else", button="Record it",
            explains="What may follow what is in docs/consent.md; the terms stay.", inputs=_EVENT,
            hidden=hidden, folded=True,
        ),
        Form(
            act="copy-consent", title="Somebody else said so on the same terms",
            button="Record theirs", folded=True,
            explains="They were told and asked the same. People are kept as digests.",
            inputs=(
                Input(name="new", label="Record", help="an id that names no person", most=256),
                Input(
                    name="subjects", label="Who", help="one to a line: email=…", area=True,
                    most=8_192,
                ),
                *_EVENT,
            ),
            hidden=hidden,
        ),
    ]  # fmt: skip
    return blocks


def _terms(one: Any) -> Facts:
    terms = one.terms
    return Facts(
        title="What they were told and asked",
        facts=[
            ("partner", word(one.partner)),
            ("notice", word(f"{terms.notice} ({terms.language})")),
            ("purposes", word(", ".join(terms.purposes))),
            ("legal basis", word(terms.legal_basis or "eu-gdpr:A6-1-a")),
            ("recipients", word(", ".join(terms.recipients))),
            ("personal data", word(", ".join(terms.personal_data))),
            ("special categories", word(", ".join(terms.special_categories))),
            ("answers for it", word(", ".join(party.name for party in terms.controllers))),
            ("collected", word(terms.collection_method)),
            ("kept in", word(", ".join(terms.storage_locations))),
            ("kept for", word(terms.retention_period)),
            ("withdrawn by", word(terms.withdrawal_method)),
            ("terms", word(one.terms_digest)),
            ("people, as digests", Cell(text="", more=tuple(one.subject_digests))),
        ],
    )


# -- Acts ---------------------------------------------------------------------------------------


def _record(ask: Ask, partner: str, record_id: str) -> Any:
    request = pb.GetConsentRequest(partner=partner, record_id=record_id)
    return ask(Stub, "GetConsent", request)


def _event(times: Times, said: Mapping[str, str]) -> pb.ConsentEvent:
    return pb.ConsentEvent(
        state=chosen(pb.ConsentState, said["state"]),  # type: ignore[arg-type]
        expression=chosen(pb.Expression, said["expression"]),  # type: ignore[arg-type]
        time=times.read(said["at"]),
        valid_for=said["valid_for"],
    )


def _say(ask: Ask, times: Times, said: Mapping[str, str], request_id: str) -> Done:
    request = pb.RecordConsentRequest(
        partner=said["partner"],
        record_id=said["record"],
        event=_event(times, said),
        request_id=request_id,
    )
    ask(Stub, "RecordConsent", request)
    return Done(says="Recorded.", href=_home(said))


def _copy(ask: Ask, times: Times, said: Mapping[str, str], request_id: str) -> Done:
    terms = _record(ask, said["partner"], said["record"]).record.terms
    request = pb.RecordConsentRequest(
        partner=said["partner"],
        record_id=said["new"],
        subjects=[person(line) for line in said["subjects"].split("\n") if line.strip()],
        terms=terms,
        event=_event(times, said),
        request_id=request_id,
    )
    ask(Stub, "RecordConsent", request)
    return Done(says="Recorded.", href=_href(said["partner"], said["new"]))


def _withdraw(ask: Ask, _times: Times, said: Mapping[str, str], request_id: str) -> Done:
    request = pb.WithdrawConsentRequest(
        partner=said["partner"], record_id=said["record"], request_id=request_id
    )
    ask(Stub, "WithdrawConsent", request)
    return Done(says="Withdrawn.", href=_home(said))


def _withdraw_all(ask: Ask, _times: Times, said: Mapping[str, str], request_id: str) -> Done:
    request = pb.WithdrawConsentRequest(
        partner=said["partner"], subject=person(said["subject"]), request_id=request_id
    )
    gone = ask(Stub, "WithdrawConsent", request).record_ids
    says = f"Withdrawn: {', '.join(gone)}." if gone else "Nothing was in force."
    return Done(says=says, href=path("consents"))


def _save(ask: Ask, _times: Times, said: Mapping[str, str], _request_id: str) -> Done:
    told = _record(ask, said["partner"], said["record"]).json_ld
    saved = Saved(
        name=f"consent-{said['record']}.jsonld", content_type="application/ld+json",
        content=told.encode(),
    )  # fmt: skip
    return Done(says="", href=_home(said), saved=saved)


def _href(partner: str, record_id: str) -> str:
    return path("consents", partner, record_id)


def _home(said: Mapping[str, str]) -> str:
    return _href(said["partner"], said["record"])


ROOM: Final = Room(
    name="consents",
    title="Consents",
    home="/consents",
    group="People",
    pages={"/consents": listed, "/consents/{partner}/{record:path}": shown},
    acts=(
        Act(name="find-consents", does=_found, href=lambda _said: path("consents")),
        Act(name="withdraw-all", does=_withdraw_all, href=lambda _said: path("consents")),
        Act(name="withdraw-consent", does=_withdraw, href=_home),
        Act(name="say-consent", does=_say, href=_home),
        Act(name="copy-consent", does=_copy, href=_home),
        Act(name="save-consent", does=_save, href=_home),
    ),
)
