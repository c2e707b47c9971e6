"""The steps of a subject request: which may be next, and taking one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from privacy_service.console.asking import Ask
from privacy_service.console.blocks import Act, Done, Form, Input, Saved, chosen, options
from privacy_service.console.room import path
from privacy_service.console.rooms import corrections
from privacy_service.console.times import Times
from privacy_service.subjects.reasons import JUSTIFICATIONS, Serves
from privacy_service.v1 import requests_pb2
from privacy_service.v1.requests_pb2_grpc import SubjectRequestServiceStub as Stub

CLOSED: Final = frozenset({"completed", "partly completed", "refused", "lift announced", "lifted"})
"""The states in which nothing is owed any more."""
_UPHELD: Final = frozenset({"restriction", "objection"})
BUNDLED: Final = frozenset({"access", "portability"})
"""Kinds that are answered with a bundle."""
_DECIDED_OTHERWISE: Final = BUNDLED | {"rectification"}
"""Kinds that are not simply begun: a bundle needs a key, a correction what is right."""
_ASKED: Final = ("IDENTITY_REQUIRED", "INFORMATION_REQUIRED")
"""What a person may be asked for, while the clock may stand still."""


def is_asked(one: Any) -> bool:
    """Whether the person was asked something that is not answered yet."""
    said = [line.step for line in one.history if line.step in ("ask", "answered")]
    return said[-1:] == ["ask"]


def forms(one: Any, kind: str, state: str) -> Iterator[Form]:
    """The steps that may be next; the service decides whether they are."""
    hidden = {"id": one.subject_request_id}
    if state in CLOSED:
        yield from _afterwards(hidden, kind, state)
        return
    if state == "received":
        yield Form(
            act="identify",
            title="Identity",
            button="Identity is checked",
            explains="Only a hash of the evidence is kept, until the decision.",
            inputs=(
                Input(
                    name="level", label="How sure", options=options("low", "substantial", "high")
                ),
                Input(
                    name="evidence", label="Evidence", help="a file; it is hashed here", file=True
                ),
            ),
            hidden=hidden,
        )
    if one.HasField("acknowledge_time"):
        yield Form(
            act="acknowledge", title="Received", button="The person was told that it came",
            hidden=hidden,
        )  # fmt: skip
    if state == "identified":
        yield from _deciding(one, kind, hidden)
    if state == "received":
        yield _pausing(one, hidden)
    if not one.extended:
        yield Form(
            act="extend", title="Extend the deadline", button="Extend it", hidden=hidden,
            folded=True, explains="Once, before the first deadline, and the person is told why.",
            inputs=(Input(name="code", label="Because", options=_codes(Serves.DELAY)),),
        )  # fmt: skip
    yield Form(
        act="refuse", title="Refuse it", button="Refuse", hidden=hidden, grave=True, folded=True,
        inputs=(Input(name="code", label="Because", options=_codes(Serves.REFUSAL)),),
    )  # fmt: skip
    yield Form(
        act="note", title="Add a note", button="Add it", hidden=hidden, folded=True,
        inputs=(Input(name="text", label="Text", help="name no person", area=True),),
    )  # fmt: skip


def _deciding(one: Any, kind: str, hidden: Mapping[str, str]) -> Iterator[Form]:
    """How what is asked for begins to be done, each kind in its way."""
    if kind == "rectification":
        yield from corrections.forms(one.subject_request_id)
    if kind in BUNDLED:
        yield _giving(hidden)
    if kind not in _DECIDED_OTHERWISE:
        yield Form(
            act="start", title="Begin", button=f"Begin the {kind}", hidden=hidden, grave=True,
            explains="What is deleted cannot be had back." if kind == "erasure" else "",
        )  # fmt: skip


def _afterwards(hidden: Mapping[str, str], kind: str, state: str) -> Iterator[Form]:
    """What is left to do with a closed request."""
    if state == "completed" and kind in BUNDLED:
        yield Form(
            act="save-bundle", title="What the person gets", hidden=hidden,
            button="Save the bundle, encrypted",
            explains="`privacy-service bundle open` opens it with the private key.",
        )  # fmt: skip
    elif state != "refused":
        yield Form(act="receipt", title="Receipt", button="Save the receipt", hidden=hidden)
    if kind in _UPHELD and state not in ("refused", "lifted", "lift announced"):
        yield Form(
            act="announce-lift", title="End it", button="Say that it will end",
            explains="The person is to be told first (Art. 18(3) GDPR).", hidden=hidden,
        )  # fmt: skip
    if kind in _UPHELD and state not in ("refused", "lifted"):
        yield Form(act="lift", title="", button="It ends now", hidden=hidden, grave=True)


def _pausing(one: Any, hidden: Mapping[str, str]) -> Form:
    """Of asking the person and of their answer, the one that comes next."""
    if is_asked(one):
        return Form(
            act="answered", title="The person has answered", button="The clock goes on",
            hidden=hidden,
        )  # fmt: skip
    return Form(
        act="ask-person", title="Ask the person", button="The person was asked", folded=True,
        explains="The clock stands still until they answer, where the law lets it.",
        inputs=(
            Input(
                name="code",
                label="For what",
                options=tuple((code, JUSTIFICATIONS[code].says) for code in _ASKED),
            ),
        ),
        hidden=hidden,
    )  # fmt: skip


def _giving(hidden: Mapping[str, str]) -> Form:
    return Form(
        act="disclose", title="Give it", button="Make the bundle", hidden=hidden, grave=True,
        explains="It is encrypted to a public key, and opens with the private one alone, which "
        "belongs in no browser: `privacy-service keys new-recipient FILE` makes both, and "
        "`privacy-service bundle open` opens what was saved.",
        inputs=(
            Input(
                name="key", label="Public key", help="the person's own, or yours to hand it over",
                most=44,
            ),
        ),
    )  # fmt: skip


def _codes(serves: Serves) -> tuple[tuple[str, str], ...]:
    return tuple(
        (one.code, f"{one.says} ({one.article})")
        for one in JUSTIFICATIONS.values()
        if serves in one.serves
    )


# -- Acts ---------------------------------------------------------------------------------------


def _step(ask: Ask, said: Mapping[str, str], request_id: str, /, **step: Any) -> Done:
    answer = ask(
        Stub,
        "TakeStep",
        requests_pb2.TakeStepRequest(subject_request_id=said["id"], request_id=request_id, **step),
    )
    return Done(says="Done.", href=path("requests", answer.request.subject_request_id))


def _identify(ask: Ask, _times: Times, said: Mapping[str, str], request_id: str) -> Done:
    check = requests_pb2.CheckIdentity(
        level=chosen(requests_pb2.IdentityLevel, said["level"]),  # type: ignore[arg-type]
        evidence_sha256=said["evidence"],
    )
    return _step(ask, said, request_id, check_identity=check)


def _coded(step: str) -> Any:
    def act(ask: Ask, _times: Times, said: Mapping[str, str], request_id: str) -> Done:
        reason = requests_pb2.CodedReason(code=said["code"])
        return _step(ask, said, request_id, **{step: reason})

    return act


def _plain(step: str) -> Any:
    def act(ask: Ask, _times: Times, said: Mapping[str, str], request_id: str) -> Done:
        return _step(ask, said, request_id, **{step: requests_pb2.PlainStep()})

    return act


def _note(ask: Ask, _times: Times, said: Mapping[str, str], request_id: str) -> Done:
    return _step(ask, said, request_id, note=requests_pb2.NoteText(text=said["text"]))


def _disclose(ask: Ask, _times: Times, said: Mapping[str, str], request_id: str) -> Done:
    return _step(ask, said, request_id, disclose=requests_pb2.Disclose(public_key=said["key"]))


def _bundle(ask: Ask, _times: Times, said: Mapping[str, str], _request_id: str) -> Done:
    """The file that `bundle open` takes: the request's id, then one part a line."""
    lines, parts = [said["id"]], 1
    while len(lines) <= parts:
        request = requests_pb2.GetBundlePartRequest(
            subject_request_id=said["id"], number=len(lines) - 1
        )
        answer = ask(Stub, "GetBundlePart", request)
        lines.append(answer.sealed)
        parts = answer.parts
    saved = Saved(
        name=f"{said['id']}.bundle", content_type="text/plain; charset=us-ascii",
        content="".join(f"{line}\n" for line in lines).encode(),
    )  # fmt: skip
    return Done(says="", href=_home(said), saved=saved)


def _receipt(ask: Ask, _times: Times, said: Mapping[str, str], _request_id: str) -> Done:
    answer = ask(
        Stub,
        "GetErasureReceipt",
        requests_pb2.GetErasureReceiptRequest(subject_request_id=said["id"]),
    )
    saved = Saved(
        name=f"{said['id']}.receipt", content_type="text/plain; charset=utf-8",
        content=answer.receipt.encode(),
    )  # fmt: skip
    return Done(says="", href=_home(said), saved=saved)


def _home(said: Mapping[str, str]) -> str:
    return path("requests", said["id"])


ACTS: Final = (
    Act(name="identify", does=_identify, href=_home),
    Act(name="acknowledge", does=_plain("acknowledge"), href=_home),
    Act(name="start", does=_plain("start"), href=_home),
    Act(name="ask-person", does=_coded("ask"), href=_home),
    Act(name="answered", does=_plain("answered"), href=_home),
    Act(name="disclose", does=_disclose, href=_home),
    Act(name="save-bundle", does=_bundle, href=_home),
    *corrections.ACTS,
    Act(name="extend", does=_coded("extend"), href=_home),
    Act(name="refuse", does=_coded("refuse"), href=_home),
    Act(name="note", does=_note, href=_home),
    Act(name="announce-lift", does=_plain("announce_lift"), href=_home),
    Act(name="lift", does=_plain("lift"), href=_home),
    Act(name="receipt", does=_receipt, href=_home),
)
