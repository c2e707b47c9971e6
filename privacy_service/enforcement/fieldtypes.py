"""Whether a value looks like the type that a contract declares for its field.

A value that does is inspected by patterns alone; one that does not is inspected as free text, so
that a sentence cannot pass as an identifier.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from privacy_service.contracts.model import FieldType
from privacy_service.enforcement.dates import read_date
from privacy_service.payloads.document import NodeKind

_IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}")
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}")
_NUMBER = re.compile(r"[+-]?\d{1,40}(?:[.,]\d{1,40})?(?:[eE][+-]?\d{1,3})?")


def looks_like(type_name: str, kind: NodeKind, text: str) -> bool:
    """Whether a scalar is of the declared FieldType. TEXT is never: it is free by declaration."""
    return _LOOKS[FieldType(type_name)](kind, text)


_LOOKS: Final[dict[FieldType, Callable[[NodeKind, str], bool]]] = {
    FieldType.TEXT: lambda _kind, _text: False,
    FieldType.IDENTIFIER: lambda _kind, text: _IDENTIFIER.fullmatch(text) is not None,
    FieldType.CODE: lambda _kind, text: _CODE.fullmatch(text) is not None,
    FieldType.NUMBER: lambda kind, text: (
        kind is NodeKind.NUMBER or _NUMBER.fullmatch(text) is not None
    ),
    FieldType.BOOLEAN: lambda kind, text: (
        kind is NodeKind.BOOLEAN or text.casefold() in ("true", "false", "yes", "no", "0", "1")
    ),
    FieldType.DATE: lambda _kind, text: read_date(text) is not None,
}
