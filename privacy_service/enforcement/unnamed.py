"""Places in errors: errors travel further than answers, so they name no member that only the
payload names. A name may be personal data, and nobody has looked at it yet.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Final

from privacy_service.errors import PrivacyError

_LONGEST_INDEX: Final = 6


@contextmanager
def unnamed(known: Collection[str]) -> Iterator[None]:
    """Errors that are raised in the block have `*` in their `path` for each name not in `known`."""
    try:
        yield
    except PrivacyError as error:
        path = error.details.get("path")
        if not isinstance(path, str):
            raise
        details = error.details | {"path": _masked(path, known)}
        raise PrivacyError(error.reason, **details) from None


def _masked(pointer: str, known: Collection[str]) -> str:
    first, *steps = pointer.split("/")
    return "/".join([first, *(step if _may_stand(step, known) else "*" for step in steps)])


def _may_stand(step: str, known: Collection[str]) -> bool:
    is_index = step.isascii() and step.isdigit() and len(step) <= _LONGEST_INDEX
    return is_index or step.replace("~1", "/").replace("~0", "~") in known
