"""Keys: which there are, what is due, and rotating, rewrapping, retiring and shredding them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from privacy_service.console.asking import Ask
from privacy_service.console.blocks import (
    Act,
    Block,
    Cell,
    Done,
    Facts,
    Form,
    Input,
    Page,
    Table,
    Tone,
    link,
    spoken,
    word,
)
from privacy_service.console.people import person
from privacy_service.console.room import Room, Visit, path
from privacy_service.console.times import Times
from privacy_service.v1 import breaches_pb2
from privacy_service.v1 import keys_pb2 as pb
from privacy_service.v1.breaches_pb2_grpc import BreachServiceStub as Breaches
from privacy_service.v1.keys_pb2_grpc import KeyServiceStub as Stub

_PARTNER: Final = "partner/"
_SHARED: Final = (
    ("*tokens", "the root of all tokens, hashes and date shifts"),
    ("*secrets", "what protects the service's own secrets"),
    ("*signer", "what signs the audit log, receipts and archives"),
)
_BATCHES: Final = 100
"""So many batches of data keys one press of the button rewraps at most."""
_AT_A_TIME: Final = 500


def home(visit: Visit) -> Page:
    """Every version of every key: what is exposed, what is left to be done, what can be."""
    keys = _all(visit.ask)
    mine = sorted({one.name.removeprefix(_PARTNER) for one in keys if _is_partners(one)})
    return Page(
        title="Keys",
        room="keys",
        lead=_lead(keys),
        blocks=[
            Table(
                title="Of partners",
                heads=("key", "version", "state", "made", "data keys under it", "wraps, at most",
                       "rotates by itself", "exposed"),
                rows=[_row(one, visit.times) for one in keys if _is_partners(one)],
                empty="None: nothing was sealed yet.",
            ),
            *_acting(keys, mine),
            Table(
                title="Of the service",
                heads=("key", "version", "state", "made", "exposed"),
                rows=[
                    (word(one.name), word(one.version), _state(one),
                     visit.times.at(one.create_time), _exposed(one))
                    for one in keys
                    if not _is_partners(one)
                ],
                empty="None.",
            ),
        ],
    )  # fmt: skip


def _all(ask: Ask) -> list[Any]:
    found: list[Any] = []
    request = pb.ListKeysRequest(page_size=1_000)
    while True:
        answer = ask(Stub, "ListKeys", request)
        found += answer.keys
        request.page_token = answer.next_page_token
        if not request.page_token:
            return found


def _is_partners(one: Any) -> bool:
    return bool(one.name.startswith(_PARTNER))


def _lead(keys: Sequence[Any]) -> Cell:
    exposed = sorted({one.name for one in keys if one.exposed_breach_id})
    stale = sum(one.data_keys for one in keys if spoken(pb.KeyState, one.state) == "older")
    said = []
    if stale:
        said.append(f"{stale} data keys are under an older version: rewrap them, then retire it.")
    if exposed:
        names = ", ".join(exposed)
        return Cell(text=f"Reported to be exposed: {names}.", tone=Tone.BAD, more=tuple(said))
    if stale:
        return Cell(text=said[0], tone=Tone.SOON)
    return Cell(text="Every data key is under its partner's current version; none is exposed.")


def _row(one: Any, times: Times) -> tuple[Cell, ...]:
    return (
        word(one.name),
        word(one.version),
        _state(one),
        times.at(one.create_time),
        word(one.data_keys or ""),
        word(one.wraps or ""),
        times.due(one.rotate_time),
        _exposed(one),
    )


def _state(one: Any) -> Cell:
    state = spoken(pb.KeyState, one.state)
    return word(state, Tone.SOON if state == "older" and one.data_keys else Tone.PLAIN)


def _exposed(one: Any) -> Cell:
    if not one.exposed_breach_id:
        return word("")
    return link("yes: see the breach", path("breaches", one.exposed_breach_id))


# -- Acts ---------------------------------------------------------------------------------------


def _acting(keys: Sequence[Any], partners: Sequence[str]) -> Iterator[Block]:
    whose = tuple((name, name) for name in partners)
    partner = Input(name="partner", label="Partner", options=whose)
    yield Form(
        act="rotate-key", title="Rotate", button="Make its next version", folded=True,
        explains="What older versions sealed or minted still opens.",
        inputs=(Input(name="key", label="Key", options=(*whose, *_SHARED)),),
    )  # fmt: skip
    if not partners:
        return
    yield Form(
        act="rewrap-keys", title="Rewrap", button="Wrap data keys under the current versions",
        explains="A batch at a time; it may be stopped and pressed again.", folded=True,
    )  # fmt: skip
    older = tuple(
        (f"{one.name.removeprefix(_PARTNER)} {one.version}", f"{one.name}, version {one.version}")
        for one in keys
        if _is_partners(one) and spoken(pb.KeyState, one.state) == "older"
    )
    if older:
        yield Form(
            act="plan-retire", title="Retire", button="See what is still wrapped by it",
            explains="Destroys an older version, and all before it, once nothing is wrapped by it.",
            inputs=(Input(name="version", label="Version", options=older),), folded=True,
        )  # fmt: skip
    yield Form(
        act="plan-shred", title="Shred one person's key", button="See what it seals", folded=True,
        explains="What it seals is unreadable for good. That alone is no erasure.",
        inputs=(
            partner,
            Input(name="subject", label="Who", help="type=value: email=…"),
            Input(name="reason", label="Why", help="a case, no person"),
        ),
    )  # fmt: skip
    yield Form(
        act="report-exposed", title="Report that a key is exposed", button="Open a breach about it",
        explains="With what it seals. Rotate it and rewrap afterwards.", folded=True, grave=True,
        inputs=(
            Input(
                name="key", label="Key", most=128,
                help="partner/NAME, partner/NAME#VERSION, or a data key's id",
            ),
            Input(name="reason", label="What is known of it", help="name no person", most=2_000),
        ),
    )  # fmt: skip


def _rotate(ask: Ask, _times: Times, said: Mapping[str, str], request_id: str) -> Done:
    request = pb.RotateKeyRequest(request_id=request_id)
    if said["key"] == "*tokens":
        request.shared = pb.SHARED_KEY_TOKENS
    elif said["key"] == "*secrets":
        request.shared = pb.SHARED_KEY_SECRETS
    elif said["key"] == "*signer":
        request.shared = pb.SHARED_KEY_SIGNER
    else:
        request.partner = said["key"]
    done = ask(Stub, "RotateKey", request)
    now = f"{done.name} is at version {done.version}." if done.version else "Protected anew."
    return Done(says=now, href=path("keys"))


def _rewrap(ask: Ask, _times: Times, _said: Mapping[str, str], request_id: str) -> Done:
    """Each batch has a request id of its own, made from the form's: sent twice it does no more."""
    rewrapped = unreadable = left = 0
    cursor = ""
    for number in range(_BATCHES):
        done = ask(
            Stub,
            "RewrapKeys",
            pb.RewrapKeysRequest(
                batch_size=_AT_A_TIME,
                cursor=cursor,
                request_id=str(uuid.uuid5(uuid.UUID(request_id), str(number))),
            ),
        )
        rewrapped, unreadable = rewrapped + done.rewrapped, unreadable + done.unreadable
        left, cursor = done.left, done.next_cursor
        if not cursor:
            break
    says = f"{rewrapped} are rewrapped, {left} are left."
    if unreadable:
        says += f" {unreadable} do not open: `privacy-service keys verify` names them."
    return Done(says=says, href=path("keys"))


def _retire(*, dry: bool) -> Any:
    def act(ask: Ask, _times: Times, said: Mapping[str, str], request_id: str) -> Done:
        partner, _blank, version = said["version"].rpartition(" ")
        request = pb.RetireKeyRequest(
            partner=partner, version=int(version), dry_run=dry, request_id=request_id
        )
        many = ask(Stub, "RetireKey", request).data_keys
        if not dry:
            says = f"Version {version} of {partner}'s key is destroyed."
            return Done(says=says, href=path("keys"))
        page = _sure(
            title=f"Retire version {version} of {partner}'s key",
            facts=[("data keys that it wraps", word(many, Tone.BAD if many else Tone.GOOD))],
            form=Form(
                act="retire-key", title="", button="Destroy it, and all before it", grave=True,
                explains="Rewrap first: while it wraps anything, this is refused." if many else
                "Backups from before the rewrapping do not open any more, either.",
                hidden={"version": said["version"]},
            ),
        )  # fmt: skip
        return Done(says="", href=path("keys"), page=page)

    return act


def _shred(*, dry: bool) -> Any:
    def act(ask: Ask, _times: Times, said: Mapping[str, str], request_id: str) -> Done:
        request = pb.ShredKeyRequest(
            partner=said["partner"],
            subject=person(said["subject"]),
            reason=said["reason"],
            dry_run=dry,
            request_id=request_id,
        )
        done = ask(Stub, "ShredKey", request)
        if not dry:
            return Done(says="Shredded; a tombstone stands.", href=path("keys"))
        page = _sure(
            title=f"Shred one person's key at {said['partner']}",
            facts=[
                ("the key", word("is there" if done.live else "there is none")),
                ("records that it seals", word(done.records)),
                ("tokens that it seals", word(done.tokens)),
            ],
            form=Form(
                act="shred-key", title="", button="Destroy it, for good", grave=True,
                hidden={name: said[name] for name in ("partner", "subject", "reason")},
            ),
        )  # fmt: skip
        return Done(says="", href=path("keys"), page=page)

    return act


def _sure(*, title: str, facts: list[tuple[str, Cell]], form: Form) -> Page:
    """What would be destroyed, before it is."""
    blocks: list[Block] = [Facts(title="", facts=facts), form]
    return Page(title=title, room="keys", blocks=blocks)


def _report(ask: Ask, _times: Times, said: Mapping[str, str], request_id: str) -> Done:
    request = breaches_pb2.ReportExposedKeyRequest(
        key=said["key"], reason=said["reason"], request_id=request_id
    )
    breach = ask(Breaches, "ReportExposedKey", request).breach_id
    says = "A breach is open about it." if breach else "Kept; the settings open no breach for it."
    return Done(says=says, href=path("breaches", breach) if breach else path("keys"))


def _home(_said: Mapping[str, str]) -> str:
    return path("keys")


ROOM: Final = Room(
    name="keys",
    title="Keys",
    home="/keys",
    group="Data",
    pages={"/keys": home},
    acts=(
        Act(name="rotate-key", does=_rotate, href=_home),
        Act(name="rewrap-keys", does=_rewrap, href=_home),
        Act(name="plan-retire", does=_retire(dry=True), href=_home),
        Act(name="retire-key", does=_retire(dry=False), href=_home),
        Act(name="plan-shred", does=_shred(dry=True), href=_home),
        Act(name="shred-key", does=_shred(dry=False), href=_home),
        Act(name="report-exposed", does=_report, href=_home),
    ),
)
