"""Statements as plain JSON values, and back: how they are stored and digested."""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any, cast

from privacy_service.breaches.statements import STATEMENTS, Statement

Plain = str | int | bool | None | list["Plain"] | dict[str, "Plain"]


def plain(statement: Statement) -> dict[str, Plain]:
    """The statement's fields, without those that are None."""
    return {
        one.name: value
        for one in fields(statement)
        if (value := _plain(getattr(statement, one.name))) is not None
    }


def statement_of(kind: str, stored: Mapping[str, Any]) -> Statement:
    """The statement that `plain` was given."""
    return cast("Statement", _object(STATEMENTS[kind], stored))


def _plain(value: object) -> Plain:
    match value:
        case None | bool() | int():
            return value
        case Enum():
            return str(value.value)
        case datetime() | date():
            return value.isoformat()
        case tuple():
            return [_plain(item) for item in value]
        case Mapping():
            return {str(name): _plain(item) for name, item in sorted(value.items())}
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    return str(value)


def _object(kind: type[Any], stored: Mapping[str, Any]) -> Any:
    hints = typing.get_type_hints(kind)
    known = [one.name for one in fields(kind) if one.name in stored]
    return kind(**{name: _value(hints[name], stored[name]) for name in known})


def _value(hint: Any, stored: Any) -> Any:
    """The value that a field of this type had."""
    if isinstance(hint, types.UnionType):
        hint = next(one for one in typing.get_args(hint) if one is not types.NoneType)
        return None if stored is None else _value(hint, stored)
    outer, inner = typing.get_origin(hint), typing.get_args(hint)
    if outer is tuple:
        return tuple(_value(inner[0], item) for item in stored)
    if outer is not None:
        return {name: _value(inner[1], item) for name, item in stored.items()}
    if hint in (datetime, date):
        return hint.fromisoformat(stored)
    if isinstance(hint, type) and is_dataclass(hint):
        return _object(hint, stored)
    return hint(stored)
