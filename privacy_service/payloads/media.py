"""Media types as they are written in a content type (RFC 9110, section 8.3.1)."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from privacy_service import errors
from privacy_service.errors import PrivacyError

_WORD = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_TYPE: Final = re.compile(rf"\s*({_WORD}/{_WORD})\s*").match
_PARAMETER: Final = re.compile(
    rf';\s*({_WORD})=(?:({_WORD})|"((?:[^"\\\x00-\x08\x0a-\x1f\x7f]|\\.)*+)")\s*'
).match
_token: Final = re.compile(_WORD).fullmatch
_READ_BY: Final = ("charset", "header", "delimiter", "messagetype")
_CHARSETS: Final = frozenset({"utf-8", "utf8", "us-ascii", "ascii"})


@dataclass(frozen=True, slots=True)
class MediaType:
    """`name` and the names of the parameters in lower case; values as written, unquoted."""

    name: str
    parameters: Mapping[str, str]

    @property
    def kept(self) -> str:
        """The type as it may be stored in clear: with the parameters that a payload is read by, and
        no other, because a parameter may hold anything.
        """
        known = [(name, self.parameters[name]) for name in _READ_BY if name in self.parameters]
        return "; ".join([self.name, *(f"{name}={_quoted(value)}" for name, value in known)])

    def one_of(self, parameter: str, values: Collection[str], default: str) -> str:
        """The parameter's value, in lower case. Raises CONTENT_TYPE_UNKNOWN for any other."""
        value = self.parameters.get(parameter, default).lower()
        if value not in values:
            raise PrivacyError(errors.CONTENT_TYPE_UNKNOWN, parameter=parameter)
        return value


_BARE: Final = {
    name: MediaType(name, MappingProxyType({})) for name in ("application/json", "text/plain")
}
"""Types as most callers write them: there is nothing to read in them."""


def _quoted(value: str) -> str:
    if _token(value):
        return value
    return '"' + re.sub(r'(["\\])', r"\\\1", value) + '"'


def parsed(content_type: str) -> MediaType:
    """Raises CONTENT_TYPE_UNKNOWN where it is not one, or where a parameter stands twice."""
    match = _TYPE(content_type)
    if match is None:
        raise PrivacyError(errors.CONTENT_TYPE_UNKNOWN)
    name, parameters = match[1].lower(), {}
    while match.end() < len(content_type):
        match = _PARAMETER(content_type, match.end())
        if match is None or match[1].lower() in parameters:
            raise PrivacyError(errors.CONTENT_TYPE_UNKNOWN)
        value = match[2] if match[2] is not None else re.sub(r"\\(.)", r"\1", match[3])
        parameters[match[1].lower()] = value
    return MediaType(name, parameters)


def media_type(content_type: str) -> MediaType:
    """What `parsed` says; where the charset is not UTF-8 or its subset US-ASCII, it is unknown."""
    bare = _BARE.get(content_type)
    if bare is not None:
        return bare
    media = parsed(content_type)
    media.one_of("charset", _CHARSETS, "utf-8")
    return media
