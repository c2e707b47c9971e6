import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ContractDirection(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CONTRACT_DIRECTION_UNSPECIFIED: _ClassVar[ContractDirection]
    CONTRACT_DIRECTION_OUTBOUND: _ClassVar[ContractDirection]
    CONTRACT_DIRECTION_INBOUND: _ClassVar[ContractDirection]
    CONTRACT_DIRECTION_BOTH: _ClassVar[ContractDirection]

class ContractStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CONTRACT_STATUS_UNSPECIFIED: _ClassVar[ContractStatus]
    CONTRACT_STATUS_ACTIVE: _ClassVar[ContractStatus]
    CONTRACT_STATUS_SUSPENDED: _ClassVar[ContractStatus]
CONTRACT_DIRECTION_UNSPECIFIED: ContractDirection
CONTRACT_DIRECTION_OUTBOUND: ContractDirection
CONTRACT_DIRECTION_INBOUND: ContractDirection
CONTRACT_DIRECTION_BOTH: ContractDirection
CONTRACT_STATUS_UNSPECIFIED: ContractStatus
CONTRACT_STATUS_ACTIVE: ContractStatus
CONTRACT_STATUS_SUSPENDED: ContractStatus

class SharingContract(_message.Message):
    __slots__ = ("contract_id", "version", "digest", "title", "party", "counterparty", "direction", "purposes", "status", "effective_from", "effective_until", "put_time", "put_by", "source")
    CONTRACT_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    PARTY_FIELD_NUMBER: _ClassVar[int]
    COUNTERPARTY_FIELD_NUMBER: _ClassVar[int]
    DIRECTION_FIELD_NUMBER: _ClassVar[int]
    PURPOSES_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    EFFECTIVE_FROM_FIELD_NUMBER: _ClassVar[int]
    EFFECTIVE_UNTIL_FIELD_NUMBER: _ClassVar[int]
    PUT_TIME_FIELD_NUMBER: _ClassVar[int]
    PUT_BY_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    contract_id: str
    version: int
    digest: str
    title: str
    party: str
    counterparty: str
    direction: ContractDirection
    purposes: _containers.RepeatedScalarFieldContainer[str]
    status: ContractStatus
    effective_from: _timestamp_pb2.Timestamp
    effective_until: _timestamp_pb2.Timestamp
    put_time: _timestamp_pb2.Timestamp
    put_by: str
    source: str
    def __init__(self, contract_id: _Optional[str] = ..., version: _Optional[int] = ..., digest: _Optional[str] = ..., title: _Optional[str] = ..., party: _Optional[str] = ..., counterparty: _Optional[str] = ..., direction: _Optional[_Union[ContractDirection, str]] = ..., purposes: _Optional[_Iterable[str]] = ..., status: _Optional[_Union[ContractStatus, str]] = ..., effective_from: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., effective_until: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., put_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., put_by: _Optional[str] = ..., source: _Optional[str] = ...) -> None: ...

class PutContractRequest(_message.Message):
    __slots__ = ("source", "expected_version", "request_id")
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_VERSION_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    source: str
    expected_version: int
    request_id: str
    def __init__(self, source: _Optional[str] = ..., expected_version: _Optional[int] = ..., request_id: _Optional[str] = ...) -> None: ...

class PutContractResponse(_message.Message):
    __slots__ = ("contract",)
    CONTRACT_FIELD_NUMBER: _ClassVar[int]
    contract: SharingContract
    def __init__(self, contract: _Optional[_Union[SharingContract, _Mapping]] = ...) -> None: ...

class GetContractRequest(_message.Message):
    __slots__ = ("contract_id", "version")
    CONTRACT_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    contract_id: str
    version: int
    def __init__(self, contract_id: _Optional[str] = ..., version: _Optional[int] = ...) -> None: ...

class GetContractResponse(_message.Message):
    __slots__ = ("contract",)
    CONTRACT_FIELD_NUMBER: _ClassVar[int]
    contract: SharingContract
    def __init__(self, contract: _Optional[_Union[SharingContract, _Mapping]] = ...) -> None: ...

class ListContractsRequest(_message.Message):
    __slots__ = ("partner", "page_size", "page_token")
    PARTNER_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    partner: str
    page_size: int
    page_token: str
    def __init__(self, partner: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListContractsResponse(_message.Message):
    __slots__ = ("contracts", "next_page_token")
    CONTRACTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    contracts: _containers.RepeatedCompositeFieldContainer[SharingContract]
    next_page_token: str
    def __init__(self, contracts: _Optional[_Iterable[_Union[SharingContract, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ListContractVersionsRequest(_message.Message):
    __slots__ = ("contract_id", "page_size", "page_token")
    CONTRACT_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    contract_id: str
    page_size: int
    page_token: str
    def __init__(self, contract_id: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListContractVersionsResponse(_message.Message):
    __slots__ = ("contracts", "next_page_token")
    CONTRACTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    contracts: _containers.RepeatedCompositeFieldContainer[SharingContract]
    next_page_token: str
    def __init__(self, contracts: _Optional[_Iterable[_Union[SharingContract, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class GetContractInForceRequest(_message.Message):
    __slots__ = ("sender", "recipient", "purpose", "at")
    SENDER_FIELD_NUMBER: _ClassVar[int]
    RECIPIENT_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    AT_FIELD_NUMBER: _ClassVar[int]
    sender: str
    recipient: str
    purpose: str
    at: _timestamp_pb2.Timestamp
    def __init__(self, sender: _Optional[str] = ..., recipient: _Optional[str] = ..., purpose: _Optional[str] = ..., at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class GetContractInForceResponse(_message.Message):
    __slots__ = ("contracts",)
    CONTRACTS_FIELD_NUMBER: _ClassVar[int]
    contracts: _containers.RepeatedCompositeFieldContainer[SharingContract]
    def __init__(self, contracts: _Optional[_Iterable[_Union[SharingContract, _Mapping]]] = ...) -> None: ...
