"""KeyService: parse, call, render."""

from __future__ import annotations

from typing import Final

from privacy_service.desks.ports.keys import (
    KeyDesk,
    KeyFault,
    KeyProblem,
    KeyState,
    KeyVersion,
    RetireKey,
    RewrapKeys,
    RotateKey,
    SharedKey,
    ShredKey,
    VerifyKeys,
)
from privacy_service.desks.ports.pages import Place
from privacy_service.rpc.answers import numbers, render_audit, render_instant
from privacy_service.rpc.call import admitted
from privacy_service.rpc.enforcement import parse_subject
from privacy_service.rpc.pages import PageTokens
from privacy_service.v1 import keys_pb2 as pb
from privacy_service.v1 import keys_pb2_grpc as pb_grpc

STATES: Final = numbers(KeyState, pb.KeyState)
PROBLEMS: Final = numbers(KeyProblem, pb.KeyProblem)
_SHARED: Final = {number: key for key, number in numbers(SharedKey, pb.SharedKey).items()}
_USUAL_BATCH: Final = 200


class KeyServicer(pb_grpc.KeyServiceServicer):
    """Answers KeyService; every rule is behind the desk."""

    def __init__(self, desk: KeyDesk, pages: PageTokens) -> None:
        self._desk = desk
        self._pages = pages

    def ListKeys(self, request: pb.ListKeysRequest, context: object) -> pb.ListKeysResponse:
        call = admitted(context)
        place = self._pages.place(call, request)
        page = self._desk.list_keys(call.caller, place, seconds=call.seconds())
        return pb.ListKeysResponse(
            keys=[render_version(version) for version in page.items],
            next_page_token=self._pages.token(call, request, page.next),
        )

    def RotateKey(self, request: pb.RotateKeyRequest, context: object) -> pb.RotateKeyResponse:
        call = admitted(context)
        made = self._desk.rotate_key(call.caller, parse_rotate(request), seconds=call.seconds())
        return pb.RotateKeyResponse(
            name=made.name, version=made.version, audit=render_audit(made.audit)
        )

    def RewrapKeys(self, request: pb.RewrapKeysRequest, context: object) -> pb.RewrapKeysResponse:
        call = admitted(context)
        done = self._desk.rewrap_keys(call.caller, parse_rewrap(request), seconds=call.seconds())
        return pb.RewrapKeysResponse(
            rewrapped=done.rewrapped,
            unreadable=done.unreadable,
            left=done.left,
            next_cursor=done.cursor or "",
            audit=render_audit(done.audit),
        )

    def RetireKey(self, request: pb.RetireKeyRequest, context: object) -> pb.RetireKeyResponse:
        call = admitted(context)
        done = self._desk.retire_key(call.caller, parse_retire(request), seconds=call.seconds())
        return pb.RetireKeyResponse(data_keys=done.data_keys, audit=render_audit(done.audit))

    def ShredKey(self, request: pb.ShredKeyRequest, context: object) -> pb.ShredKeyResponse:
        call = admitted(context)
        done = self._desk.shred_key(call.caller, parse_shred(request), seconds=call.seconds())
        return pb.ShredKeyResponse(
            live=done.live,
            records=done.records,
            tokens=done.tokens,
            audit=render_audit(done.audit),
        )

    def VerifyKeys(self, request: pb.VerifyKeysRequest, context: object) -> pb.VerifyKeysResponse:
        call = admitted(context)
        asked = parse_verify(request, self._pages.place(call, request))
        page = self._desk.verify_keys(call.caller, asked, seconds=call.seconds())
        return pb.VerifyKeysResponse(
            data_keys=page.data_keys,
            records=page.records,
            shredded_records=page.shredded_records,
            faults=[render_fault(fault) for fault in page.faults],
            next_page_token=self._pages.token(call, request, page.next),
        )


def parse_rotate(request: pb.RotateKeyRequest) -> RotateKey:
    return RotateKey(
        partner=request.partner or None,
        shared=_SHARED.get(request.shared),
        breach_id=request.breach_id or None,
        request_id=request.request_id.lower(),
    )


def parse_rewrap(request: pb.RewrapKeysRequest) -> RewrapKeys:
    return RewrapKeys(
        partner=request.partner or None,
        limit=request.batch_size or _USUAL_BATCH,
        cursor=request.cursor or None,
        request_id=request.request_id.lower(),
    )


def parse_retire(request: pb.RetireKeyRequest) -> RetireKey:
    return RetireKey(
        partner=request.partner,
        version=request.version,
        dry_run=request.dry_run,
        request_id=request.request_id.lower(),
    )


def parse_shred(request: pb.ShredKeyRequest) -> ShredKey:
    return ShredKey(
        partner=request.partner,
        subject=parse_subject(request.subject),
        reason=request.reason,
        dry_run=request.dry_run,
        breach_id=request.breach_id or None,
        request_id=request.request_id.lower(),
    )


def parse_verify(request: pb.VerifyKeysRequest, place: Place) -> VerifyKeys:
    return VerifyKeys(partner=request.partner or None, place=place)


def render_version(version: KeyVersion) -> pb.KeyVersion:
    return pb.KeyVersion(
        name=version.name,
        version=version.version,
        state=STATES[version.state],
        create_time=render_instant(version.created_at),
        retire_time=render_instant(version.retired_at),
        data_keys=version.data_keys,
        wraps=version.wraps,
        rotate_time=render_instant(version.rotates_at),
        exposed_breach_id=version.exposed_in or "",
    )


def render_fault(fault: KeyFault) -> pb.KeyFault:
    return pb.KeyFault(
        partner=fault.partner,
        record_id=fault.record or "",
        data_key=fault.data_key or "",
        wrapping_key=fault.wrapping_key or "",
        problem=PROBLEMS[fault.problem],
    )
