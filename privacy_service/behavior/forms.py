"""The form of a payload: media type, JSON Schema, pattern, list; and calls of tools."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError
from referencing import Registry

from privacy_service.behavior.judgement import Judgement, broken, kept
from privacy_service.behavior.model import Format, Tool
from privacy_service.behavior.subject import Subject
from privacy_service.behavior.wording import Sought, sought
from privacy_service.payloads.document import pointer
from privacy_service.payloads.media import media_type

_MOST_ERRORS: Final = 100
"""So many errors of a schema are counted; after that the count is a lower bound."""


class SchemaFault(Exception):  # noqa: N818 - it names what it carries
    """A JSON Schema that is none; `path` is a JSON Pointer into it."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


def schema(written: Mapping[str, object]) -> Draft202012Validator:
    """A validator that fetches nothing: a `$ref` leads within the schema or nowhere.

    Raises SchemaFault.
    """
    try:
        Draft202012Validator.check_schema(written)
    except SchemaError as error:
        raise SchemaFault(pointer(tuple(error.absolute_path))) from None
    for at, reference in _references(written):
        if not reference.startswith("#"):
            raise SchemaFault(pointer(at))
    return Draft202012Validator(written, registry=Registry())


def _references(written: object, at: tuple[str | int, ...] = ()) -> list[tuple[Any, str]]:
    found: list[tuple[Any, str]] = []
    if isinstance(written, Mapping):
        for name, value in written.items():
            if name in ("$ref", "$dynamicRef") and isinstance(value, str):
                found.append(((*at, name), value))
            found += _references(value, (*at, str(name)))
    elif isinstance(written, list):
        for index, value in enumerate(written):
            found += _references(value, (*at, index))
    return found


@dataclass(frozen=True, slots=True)
class FormatCheck:
    """A compiled `Format`."""

    media_type: str | None
    validator: Draft202012Validator | None
    matches: Sought | None
    one_of: frozenset[str] | None

    @classmethod
    def of(cls, must: Format) -> FormatCheck:
        """Raises SchemaFault and `re2.error`."""
        return cls(
            media_type=must.media_type,
            validator=None if must.schema is None else schema(must.schema),
            matches=None if must.matches is None else sought(rf"\A(?:{must.matches})\z"),
            one_of=None if must.one_of is None else frozenset(must.one_of),
        )

    def judge(self, subject: Subject) -> Judgement:
        """Broken at the first that is not as asked."""
        if self.media_type is not None:
            named = media_type(subject.document.content_type).name
            if named != self.media_type:
                return broken("It is of another media type.")
        text = _text(subject)
        if self.matches is not None and not self.matches.pattern.search(text):
            return broken("It does not match the pattern.")
        if self.one_of is not None and text.strip() not in self.one_of:
            return broken("It is none of the texts that it may be.", bound=len(self.one_of))
        if self.validator is not None:
            return _fits(self.validator, _json(subject))
        return kept()


@dataclass(frozen=True, slots=True)
class ToolCheck:
    """Compiled `ToolCalls`."""

    tools: Mapping[str, Draft202012Validator | None]

    @classmethod
    def of(cls, allow: Sequence[Tool]) -> ToolCheck:
        """Raises SchemaFault."""
        return cls(
            {
                tool.name: None if tool.arguments is None else schema(tool.arguments)
                for tool in allow
            }
        )

    def judge(self, subject: Subject) -> Judgement:
        """Broken where a call is of another tool, or its arguments do not fit.

        The output is one call or an array of calls: `{"name": …, "arguments": {…}}`, as the
        common model APIs have them (`function` around it and arguments as JSON text are taken
        too).
        """
        calls = _json(subject)
        if not isinstance(calls, list):
            calls = [calls]
        for at, call in enumerate(calls):
            name, arguments = _call(call)
            where = pointer((at,)) if len(calls) > 1 else ""
            if name is None or not isinstance(arguments, dict):
                return broken("It is not a call of a tool.", path=where)
            if name not in self.tools:
                return broken("A tool is called that the contract does not allow.", path=where)
            validator = self.tools[name]
            if validator is not None:
                fit = _fits(validator, arguments)
                if fit.why:
                    return broken(
                        "The arguments of a call do not fit its schema.",
                        count=fit.count,
                        bound=0,
                        name=name,
                        path=where + (fit.path or ""),
                    )
        return kept(len(calls))


def _call(call: object) -> tuple[str | None, object]:
    if isinstance(call, dict) and isinstance(call.get("function"), dict):
        call = call["function"]
    if not isinstance(call, dict) or not isinstance(call.get("name"), str):
        return None, None
    arguments = call.get("arguments", {})
    if isinstance(arguments, str):
        try:
            arguments = json.loads(arguments)
        except (ValueError, RecursionError):
            return call["name"], None
    return call["name"], arguments


def _fits(validator: Draft202012Validator, value: object) -> Judgement:
    count, first = 0, None
    try:
        for count, error in enumerate(validator.iter_errors(value), 1):
            first = first or error
            if count == _MOST_ERRORS:
                break
    except RecursionError:
        return broken("It nests deeper than its schema can be followed.")
    if first is None:
        return kept(0, 0)
    return broken(
        "It does not fit the JSON Schema.",
        count=count,
        bound=0,
        path=pointer(tuple(first.absolute_path)),
    )


def _text(subject: Subject) -> str:
    return subject.content.decode("utf-8", "replace")


class _NotJson:
    """What no schema takes."""


def _json(subject: Subject) -> Any:
    """The payload as JSON; for a text that is none, something that fits no schema but `true`."""
    try:
        return json.loads(_text(subject))
    except (ValueError, RecursionError):
        return _NotJson()
