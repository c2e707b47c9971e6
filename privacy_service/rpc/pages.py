"""Page tokens: opaque, authenticated, and good for the one list that gave them out.

A token is base64url(tag || cursor): the cursor is the desk's own, and the tag is HMAC-SHA256 over
the RPC, the caller's partner, the request without its page fields, and the cursor, each with its
length before it. So a token that was changed, or sent with another filter, for another RPC or by
another partner, is PAGE_TOKEN_INVALID (AIP-158).
"""

from __future__ import annotations

import base64
import binascii
import hmac
from typing import Final, TypeAlias

from privacy_service import errors
from privacy_service.desks.ports.pages import Place
from privacy_service.errors import PrivacyError
from privacy_service.rpc.call import Call
from privacy_service.v1.audit_pb2 import ListDisclosuresRequest, ListEntriesRequest
from privacy_service.v1.behavior_pb2 import ListBehaviorContractsRequest, ListFailureModesRequest
from privacy_service.v1.breach_notices_pb2 import ListPartnerBreachNoticesRequest
from privacy_service.v1.breaches_pb2 import (
    ListBreachesRequest,
    ListQuarantinesRequest,
    ListReinspectionsRequest,
)
from privacy_service.v1.consent_pb2 import ListConsentsRequest
from privacy_service.v1.contracts_pb2 import ListContractsRequest, ListContractVersionsRequest
from privacy_service.v1.governance_pb2 import ListProposalsRequest
from privacy_service.v1.holds_pb2 import ListHoldsRequest
from privacy_service.v1.keys_pb2 import ListKeysRequest, VerifyKeysRequest
from privacy_service.v1.notices_pb2 import ListNoticesRequest, SearchNoticesRequest
from privacy_service.v1.playbooks_pb2 import ListCurbsRequest, ListPlaybookRunsRequest
from privacy_service.v1.records_pb2 import ListRecordsRequest
from privacy_service.v1.requests_pb2 import ListRequestsRequest
from privacy_service.v1.retention_pb2 import ListSweepsRequest
from privacy_service.v1.reviews_pb2 import ListReviewsRequest

Listing: TypeAlias = (
    ListContractsRequest
    | ListContractVersionsRequest
    | ListRecordsRequest
    | ListProposalsRequest
    | ListHoldsRequest
    | ListRequestsRequest
    | ListNoticesRequest
    | SearchNoticesRequest
    | ListPartnerBreachNoticesRequest
    | ListReviewsRequest
    | ListBehaviorContractsRequest
    | ListFailureModesRequest
    | ListConsentsRequest
    | ListBreachesRequest
    | ListQuarantinesRequest
    | ListReinspectionsRequest
    | ListPlaybookRunsRequest
    | ListCurbsRequest
    | ListKeysRequest
    | VerifyKeysRequest
    | ListSweepsRequest
    | ListEntriesRequest
    | ListDisclosuresRequest
)

_TAG_BYTES: Final = 32
_KEY_BYTES: Final = 32
_USUAL: Final = 50
_LONGEST: Final = 1000


class PageTokens:
    """Seals and opens page tokens under one key, which all replicas share.

    The key has at least 32 bytes and serves nothing else; a shorter one is a ValueError.
    """

    def __init__(self, key: bytes) -> None:
        if len(key) < _KEY_BYTES:
            raise ValueError(f"a page token key has at least {_KEY_BYTES} bytes")
        self._key = key

    def place(self, call: Call, request: Listing) -> Place:
        """Where the page asked for begins. Raises PAGE_TOKEN_INVALID."""
        limit = min(request.page_size or _USUAL, _LONGEST)
        if not request.page_token:
            return Place(limit=limit)
        sealed = _decoded(request.page_token)
        tag, cursor = sealed[:_TAG_BYTES], sealed[_TAG_BYTES:]
        if not hmac.compare_digest(tag, self._tag(call, request, cursor)):
            raise PrivacyError(errors.PAGE_TOKEN_INVALID)
        return Place(after=cursor.decode(), limit=limit)

    def token(self, call: Call, request: Listing, after: str | None) -> str:
        """The token for the page after this cursor; empty when there is none."""
        if after is None:
            return ""
        cursor = after.encode()
        return base64.urlsafe_b64encode(self._tag(call, request, cursor) + cursor).decode()

    def _tag(self, call: Call, request: Listing, cursor: bytes) -> bytes:
        parts = (call.rpc.encode(), (call.caller.partner or "").encode(), _filter(request), cursor)
        bound = b"".join(len(part).to_bytes(8, "big") + part for part in parts)
        return hmac.digest(self._key, bound, "sha256")


def _filter(request: Listing) -> bytes:
    """The request without its page fields: a page may be shorter or longer than the last."""
    bare = type(request)()
    bare.MergeFromString(request.SerializeToString())
    bare.ClearField("page_size")
    bare.ClearField("page_token")
    return bare.SerializeToString(deterministic=True)


def _decoded(token: str) -> bytes:
    try:
        sealed = base64.urlsafe_b64decode(token.encode("ascii"))
    except (UnicodeEncodeError, binascii.Error):
        raise PrivacyError(errors.PAGE_TOKEN_INVALID) from None
    if len(sealed) < _TAG_BYTES:
        raise PrivacyError(errors.PAGE_TOKEN_INVALID)
    return sealed
