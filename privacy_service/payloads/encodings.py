"""Text that stands encoded in a text, decoded in its place: for detection only.

Each of these gives the pieces to put in the place of what is encoded; none of them looks at what
it put there: the next round does.
"""

from __future__ import annotations

import html
import re
from binascii import Error as NotBase64
from binascii import a2b_base64
from collections.abc import Iterator
from typing import Final

from privacy_service.payloads.trace import Piece

_percent: Final = re.compile(r"(?:%[0-9A-Fa-f]{2})+|%u([0-9A-Fa-f]{4})").finditer
_entity: Final = re.compile(
    r"&(?:#[xX]0*([0-9A-Fa-f]{1,6});?|#0*([0-9]{1,7});?|[A-Za-z][A-Za-z0-9]{1,31};?)"
).finditer
_escape: Final = re.compile(
    r"((?:\\x[0-9A-Fa-f]{2})+)|((?:\\[0-3][0-7]{2})+)"
    r"|\\u([dD][89abAB][0-9A-Fa-f]{2})\\u([dD][c-fC-F][0-9A-Fa-f]{2})"
    r"|\\(?:u\{0*([0-9A-Fa-f]{1,6})\}|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8}))"
    r"|\\([nrtbfv]|[!-/:-@\[-`{-~])"
).finditer
_LETTERS: Final = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "v": "\v"}
_quoted: Final = re.compile(r"((?:=[0-9A-Fa-f]{2})+)|=[ \t]*\r?\n").finditer
_hex: Final = re.compile(
    r"(?<![0-9A-Za-z])(?:(?:0[xX])?(?:[0-9A-Fa-f]{2}){6,}+"
    r"|[0-9A-Fa-f]{2}([ :-])[0-9A-Fa-f]{2}(?:\1[0-9A-Fa-f]{2}){6,})(?![0-9A-Za-z])"
).finditer
# Lines of one length, as MIME and PEM break them, or a token in one piece: a short one is padded.
_base64: Final = re.compile(
    r"(?<![0-9A-Za-z+/])(?:(?:[0-9A-Za-z+/]{56,80}\r?\n)+[0-9A-Za-z+/]+={0,2}"
    r"|[0-9A-Za-z+/_-]{12,}={0,2}|[0-9A-Za-z+/_-]{6,}={1,2})"
).finditer
_part: Final = re.compile(r"[0-9A-Za-z]+={0,2}").finditer
_joint: Final = re.compile(r"[+/_-]").finditer
_control: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]").findall
_tag: Final = re.compile(
    r"(?:(?<!\s)\s{1,99})?<(?P<ends>/?)(?P<table>d[dt]|t[dhr]|tbody|thead|tfoot)(?:[\s/][^<>]*)?>"
    r"\s{0,99}"
    r"|<(?:(?P<closes>/?)(?P<name>[A-Za-z][A-Za-z0-9:._-]*)(?:[\s/][^<>]*)?|!--[^<>]*--|[!?][^<>]*)>",
    re.IGNORECASE,
).finditer
# HTML elements that begin a new line: what stands on both sides of them is not one word.
_breaks: Final = re.compile(
    "address|article|aside|blockquote|br|button|caption|dl|div|footer|form|h[1-6r]|header|input"
    "|label|legend|li|main|nav|ol|option|p|pre|section|select|table|textarea|title|ul",
    re.IGNORECASE,
).fullmatch
# And those inside of a line. Any that is neither holds data, a value of its own.
_in_line: Final = re.compile(
    "a|abbr|b|bd[io]|big|cite|code|del|em|font|i|ins|kbd|mark|q|s|samp|small|span|strike|strong"
    "|su[bp]|tt|u|var|wbr",
    re.IGNORECASE,
).fullmatch
_next_name: Final = re.compile(r"\s{0,99}</?([A-Za-z][A-Za-z0-9:._-]*)").match
_names_the_next: Final = re.compile(
    r"<td(?:[\s/][^<>]*)?>(?:(?!</?t[dhr][\s/>]).){0,400}</td\s?>\s{0,99}</tr|<dd[\s>]",
    re.IGNORECASE | re.DOTALL,
).match
"""What follows a cell that is a label: one more, and the end of the row."""
_LABELS: Final = ("th", "dt")
_PARTS: Final = {
    "tr": ("\n", "\n"), "td": ("\t", "\t"), "th": ("\t", "\t"), "dt": ("\n", "\t"),
    "dd": ("\t", "\n"),
}  # fmt: skip
"""What stands for the beginning of a part of a table or list, unless another has just ended, and
for its end.
"""
_WORD: Final = 3
"""Letters that an element of data holds at least; fewer may be a word that is cut to pieces."""

_unseen: Final = re.compile(
    "([\U000e0020-\U000e007e]+)|([\ufe00-\ufe0f\U000e0100-\U000e01ef]{4,})"
).finditer
_SHORTEST: Final = 12
_MOST_JOINTS: Final = 16


def percent(text: str) -> Iterator[Piece]:
    """Percent-encoding (RFC 3986), and the %uXXXX of old JavaScript."""
    if "%" not in text:
        return
    for run in _percent(text):
        if run[1]:
            yield Piece(run.start(), run.end(), chr(int(run[1], 16)))
        else:
            yield from _characters(bytes.fromhex(run[0].replace("%", "")), run.start(), 3)


def entities(text: str) -> Iterator[Piece]:
    """Character references of HTML and XML, named, decimal and hexadecimal."""
    if "&" not in text:
        return
    for entity in _entity(text):
        hexadecimal, decimal = entity.groups()
        written = f"&#{int(hexadecimal, 16)};" if hexadecimal else entity[0]
        new = html.unescape(f"&#{decimal};" if decimal else written)
        if new != entity[0]:
            yield Piece(entity.start(), entity.end(), new)


def escapes(text: str) -> Iterator[Piece]:
    """Backslash escapes of JSON, JavaScript, C, Python and Markdown."""
    if "\\" not in text:
        return
    for escape in _escape(text):
        by_hex, by_octal, high, low, braced, short, long, letter = escape.groups()
        start, end = escape.span()
        if by_hex:
            yield from _characters(bytes.fromhex(by_hex.replace("\\x", "")), start, 4)
        elif by_octal:
            octets = by_octal.split("\\")[1:]
            yield from _characters(bytes(int(octet, 8) for octet in octets), start, 4)
        elif high:
            pair = ((int(high, 16) - 0xD800) << 10) + int(low, 16) - 0xDC00
            yield Piece(start, end, chr(0x10000 + pair))
        elif letter:
            yield Piece(start, end, _LETTERS.get(letter, letter))
        else:
            point = int(braced or short or long, 16)
            if point <= 0x10FFFF and not 0xD800 <= point <= 0xDFFF:
                yield Piece(start, end, chr(point))


def quoted_printable(text: str) -> Iterator[Piece]:
    """Quoted-printable (RFC 2045, section 6.7), soft line breaks included."""
    if "=" not in text:
        return
    for run in _quoted(text):
        if run[1] is None:
            yield Piece(run.start(), run.end(), "")
            continue
        decoded = list(_characters(bytes.fromhex(run[0].replace("=", "")), run.start(), 3))
        if not any(_control(piece.new) for piece in decoded):
            yield from decoded


def hexadecimal(text: str) -> Iterator[Piece]:
    """Tokens of hexadecimal digits that stand for text, in one piece or in pairs."""
    for token in _hex(text):
        digits = re.sub(r"^0[xX]|[ :-]", "", token[0])
        new = _readable(bytes.fromhex(digits))
        if new is not None:
            yield Piece(token.start(), token.end(), new)


def base64(text: str) -> Iterator[Piece]:
    """Tokens of base64 and base64url (RFC 4648) that stand for text.

    A token may be glued to a path or to words (`/u/amFuZS5kb2VAeC5jb20`): where the whole of it
    is not base64, its parts are tried.
    """
    for token in _base64(text):
        at = token.start()
        for start, end in _candidates(token[0]):
            new = _unbase64(token[0][start:end]) if at <= token.start() + start else None
            if new is not None:
                yield Piece(token.start() + start, token.start() + end, new)
                at = token.start() + end


def unseen(text: str, beside: str = " ") -> Iterator[Piece]:
    """Text that is not shown: in tag characters, and as bytes in variation selectors.

    It is parted by `beside` from what is shown: of its own, it need be no part of the word there.
    """
    if text.isascii():
        return
    for run in _unseen(text):
        if run[1]:
            new = "".join(chr(ord(tag) - 0xE0000) for tag in run[1])
        else:
            octets = (ord(sign) - (0xFE00 if sign <= "\ufe0f" else 0xE00F0) for sign in run[2])
            new = _readable(bytes(octets)) or ""
        if new:
            yield Piece(run.start(), run.end(), f"{beside}{new}{beside}")


def half_unseen(text: str) -> Iterator[Piece]:
    """Text that is not shown as the rest of the word that is: `jane.doe` and a host unseen."""
    return unseen(text, "")


def tags(text: str) -> Iterator[Piece]:
    """Tags and comments of HTML and XML, taken out: a line ends where one ends it, a tab parts the
    cells of a row, a colon binds a label to its value, and of a tag inside of a word nothing is
    left.
    """
    if "<" not in text:
        return
    at = -1
    for tag in _tag(text):
        yield Piece(tag.start(), tag.end(), _instead(text, tag, at))
        at = tag.end()


def _instead(text: str, tag: re.Match[str], at: int) -> str:
    """What stands for a tag, of which the one before ends `at`."""
    table, name = tag["table"], tag["name"]
    if table is not None:
        marks = _PARTS.get(table.lower(), ("", ""))
        if tag["ends"] and table.lower() in _LABELS and _names_the_next(text, tag.end()):
            return ": "
        return marks[1] if tag["ends"] else marks[0] if at != tag.start() else ""
    if name is None:
        return ""
    if name.lower() == "label" and tag["closes"]:
        return ": "
    if _breaks(name):
        return "\n"
    if tag["closes"] and tag.start() - at >= _WORD and not _in_line(name):
        following = _next_name(text, tag.end())
        return "\n" if following is not None and following[1] != name else ""
    return ""


def _characters(raw: bytes, start: int, width: int) -> Iterator[Piece]:
    """The characters of bytes that are written `width` letters each, from `start`: UTF-8, and
    Latin-1 for the bytes that are not.
    """
    for char in raw.decode(errors="surrogateescape"):
        lone = "\udc80" <= char <= "\udcff"
        end = start + width * (1 if lone else len(char.encode()))
        yield Piece(start, end, chr(ord(char) - 0xDC00) if lone else char)
        start = end


def _candidates(token: str) -> Iterator[tuple[int, int]]:
    """The whole token, then what follows each joint, then each part: none too short."""
    yield 0, len(token)
    joints = [joint.end() for joint in _joint(token)]
    if not joints or "\n" in token:
        return
    if len(joints) <= _MOST_JOINTS:
        yield from ((at, len(token)) for at in joints if len(token) - at >= _SHORTEST)
    for part in _part(token):
        if part.end() - part.start() >= _SHORTEST:
            yield part.span()


def _unbase64(token: str) -> str | None:
    letters = re.sub(r"[=\r\n]", "", token).replace("-", "+").replace("_", "/")
    if len(letters) % 4 == 1:
        return None
    try:
        return _readable(a2b_base64(letters + "=" * (-len(letters) % 4)))
    except NotBase64:
        return None


def _readable(raw: bytes) -> str | None:
    """The bytes as text, if that is what they are: hardly a control character is in it."""
    try:
        text = raw.decode(_encoding(raw))
    except UnicodeDecodeError:
        return None
    if text.isprintable() or len(_control(text)) * 8 <= len(text):
        return text
    return None


def _encoding(raw: bytes) -> str:
    """UTF-8, or UTF-16 where every other byte is nearly always 0, as in most of its texts."""
    if raw.count(0) * 8 < len(raw) * 3 or len(raw) % 2:
        return "utf-8"
    return "utf-16-be" if raw[::2].count(0) > raw[1::2].count(0) else "utf-16-le"
