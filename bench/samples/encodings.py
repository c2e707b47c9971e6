"""Ways to write a text so that a reader or a program can still make it out."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import quote

_LOOKALIKES = str.maketrans("aeopcxyis", "аеорсхуіѕ")
_FULL_WIDTH = {point: point + 0xFEE0 for point in range(0x21, 0x7F)}


def percent(text: str) -> str:
    return "".join(f"%{octet:02X}" for octet in text.encode())


def entities(text: str) -> str:
    return "".join(f"&#{ord(char)};" for char in text)


def base64_of(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


ENCODINGS: Final[Mapping[str, Callable[[str], str]]] = {
    "plain": str,
    "zero-width": "\u200b".join,
    "full-width": lambda text: text.translate(_FULL_WIDTH),
    "no-break space, no-break hyphen": lambda text: text.replace(" ", "\u00a0").replace(
        "-", "\u2011"
    ),
    "soft hyphen": "\u00ad".join,
    "percent": percent,
    "percent where needed": lambda text: quote(text, safe=""),
    "percent twice": lambda text: percent(percent(text)),
    "HTML entities": entities,
    "hexadecimal entities": lambda text: "".join(f"&#x{ord(char):x};" for char in text),
    "escapes in a string": lambda text: "".join(f"\\u{ord(char):04x}" for char in text),
    "base64": base64_of,
    "base64url": lambda text: base64.urlsafe_b64encode(text.encode()).decode().rstrip("="),
    "base64 twice": lambda text: base64_of(base64_of(text)),
    "hexadecimal": lambda text: text.encode().hex(),
    "JSON in a string": lambda text: json.dumps({"x": text}),
    "JSON in a string in a string": lambda text: json.dumps({"x": json.dumps([{"y": text}])}),
    "tags": lambda text: "".join(f"<b>{char}</b>" for char in text),
    "quoted-printable": lambda text: "".join(f"={octet:02X}" for octet in text.encode()),
    "soft line break": lambda text: f"{text[:5]}=\r\n{text[5:]}",
    "look-alikes": lambda text: text.translate(_LOOKALIKES),
    "entities in percent": lambda text: percent(entities(text)),
    "struck through": "\u0336".join,
    "tag characters": lambda text: "ok" + "".join(chr(0xE0000 + ord(char)) for char in text),
    "UTF-16 in base64": lambda text: base64.b64encode(text.encode("utf-16-le")).decode(),
    "turned round and back": lambda text: f"\u202d{text}\u202c",
}
