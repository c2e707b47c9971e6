from buf.validate import validate_pb2 as _validate_pb2
from google.rpc import status_pb2 as _status_pb2
from privacy_service.v1 import answer_pb2 as _answer_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SubjectRef(_message.Message):
    __slots__ = ("type", "value")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    type: str
    value: str
    def __init__(self, type: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...

class Consent(_message.Message):
    __slots__ = ("record_id",)
    RECORD_ID_FIELD_NUMBER: _ClassVar[int]
    record_id: str
    def __init__(self, record_id: _Optional[str] = ...) -> None: ...

class TransferRequest(_message.Message):
    __slots__ = ("sender", "recipient", "purpose", "content_type", "payload", "request_id", "subjects", "consent", "recipient_region")
    SENDER_FIELD_NUMBER: _ClassVar[int]
    RECIPIENT_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    CONTENT_TYPE_FIELD_NUMBER: _ClassVar[int]
    PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    SUBJECTS_FIELD_NUMBER: _ClassVar[int]
    CONSENT_FIELD_NUMBER: _ClassVar[int]
    RECIPIENT_REGION_FIELD_NUMBER: _ClassVar[int]
    sender: str
    recipient: str
    purpose: str
    content_type: str
    payload: bytes
    request_id: str
    subjects: _containers.RepeatedCompositeFieldContainer[SubjectRef]
    consent: Consent
    recipient_region: str
    def __init__(self, sender: _Optional[str] = ..., recipient: _Optional[str] = ..., purpose: _Optional[str] = ..., content_type: _Optional[str] = ..., payload: _Optional[bytes] = ..., request_id: _Optional[str] = ..., subjects: _Optional[_Iterable[_Union[SubjectRef, _Mapping]]] = ..., consent: _Optional[_Union[Consent, _Mapping]] = ..., recipient_region: _Optional[str] = ...) -> None: ...

class TransferResponse(_message.Message):
    __slots__ = ("result",)
    RESULT_FIELD_NUMBER: _ClassVar[int]
    result: _answer_pb2.TransferResult
    def __init__(self, result: _Optional[_Union[_answer_pb2.TransferResult, _Mapping]] = ...) -> None: ...

class PreviewRequest(_message.Message):
    __slots__ = ("sender", "recipient", "purpose", "content_type", "payload", "subjects", "consent", "recipient_region")
    SENDER_FIELD_NUMBER: _ClassVar[int]
    RECIPIENT_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    CONTENT_TYPE_FIELD_NUMBER: _ClassVar[int]
    PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    SUBJECTS_FIELD_NUMBER: _ClassVar[int]
    CONSENT_FIELD_NUMBER: _ClassVar[int]
    RECIPIENT_REGION_FIELD_NUMBER: _ClassVar[int]
    sender: str
    recipient: str
    purpose: str
    content_type: str
    payload: bytes
    subjects: _containers.RepeatedCompositeFieldContainer[SubjectRef]
    consent: Consent
    recipient_region: str
    def __init__(self, sender: _Optional[str] = ..., recipient: _Optional[str] = ..., purpose: _Optional[str] = ..., content_type: _Optional[str] = ..., payload: _Optional[bytes] = ..., subjects: _Optional[_Iterable[_Union[SubjectRef, _Mapping]]] = ..., consent: _Optional[_Union[Consent, _Mapping]] = ..., recipient_region: _Optional[str] = ...) -> None: ...

class PreviewResponse(_message.Message):
    __slots__ = ("result",)
    RESULT_FIELD_NUMBER: _ClassVar[int]
    result: _answer_pb2.TransferResult
    def __init__(self, result: _Optional[_Union[_answer_pb2.TransferResult, _Mapping]] = ...) -> None: ...

class TransferStreamRequest(_message.Message):
    __slots__ = ("item_id", "request")
    ITEM_ID_FIELD_NUMBER: _ClassVar[int]
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    item_id: str
    request: TransferRequest
    def __init__(self, item_id: _Optional[str] = ..., request: _Optional[_Union[TransferRequest, _Mapping]] = ...) -> None: ...

class TransferStreamResponse(_message.Message):
    __slots__ = ("item_id", "response", "status")
    ITEM_ID_FIELD_NUMBER: _ClassVar[int]
    RESPONSE_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    item_id: str
    response: TransferResponse
    status: _status_pb2.Status
    def __init__(self, item_id: _Optional[str] = ..., response: _Optional[_Union[TransferResponse, _Mapping]] = ..., status: _Optional[_Union[_status_pb2.Status, _Mapping]] = ...) -> None: ...

class InspectRequest(_message.Message):
    __slots__ = ("content_type", "payload", "threshold")
    CONTENT_TYPE_FIELD_NUMBER: _ClassVar[int]
    PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    THRESHOLD_FIELD_NUMBER: _ClassVar[int]
    content_type: str
    payload: bytes
    threshold: float
    def __init__(self, content_type: _Optional[str] = ..., payload: _Optional[bytes] = ..., threshold: _Optional[float] = ...) -> None: ...

class LocatedFinding(_message.Message):
    __slots__ = ("entity", "path", "place", "start", "end", "original_start", "original_end", "score", "detector")
    ENTITY_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    PLACE_FIELD_NUMBER: _ClassVar[int]
    START_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    ORIGINAL_START_FIELD_NUMBER: _ClassVar[int]
    ORIGINAL_END_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    DETECTOR_FIELD_NUMBER: _ClassVar[int]
    entity: str
    path: str
    place: _answer_pb2.Place
    start: int
    end: int
    original_start: int
    original_end: int
    score: float
    detector: str
    def __init__(self, entity: _Optional[str] = ..., path: _Optional[str] = ..., place: _Optional[_Union[_answer_pb2.Place, str]] = ..., start: _Optional[int] = ..., end: _Optional[int] = ..., original_start: _Optional[int] = ..., original_end: _Optional[int] = ..., score: _Optional[float] = ..., detector: _Optional[str] = ...) -> None: ...

class InspectResponse(_message.Message):
    __slots__ = ("findings", "coverage")
    FINDINGS_FIELD_NUMBER: _ClassVar[int]
    COVERAGE_FIELD_NUMBER: _ClassVar[int]
    findings: _containers.RepeatedCompositeFieldContainer[LocatedFinding]
    coverage: _answer_pb2.Coverage
    def __init__(self, findings: _Optional[_Iterable[_Union[LocatedFinding, _Mapping]]] = ..., coverage: _Optional[_Union[_answer_pb2.Coverage, _Mapping]] = ...) -> None: ...

class RevealRequest(_message.Message):
    __slots__ = ("sender", "recipient", "purpose", "token", "reason")
    SENDER_FIELD_NUMBER: _ClassVar[int]
    RECIPIENT_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    sender: str
    recipient: str
    purpose: str
    token: str
    reason: str
    def __init__(self, sender: _Optional[str] = ..., recipient: _Optional[str] = ..., purpose: _Optional[str] = ..., token: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class RevealResponse(_message.Message):
    __slots__ = ("value", "audit")
    VALUE_FIELD_NUMBER: _ClassVar[int]
    AUDIT_FIELD_NUMBER: _ClassVar[int]
    value: str
    audit: _answer_pb2.AuditStamp
    def __init__(self, value: _Optional[str] = ..., audit: _Optional[_Union[_answer_pb2.AuditStamp, _Mapping]] = ...) -> None: ...
