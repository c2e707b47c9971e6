"""The golden cases in this folder, run through everything but the wire.

To add one: write a YAML file beside the others, up to `expect`, and let
`python -m tests.decisions.test_decisions FILE` print what the service does. Read it, and if it is
what was agreed, paste it.
"""

from __future__ import annotations

import hashlib
import io
import itertools
import json
import re
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from google.protobuf import json_format
from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import LiteralScalarString

from privacy_service.access import Caller, Role
from privacy_service.app.desks import open_desks
from privacy_service.app.detector import detector_settings
from privacy_service.clock import Clock, SteppedClock
from privacy_service.contracts.model import TermSource
from privacy_service.desks.ports.contracts import PutContract
from privacy_service.desks.ports.desks import Desks
from privacy_service.detection.local import LocalDetector
from privacy_service.enforcement.answer import Answer, AppliedTreatment, LocatedFinding
from privacy_service.enforcement.findings import Detector
from privacy_service.enforcement.request import (
    Consent,
    InspectRequest,
    SubjectRef,
    TransferRequest,
)
from privacy_service.errors import PrivacyError
from privacy_service.evidence.entries import AuditEntry, EntryKind
from privacy_service.records.file_keyring import FileKeyring
from privacy_service.records.hpke import decrypt
from privacy_service.settings import DetectionSettings, PayloadSettings, Settings
from privacy_service.store.database import Database
from tests.unit.payloads.test_protobuf import message, shop

HERE = Path(__file__).parent
NOON = "2026-06-01T12:00:00+00:00"
PROTOBUF = "application/x-protobuf"


def read(file: Path) -> dict[str, Any]:
    case = YAML(typ="safe").load(file.read_text())
    return dict(json.loads(json.dumps(case, default=str)))


@pytest.mark.parametrize("file", sorted(HERE.glob("*.yaml")), ids=lambda file: file.stem)
def test_case(file: Path) -> None:
    case = read(file)
    jsonschema.validate(case, json.loads((HERE / "case.schema.json").read_text()))
    assert observed(case) == case["expect"]


def test_every_treatment_and_content_type_has_a_case() -> None:
    cases = [read(file) for file in HERE.glob("*.yaml")]
    applied = {line.split()[0] for case in cases for line in case["expect"].get("treatments", ())}
    assert applied >= {
        "remove", "redact", "mask", "generalize", "shift_date", "hash", "tokenize", "encrypt",
    }  # fmt: skip
    assert {case["request"]["content_type"].split(";")[0] for case in cases} >= {
        "application/json", "application/x-ndjson", "text/csv", "application/xml", "text/plain",
        "application/x-www-form-urlencoded", "message/rfc822", PROTOBUF,
    }  # fmt: skip


# -- What the service does with a case -----------------------------------------------------------


def observed(case: Mapping[str, Any]) -> dict[str, Any]:
    """The same as `expect`."""
    with tempfile.TemporaryDirectory() as folder, opened(Path(folder), case) as (desks, log):
        asked = case["request"]
        payload = _encoded(asked)
        sender = Caller(name=asked["from"], partner=asked["from"], roles=frozenset({Role.PARTNER}))
        looked = InspectRequest(content_type=asked["content_type"], payload=payload)
        found = desks.enforcement.inspect(sender, looked, seconds=None).findings
        seen: dict[str, Any] = {"findings": [_finding(one) for one in found]}
        before = len(log())
        try:
            for _ in range(asked.get("sent_before", 0) + 1):
                before = len(log())
                request = TransferRequest(**_request(asked, payload), request_id=str(uuid.uuid4()))
                answer = desks.enforcement.transfer(sender, request, seconds=None)
        except PrivacyError as error:
            details = ", ".join(f"{name} {value}" for name, value in error.details.items())
            seen["decision"] = f"error {error.reason.code}" + (f": {details}" if details else "")
        else:
            seen |= _answered(case, answer)
        seen["audit"] = [_entry(entry) for entry in log()[before:]]
    return {name: value for name, value in seen.items() if value or name == "output"}


def _answered(case: Mapping[str, Any], answer: Answer) -> dict[str, Any]:
    because = ", ".join(
        " ".join(filter(None, (one.code, one.entity, one.path and f"at {one.path}")))
        for one in answer.decision.reasons
    )
    both = len(answer.contracts) == 2
    seen: dict[str, Any] = {
        "decision": answer.decision.effect.value + (f" because of {because}" if because else ""),
        "treatments": [_treatment(one, both=both) for one in answer.treatments],
        "stricter_word": _words(answer) if both else {},
    }
    if answer.payload is not None:
        seen["output"] = _shown(case, answer)
    return seen


def _finding(one: LocatedFinding) -> str:
    where = f"{one.original_start} to {one.original_end}"
    return f"{one.entity} in the {one.place.value} at {one.path or '/'}, {where}"


def _treatment(one: AppliedTreatment, *, both: bool) -> str:
    what = f"{one.treatment.value} {one.entity or 'field'} at {one.path or '/'}"
    times = f", {one.count} times" if one.count > 1 else ""
    changed = ", no longer of its JSON type" if one.type_changed else ""
    return what + times + changed + (f" ({one.source.value}'s term)" if both else "")


def _words(answer: Answer) -> dict[str, str]:
    return {
        term: source.value
        for term, source in sorted(answer.decided_by.items())
        if source is not TermSource.BOTH
    }


def _entry(entry: AuditEntry) -> dict[str, Any]:
    """An entry of the audit log, without times and keyed digests."""
    if entry.kind is EntryKind.ATTEMPT:
        return {"attempt": entry.action, "of": entry.partner, "for": entry.counterparty}
    written = {
        "effect": entry.outcome,
        "under": [f"{one.id} version {one.number}" for one in entry.contracts],
        "categories": [f"{one.treatment} {one.entity} {one.count}" for one in entry.categories],
        "people": len(entry.subjects),
        "because": (entry.reason or "").split(",") if entry.reason else [],
    }
    return {name: value for name, value in written.items() if value}


def _shown(case: Mapping[str, Any], answer: Answer) -> str:
    asked = case["request"]
    payload = answer.payload or b""
    if asked["content_type"].startswith(PROTOBUF):
        left = type(message()).FromString(payload)
        written = json_format.MessageToDict(left, descriptor_pool=left.DESCRIPTOR.file.pool)
        return json.dumps(written, indent=2, sort_keys=True)
    text = payload.decode().replace("\r\n", "\n")
    for one in answer.treatments:
        text = _opened_in(text, one.path, case, answer) if "hpke:" in text else text
    return text


def _opened_in(text: str, path: str, case: Mapping[str, Any], answer: Answer) -> str:
    """The text with each encrypted value that belongs at the path as its recipient reads it."""

    def opened_value(found: re.Match[str]) -> str:
        try:
            value = decrypt(
                found[0],
                private_key=case["recipient_private_key"],
                info=f"{answer.contracts[0].id} {path}",
            )
        except PrivacyError:
            return found[0]
        return f"<opens to: {value}>"

    return re.sub(r"hpke:v1:[\w-]+", opened_value, text)


def _encoded(asked: Mapping[str, Any]) -> bytes:
    if asked["content_type"].startswith(PROTOBUF):
        order = message()
        json_format.Parse(asked["payload"], order, descriptor_pool=order.DESCRIPTOR.file.pool)
        return bytes(order.SerializeToString(deterministic=True))
    return str(asked["payload"]).encode()


def _request(asked: Mapping[str, Any], payload: bytes) -> dict[str, Any]:
    named = [one.partition("=") for one in asked.get("subjects", ())]
    return {
        "sender": asked["from"],
        "recipient": asked["to"],
        "purpose": asked["for"],
        "content_type": asked["content_type"],
        "payload": payload,
        "subjects": tuple(SubjectRef(type=kind, value=value) for kind, _, value in named),
        "consent": Consent(record_id=asked["consent"]) if "consent" in asked else None,
        "recipient_region": asked.get("region"),
    }


# -- The house of one case -----------------------------------------------------------------------


@contextmanager
def opened(
    folder: Path, case: Mapping[str, Any]
) -> Iterator[tuple[Desks, Callable[[], list[AuditEntry]]]]:
    """The desks, with the case's contracts put, and the transfers' entries in the audit log."""
    clock = SteppedClock(datetime.fromisoformat(case.get("at", NOON)))
    (folder / "shop.binpb").write_bytes(shop())
    payloads = PayloadSettings(descriptors=(folder / "shop.binpb",))
    settings = Settings.model_construct(payloads=payloads)
    keyring = FileKeyring.create(folder / "keyring.json", random=_drawn(), clock=clock)
    with Database.open(f"sqlite:///{folder / 'case.db'}", clock=clock) as database:
        database.migrate()
        desks = open_desks(settings, clock, keyring, database, detector())
        for source in case["contracts"]:
            _put(desks, source, clock)

        def log() -> list[AuditEntry]:
            with database.reading() as view:
                entries = [each.entry for each in view.audit.entries(0, 1000)]
            return [entry for entry in entries if entry.action.startswith("Enforcement")]

        yield desks, log


def _put(desks: Desks, source: str, clock: Clock) -> None:
    partner = str(YAML(typ="safe").load(source)["party"]["partner"])
    caller = Caller(name=partner, partner=partner, roles=frozenset({Role.PARTNER}))
    put = PutContract(source=source, request_id=str(uuid.uuid4()))
    desks.contracts.put_contract(caller, put, seconds=None)


def _drawn() -> Callable[[int], bytes]:
    """Keys that are the same on every machine, so that tokens and shifts are."""
    numbers = itertools.count()
    return lambda size: hashlib.shake_256(f"golden case {next(numbers)}".encode()).digest(size)


@cache
def detector() -> Detector:
    """Patterns alone: what a language model thinks of a text is not what was agreed."""
    return LocalDetector.load(detector_settings(DetectionSettings(model="none")))


def main(files: list[str]) -> None:
    """Prints what the service does with each case, as its `expect`."""
    yaml = YAML()
    yaml.width = 200
    yaml.indent(mapping=2, sequence=4, offset=2)
    for file in files:
        seen = observed(read(Path(file)))
        if "output" in seen:
            seen["output"] = LiteralScalarString(seen["output"])
        out = io.StringIO()
        yaml.dump({"expect": seen}, out)
        sys.stdout.write(out.getvalue())


if __name__ == "__main__":
    main(sys.argv[1:])
