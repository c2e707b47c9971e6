from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Effect(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EFFECT_UNSPECIFIED: _ClassVar[Effect]
    EFFECT_ALLOW: _ClassVar[Effect]
    EFFECT_TREATED: _ClassVar[Effect]
    EFFECT_HOLD: _ClassVar[Effect]
    EFFECT_REFUSE: _ClassVar[Effect]

class TreatmentKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TREATMENT_KIND_UNSPECIFIED: _ClassVar[TreatmentKind]
    TREATMENT_KIND_KEEP: _ClassVar[TreatmentKind]
    TREATMENT_KIND_SHIFT_DATE: _ClassVar[TreatmentKind]
    TREATMENT_KIND_GENERALIZE: _ClassVar[TreatmentKind]
    TREATMENT_KIND_MASK: _ClassVar[TreatmentKind]
    TREATMENT_KIND_TOKENIZE: _ClassVar[TreatmentKind]
    TREATMENT_KIND_ENCRYPT: _ClassVar[TreatmentKind]
    TREATMENT_KIND_HASH: _ClassVar[TreatmentKind]
    TREATMENT_KIND_REDACT: _ClassVar[TreatmentKind]
    TREATMENT_KIND_REMOVE: _ClassVar[TreatmentKind]
    TREATMENT_KIND_REFUSE: _ClassVar[TreatmentKind]

class TermSource(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TERM_SOURCE_UNSPECIFIED: _ClassVar[TermSource]
    TERM_SOURCE_SENDER: _ClassVar[TermSource]
    TERM_SOURCE_RECIPIENT: _ClassVar[TermSource]
    TERM_SOURCE_BOTH: _ClassVar[TermSource]

class GapKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    GAP_KIND_UNSPECIFIED: _ClassVar[GapKind]
    GAP_KIND_TIMED_OUT: _ClassVar[GapKind]
    GAP_KIND_RECOGNIZER_FAILED: _ClassVar[GapKind]
    GAP_KIND_NO_MODEL_FOR_LANGUAGE: _ClassVar[GapKind]
    GAP_KIND_CANONICALIZATION_BOUND: _ClassVar[GapKind]
    GAP_KIND_UNDECODABLE: _ClassVar[GapKind]
    GAP_KIND_UNREAD_PART: _ClassVar[GapKind]

class Place(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PLACE_UNSPECIFIED: _ClassVar[Place]
    PLACE_VALUE: _ClassVar[Place]
    PLACE_KEY: _ClassVar[Place]
EFFECT_UNSPECIFIED: Effect
EFFECT_ALLOW: Effect
EFFECT_TREATED: Effect
EFFECT_HOLD: Effect
EFFECT_REFUSE: Effect
TREATMENT_KIND_UNSPECIFIED: TreatmentKind
TREATMENT_KIND_KEEP: TreatmentKind
TREATMENT_KIND_SHIFT_DATE: TreatmentKind
TREATMENT_KIND_GENERALIZE: TreatmentKind
TREATMENT_KIND_MASK: TreatmentKind
TREATMENT_KIND_TOKENIZE: TreatmentKind
TREATMENT_KIND_ENCRYPT: TreatmentKind
TREATMENT_KIND_HASH: TreatmentKind
TREATMENT_KIND_REDACT: TreatmentKind
TREATMENT_KIND_REMOVE: TreatmentKind
TREATMENT_KIND_REFUSE: TreatmentKind
TERM_SOURCE_UNSPECIFIED: TermSource
TERM_SOURCE_SENDER: TermSource
TERM_SOURCE_RECIPIENT: TermSource
TERM_SOURCE_BOTH: TermSource
GAP_KIND_UNSPECIFIED: GapKind
GAP_KIND_TIMED_OUT: GapKind
GAP_KIND_RECOGNIZER_FAILED: GapKind
GAP_KIND_NO_MODEL_FOR_LANGUAGE: GapKind
GAP_KIND_CANONICALIZATION_BOUND: GapKind
GAP_KIND_UNDECODABLE: GapKind
GAP_KIND_UNREAD_PART: GapKind
PLACE_UNSPECIFIED: Place
PLACE_VALUE: Place
PLACE_KEY: Place

class DecisionReason(_message.Message):
    __slots__ = ("code", "message", "path", "entity")
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    ENTITY_FIELD_NUMBER: _ClassVar[int]
    code: str
    message: str
    path: str
    entity: str
    def __init__(self, code: _Optional[str] = ..., message: _Optional[str] = ..., path: _Optional[str] = ..., entity: _Optional[str] = ...) -> None: ...

class Decision(_message.Message):
    __slots__ = ("effect", "reasons")
    EFFECT_FIELD_NUMBER: _ClassVar[int]
    REASONS_FIELD_NUMBER: _ClassVar[int]
    effect: Effect
    reasons: _containers.RepeatedCompositeFieldContainer[DecisionReason]
    def __init__(self, effect: _Optional[_Union[Effect, str]] = ..., reasons: _Optional[_Iterable[_Union[DecisionReason, _Mapping]]] = ...) -> None: ...

class CoverageGap(_message.Message):
    __slots__ = ("kind", "path", "count")
    KIND_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    kind: GapKind
    path: str
    count: int
    def __init__(self, kind: _Optional[_Union[GapKind, str]] = ..., path: _Optional[str] = ..., count: _Optional[int] = ...) -> None: ...

class Coverage(_message.Message):
    __slots__ = ("complete", "values_total", "values_inspected", "keys_inspected", "values_by_model", "gaps", "rounds")
    COMPLETE_FIELD_NUMBER: _ClassVar[int]
    VALUES_TOTAL_FIELD_NUMBER: _ClassVar[int]
    VALUES_INSPECTED_FIELD_NUMBER: _ClassVar[int]
    KEYS_INSPECTED_FIELD_NUMBER: _ClassVar[int]
    VALUES_BY_MODEL_FIELD_NUMBER: _ClassVar[int]
    GAPS_FIELD_NUMBER: _ClassVar[int]
    ROUNDS_FIELD_NUMBER: _ClassVar[int]
    complete: bool
    values_total: int
    values_inspected: int
    keys_inspected: int
    values_by_model: int
    gaps: _containers.RepeatedCompositeFieldContainer[CoverageGap]
    rounds: int
    def __init__(self, complete: _Optional[bool] = ..., values_total: _Optional[int] = ..., values_inspected: _Optional[int] = ..., keys_inspected: _Optional[int] = ..., values_by_model: _Optional[int] = ..., gaps: _Optional[_Iterable[_Union[CoverageGap, _Mapping]]] = ..., rounds: _Optional[int] = ...) -> None: ...

class AppliedTreatment(_message.Message):
    __slots__ = ("path", "entity", "treatment", "count", "type_changed", "source")
    PATH_FIELD_NUMBER: _ClassVar[int]
    ENTITY_FIELD_NUMBER: _ClassVar[int]
    TREATMENT_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    TYPE_CHANGED_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    path: str
    entity: str
    treatment: TreatmentKind
    count: int
    type_changed: bool
    source: TermSource
    def __init__(self, path: _Optional[str] = ..., entity: _Optional[str] = ..., treatment: _Optional[_Union[TreatmentKind, str]] = ..., count: _Optional[int] = ..., type_changed: _Optional[bool] = ..., source: _Optional[_Union[TermSource, str]] = ...) -> None: ...

class ContractRef(_message.Message):
    __slots__ = ("contract_id", "version", "digest")
    CONTRACT_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    contract_id: str
    version: int
    digest: str
    def __init__(self, contract_id: _Optional[str] = ..., version: _Optional[int] = ..., digest: _Optional[str] = ...) -> None: ...

class ContractStamp(_message.Message):
    __slots__ = ("contract", "party")
    CONTRACT_FIELD_NUMBER: _ClassVar[int]
    PARTY_FIELD_NUMBER: _ClassVar[int]
    contract: ContractRef
    party: str
    def __init__(self, contract: _Optional[_Union[ContractRef, _Mapping]] = ..., party: _Optional[str] = ...) -> None: ...

class AuditStamp(_message.Message):
    __slots__ = ("position", "attempt_position", "tree_size", "log_origin")
    POSITION_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_POSITION_FIELD_NUMBER: _ClassVar[int]
    TREE_SIZE_FIELD_NUMBER: _ClassVar[int]
    LOG_ORIGIN_FIELD_NUMBER: _ClassVar[int]
    position: int
    attempt_position: int
    tree_size: int
    log_origin: str
    def __init__(self, position: _Optional[int] = ..., attempt_position: _Optional[int] = ..., tree_size: _Optional[int] = ..., log_origin: _Optional[str] = ...) -> None: ...

class TransferResult(_message.Message):
    __slots__ = ("decision", "payload", "content_type", "coverage", "treatments", "contracts", "decided_by", "audit", "disclosure_id", "record_id")
    class DecidedByEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: TermSource
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[TermSource, str]] = ...) -> None: ...
    DECISION_FIELD_NUMBER: _ClassVar[int]
    PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    CONTENT_TYPE_FIELD_NUMBER: _ClassVar[int]
    COVERAGE_FIELD_NUMBER: _ClassVar[int]
    TREATMENTS_FIELD_NUMBER: _ClassVar[int]
    CONTRACTS_FIELD_NUMBER: _ClassVar[int]
    DECIDED_BY_FIELD_NUMBER: _ClassVar[int]
    AUDIT_FIELD_NUMBER: _ClassVar[int]
    DISCLOSURE_ID_FIELD_NUMBER: _ClassVar[int]
    RECORD_ID_FIELD_NUMBER: _ClassVar[int]
    decision: Decision
    payload: bytes
    content_type: str
    coverage: Coverage
    treatments: _containers.RepeatedCompositeFieldContainer[AppliedTreatment]
    contracts: _containers.RepeatedCompositeFieldContainer[ContractStamp]
    decided_by: _containers.ScalarMap[str, TermSource]
    audit: AuditStamp
    disclosure_id: str
    record_id: str
    def __init__(self, decision: _Optional[_Union[Decision, _Mapping]] = ..., payload: _Optional[bytes] = ..., content_type: _Optional[str] = ..., coverage: _Optional[_Union[Coverage, _Mapping]] = ..., treatments: _Optional[_Iterable[_Union[AppliedTreatment, _Mapping]]] = ..., contracts: _Optional[_Iterable[_Union[ContractStamp, _Mapping]]] = ..., decided_by: _Optional[_Mapping[str, TermSource]] = ..., audit: _Optional[_Union[AuditStamp, _Mapping]] = ..., disclosure_id: _Optional[str] = ..., record_id: _Optional[str] = ...) -> None: ...
