"""Labelled texts from files: JSONL, Presidio-research JSON, CoNLL, brat."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from privacy_service import errors
from privacy_service.detection.evaluate import Label, Sample
from privacy_service.errors import PrivacyError

_CONTENT_TYPES: Final = {
    "json": "application/json",
    "ndjson": "application/x-ndjson",
    "xml": "application/xml",
    "csv": "text/csv",
}
"""The `format` of a JSONL line as a content type; any other is plain text."""


def read_labelled(path: Path) -> list[Sample]:
    """The samples of a file, by what it looks like; at least one.

    Raises LABELLED_FILE_INVALID with what is wrong, and the number of the sample, from 1.

    `*.jsonl`: one object a line with `id`, `text`, `spans: [{start, end, label}]`, and maybe
    `lang`, `format` or `content_type`. `*.json`: a list of objects with `full_text` and `spans:
    [{start_position, end_position, entity_type}]`. `*.conll`, `*.bio`, `*.iob`: a token a line, its
    tag in the last column, blank lines between sentences. `*.ann`: brat, its text beside it in
    `*.txt`; a folder: every brat pair in it.
    """
    reader = brat_folder if path.is_dir() else _READERS.get(path.suffix)
    if reader is None:
        raise _refused(path, f"a file's name ends in one of {', '.join(_READERS)}")
    samples: list[Sample] = []
    try:
        for sample in reader(path):
            _check(sample)
            samples.append(sample)
    except OSError as cause:
        raise _refused(path, cause.strerror or "it cannot be read") from cause
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as cause:
        raise _refused(path, _says(cause), sample=len(samples) + 1) from cause
    if not samples:
        raise _refused(path, "there is no sample in it")
    return samples


def _refused(path: Path, fault: str, **where: int) -> PrivacyError:
    return PrivacyError(errors.LABELLED_FILE_INVALID, file=str(path), **where, fault=fault)


def _says(cause: Exception) -> str:
    """What was wrong with a sample, without anything that stood in it."""
    if isinstance(cause, json.JSONDecodeError):
        return f"no JSON: {cause.msg}, character {cause.pos + 1}"
    if isinstance(cause, UnicodeError):
        return "it is not UTF-8"
    if isinstance(cause, KeyError):
        return f"{cause.args[0]} is missing"
    return (
        str(cause) if isinstance(cause, _UnfitError) else "it is not of the form that is described"
    )


class _UnfitError(ValueError):
    """A sample whose labels do not fit its text; its words are ours."""


def _check(sample: Sample) -> None:
    for number, label in enumerate(sample.labels, 1):
        if not 0 <= label.start < label.end <= len(sample.text):
            raise _UnfitError(f"label {number} lies outside its text")


def jsonl(path: Path) -> Iterator[Sample]:
    """One object a line, as in shared/data."""
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if line.strip():
            yield _jsonl_sample(json.loads(line), str(number))


def _jsonl_sample(read: dict[str, Any], number: str) -> Sample:
    return Sample(
        id=str(read.get("id", number)),
        text=read["text"],
        labels=tuple(Label(span["start"], span["end"], span["label"]) for span in read["spans"]),
        content_type=read.get("content_type")
        or _CONTENT_TYPES.get(read.get("format", ""), "text/plain"),
        language=read.get("lang"),
    )


def presidio_research(path: Path) -> Iterator[Sample]:
    """The JSON of presidio-research's InputSample."""
    for number, read in enumerate(json.loads(path.read_text("utf-8"))):
        yield Sample(
            id=str(number),
            text=read["full_text"],
            labels=tuple(
                Label(span["start_position"], span["end_position"], span["entity_type"])
                for span in read["spans"]
            ),
        )


def conll(path: Path) -> Iterator[Sample]:
    """Token and tag in columns; the tokens are joined by blanks."""
    rows: list[tuple[str, str]] = []
    number = 0
    for line in [*path.read_text("utf-8").splitlines(), ""]:
        columns = line.split()
        if columns and not line.startswith("-DOCSTART-"):
            rows.append((columns[0], columns[-1]))
        elif rows:
            number += 1
            yield _sentence(str(number), rows)
            rows = []


def _sentence(number: str, rows: Iterable[tuple[str, str]]) -> Sample:
    text = ""
    labels: list[Label] = []
    for token, tag in rows:
        text += " " if text else ""
        start = len(text)
        text += token
        prefix, _, name = tag.partition("-")
        if not name:
            continue
        last = labels[-1] if labels else None
        if prefix in ("I", "E") and last and last.name == name and last.end == start - 1:
            labels[-1] = Label(last.start, len(text), name)
        else:
            labels.append(Label(start, len(text), name))
    return Sample(id=number, text=text, labels=tuple(labels))


def brat(path: Path) -> Iterator[Sample]:
    """A standoff file and the text beside it; a label in parts is taken as each of its parts."""
    labels: list[Label] = []
    for line in path.read_text("utf-8").splitlines():
        if line.startswith("T"):
            name, *places = line.split("\t")[1].replace(";", " ").split()
            numbers = [int(place) for place in places]
            labels += [
                Label(start, end, name)
                for start, end in zip(numbers[::2], numbers[1::2], strict=True)
            ]
    text = path.with_suffix(".txt").read_bytes().decode("utf-8")
    yield Sample(id=path.stem, text=text, labels=tuple(labels))


def brat_folder(path: Path) -> Iterator[Sample]:
    """Every standoff file of a folder."""
    for file in sorted(path.glob("*.ann")):
        yield from brat(file)


_READERS: Final[dict[str, Callable[[Path], Iterator[Sample]]]] = {
    ".jsonl": jsonl,
    ".json": presidio_research,
    ".conll": conll,
    ".bio": conll,
    ".iob": conll,
    ".ann": brat,
}
