"""The rules that stand beside the fields in the .proto files, held on every request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import protovalidate
from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from privacy_service import errors
from privacy_service.errors import PrivacyError

if TYPE_CHECKING:
    from protovalidate import FieldPathElementPb

_ROOT: Final = "(message)"


class BrokenRules(PrivacyError):  # noqa: N818 - it says what is so, as our reasons do
    """REQUEST_INVALID, with every field that breaks a rule and what the rule asks.

    A violation says what the rule is, never what the field held.
    """

    def __init__(self, violations: tuple[tuple[str, str], ...]) -> None:
        super().__init__(errors.REQUEST_INVALID, field=violations[0][0])
        self.violations = violations


class Rules:
    """Holds the rules of one set of request types. Thread-safe; compiled when it is made.

    Raises protovalidate.CompilationError if a rule in a .proto file is not one.
    """

    def __init__(self, *requests: Descriptor) -> None:
        self._validator = protovalidate.Validator()
        for request in requests:
            self._validator.collect_violations(GetMessageClass(request)())

    def require(self, request: Message) -> None:
        """Raises BrokenRules where the request breaks one."""
        broken = self._validator.collect_violations(request)
        if broken:
            raise BrokenRules(tuple(_violation(one) for one in broken))


def _violation(broken: protovalidate.Violation) -> tuple[str, str]:
    elements = broken.proto.field.elements if broken.proto.field is not None else ()
    path = ".".join(_step(element) for element in elements)
    return path or _ROOT, broken.proto.message


def _step(element: FieldPathElementPb) -> str:
    """`subjects[0]`, as AIP-193 writes a field's path. No rule of ours is on a map's values."""
    name = element.field_name
    if element.subscript is None:
        return name
    return f"{name}[{element.subscript.value}]"
