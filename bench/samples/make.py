"""Documents from frames and values: `python -m bench.samples.make FOLDER [COUNT]` writes the sets."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from stdnum.ch import ssn as ahv
from stdnum.es import dni
from stdnum.fr import nir

from bench.samples import frames, frames_held_out, frames_records, frames_records_held_out
from bench.samples.identifiers import IDENTIFIERS
from bench.samples.values import Values

_SLOT: Final = re.compile(r"\{\{|\}\}|\{(\w+)\}")


def document(frame: str, language: str, seed: int) -> dict[str, Any]:
    """One labelled document, as in shared/data: id, text, lang, format, spans."""
    values = Values(language, seed)
    text, spans, last = "", [], 0
    for slot in _SLOT.finditer(frame):
        text += frame[last : slot.start()]
        last = slot.end()
        if slot[1] is None:
            text += slot[0][0]
            continue
        value, label = _value(values, slot[1])
        if label:
            spans.append({"start": len(text), "end": len(text) + len(value), "label": label})
        text += value
    text += frame[last:]
    return {"id": f"{language}-{seed}", "text": text, "lang": language, "format": _format(text),
            "spans": spans}  # fmt: skip


SEEN: Final = (
    "english", "prose", "payloads", "records", "languages", "letters", "secrets", "credentials",
)  # fmt: skip
HELD_OUT: Final = (
    "english", "prose", "names", "payloads", "records", "languages", "letters", "secrets",
    "credentials",
)  # fmt: skip


def documents(
    name: str, count: int, seed: int = 1, *, held_out: bool = False
) -> Iterator[dict[str, Any]]:
    """`count` documents of one set, of `SEEN` or, where rules were not written with it in view, of
    `HELD_OUT`. The same at every run.
    """
    pairs = _pairs(name, _HELD_OUT if held_out else _SEEN)
    for number in range(count):
        language, frame = pairs[number % len(pairs)]
        yield document(frame, language, seed * 100_000 + number)


_SEEN: Final = (frames, frames_records)
_HELD_OUT: Final = (frames_held_out, frames_records_held_out)


def _pairs(name: str, written: Sequence[ModuleType]) -> Sequence[tuple[str, str]]:
    key = "OTHER_LANGUAGES" if name == "languages" else name.upper()
    some = next(getattr(one, key) for one in written if hasattr(one, key))
    by_language = some if isinstance(some, Mapping) else {"en": some}
    return [(language, frame) for language, several in by_language.items() for frame in several]


def _value(values: Values, kind: str) -> tuple[str, str | None]:
    special = _SPECIAL.get(kind)
    return special(values) if special else values.make(kind)


def _format(text: str) -> str:
    if text[:1] in "{[" and text[1:2] in '"{':
        return "json"
    if text.startswith(("<?xml", "<customer")):
        return "xml"
    return "csv" if re.match(r"\w+[,;]\w+[,;].*\n", text) and ";" not in text[:12] else "text"


def _checked(number: str, module: Any) -> str:
    return number + str(module.calc_check_digit(number))


_SPECIAL: Final = {
    "hex": lambda v: (v.token("0123456789abcdef", 40), None),
    "hook": lambda v: (
        "https://hooks.slack.com/services/T" + v.digits(10) + "/B" + v.digits(10) + "/" + v.opaque()[:24],
        "SECRET"),
    "digits9": lambda v: (v.digits(9), "MEDICAL_ID"),
    "url_password": lambda v: (v.token("abcdefghijkLMNOP0123456789!", 12), "SECRET"),
    "simple_password": lambda v: (v.token("abcdefghijkLMNOP", 8) + v.digits(3), "SECRET"),
    "ahv": lambda v: (ahv.format(_checked("756" + v.digits(9), ahv)) if hasattr(
        ahv, "calc_check_digit") else _ean("756" + v.digits(9)), "GOV_ID"),
    "nir": lambda v: (_nir(v), "GOV_ID"),
    "dni": lambda v: (_dni(v), "GOV_ID"),
    "cf": lambda v: (str(v._faker.ssn()), "GOV_ID"),
    "bsn": lambda v: (str(v._faker.ssn()), "GOV_ID"),
    "cpf": lambda v: (str(v._faker.ssn() if v._faker.locales[0] == "pt_BR" else "390.533.447-05"),
                      "GOV_ID"),
    "pesel": lambda v: (str(v._faker.pesel()), "GOV_ID"),
    **IDENTIFIERS,
}  # fmt: skip


def _ean(number: str) -> str:
    total = sum(int(d) * (1 + 2 * (i % 2)) for i, d in enumerate(number))
    whole = number + str(-total % 10)
    return f"{whole[:3]}.{whole[3:7]}.{whole[7:11]}.{whole[11:]}"


def _nir(values: Values) -> str:
    number = values.random.choice("12") + values.digits(2) + "0" + values.random.choice("123456789")
    number += "75" + values.digits(6)
    return number + nir.calc_check_digits(number)


def _dni(values: Values) -> str:
    number = values.digits(8)
    return number + dni.calc_check_digit(number)


def main() -> None:
    """Writes each set as JSONL."""
    folder = Path(sys.argv[1])
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 300
    folder.mkdir(parents=True, exist_ok=True)
    for held_out, names in ((False, SEEN), (True, HELD_OUT)):
        for name in names:
            kind = "held_out" if held_out else "seen"
            with (folder / f"{kind}_{name}.jsonl").open("w", encoding="utf-8") as file:
                for one in documents(name, count, held_out=held_out):
                    file.write(json.dumps(one, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
