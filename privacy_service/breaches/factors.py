"""What a risk assessment has to look at, by method; the words and their sources are in
`factors.yaml`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, cast

from ruamel.yaml import YAML

from privacy_service import errors
from privacy_service.breaches.statements import Assessed
from privacy_service.errors import PrivacyError


@cache
def methods() -> Mapping[str, Mapping[str, str]]:
    """Each method's factors, and what each asks."""
    text = files(__package__).joinpath("factors.yaml").read_text(encoding="utf-8")
    read = cast("Mapping[str, Any]", YAML(typ="safe", pure=True).load(text))
    return {name: method["factors"] for name, method in read.items()}


def require_answered(assessed: Assessed) -> None:
    """Raises REQUEST_INVALID naming the factors that are not answered, or an unknown method."""
    if assessed.method not in methods():
        known = ", ".join(methods())
        raise PrivacyError(errors.REQUEST_INVALID, field="method", known=known)
    asked = methods()[assessed.method]
    missing = [name for name in asked if not assessed.factors.get(name, "").strip()]
    if missing:
        raise PrivacyError(errors.REQUEST_INVALID, field="factors", missing=", ".join(missing))
