"""Ways to hide a value: how it is written, and where it stands."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping
from email.message import EmailMessage
from typing import Final
from urllib.parse import urlencode
from xml.sax.saxutils import escape, quoteattr

from bench.samples.encodings import ENCODINGS

VALUES: Final = {
    "EMAIL_ADDRESS": "maria.gonzales@mail.example",
    "CREDIT_CARD": "4111 1111 1111 1111",
    "IBAN_CODE": "DE89 3704 0044 0532 0130 00",
    "PHONE_NUMBER": "+49 30 90182055",
    "US_SSN": "536-90-4399",
    "PERSON": "Maria Gonzales",
}
SENTENCES: Final = {
    "EMAIL_ADDRESS": "Please write to {} about it.",
    "CREDIT_CARD": "They paid with {} last week.",
    "IBAN_CODE": "Send it to {} please.",
    "PHONE_NUMBER": "You can call {} after five.",
    "US_SSN": "The social security number is {} as stated.",
    "PERSON": "Please tell {} about the delay.",
}

SOME: Final = ("plain", "zero-width", "percent", "base64", "HTML entities")


def hidden(encoding: str, entity: str) -> list[str]:
    """The value alone, and in a sentence: itself encoded, and the whole of it."""
    encode, value, sentence = ENCODINGS[encoding], VALUES[entity], SENTENCES[entity]
    if encoding.startswith("JSON"):
        return [encode(sentence.format(value))]
    texts = [sentence.format(encode(value)), encode(sentence.format(value))]
    # A name by itself is found by what stands round it or by its field, and here is neither.
    return texts if entity == "PERSON" else [encode(value), *texts]


def samples(encodings: tuple[str, ...] = tuple(ENCODINGS)) -> list[str]:
    return [text for one in encodings for entity in VALUES for text in hidden(one, entity)]


def _listed(texts: list[str]) -> object:
    return {"list": texts, "nested": [[[text]] for text in texts]}


JSON_PLACES: Final[Mapping[str, Callable[[list[str]], object]]] = {
    "values": lambda texts: {f"f{at}": text for at, text in enumerate(texts)},
    "lists": _listed,
    "objects in lists": lambda texts: [{"a": {"b": text}} for text in texts],
    "strings that hold documents": lambda texts: [
        json.dumps({"outer": json.dumps({"inner": text})}) for text in texts
    ],
}


def as_keys() -> dict[str, object]:
    """Each value as the name of a member: of a value, and of containers that hold nothing."""
    texts = [
        ENCODINGS[encoding](VALUES[entity])
        for encoding in ENCODINGS
        for entity in VALUES
        if entity not in ("PERSON", "US_SSN")  # without a sentence there is nothing to tell by
    ]
    of_each: list[dict[str, object]] = [{}, {}, {}, {}]
    empties: list[object] = ["x", {}, [], None]
    for one, empty in zip(of_each, empties, strict=True):
        one.update(dict.fromkeys(texts, empty))
    return {f"p{at}": one for at, one in enumerate(of_each)}


def xml(texts: list[str]) -> str:
    """As text, attribute, CDATA, in mixed text, in comments, and in pieces."""
    texts = [text.replace("]]>", "") for text in texts]
    parts = [
        f"<t>{escape(text)}</t><a v={quoteattr(text)}/><c><![CDATA[{text}]]></c>"
        f"<p>so <i>it is:</i> {escape(text)} <b>indeed</b></p>"
        for text in texts
    ]
    comments = "".join(f"<!-- {value} -->" for value in VALUES.values())
    broken = "".join(
        f"<p>{escape(value[:9])}<b>{escape(value[9:])}</b></p>"
        for entity, value in VALUES.items()
        if entity != "PERSON"
    )
    return f"{comments}<r>{''.join(parts)}{broken}{comments}</r><?p {VALUES['EMAIL_ADDRESS']}?>"


def table(texts: list[str]) -> str:
    out = io.StringIO(newline="")
    rows = csv.writer(out, quoting=csv.QUOTE_ALL)
    rows.writerow(["id", VALUES["EMAIL_ADDRESS"], VALUES["CREDIT_CARD"], "text"])
    rows.writerows([at, "x", "y", text] for at, text in enumerate(texts))
    return out.getvalue()


def lines(texts: list[str]) -> str:
    return "\n".join(
        json.dumps(text) if at % 2 else json.dumps({"t": text}) for at, text in enumerate(texts)
    )


def form(texts: list[str]) -> str:
    values = [("t", text) for text in texts]
    names = [(value, "x") for entity, value in VALUES.items() if entity not in ("PERSON", "US_SSN")]
    return urlencode([*values, *names])


def mail(texts: list[str]) -> bytes:
    """In headers and addresses, and in bodies of every transfer encoding."""
    message = EmailMessage()
    message["From"] = f"{VALUES['PERSON']} <{VALUES['EMAIL_ADDRESS']}>"
    message["To"] = "help@helpdesk.example"
    message["Subject"] = f"Card {VALUES['CREDIT_CARD']}, IBAN {VALUES['IBAN_CODE']}"
    message["X-Note"] = f"call {VALUES['PHONE_NUMBER']}"
    body = "\n\n".join(texts) + "\n"
    message.set_content(body, cte="base64")
    message.add_alternative(body, cte="quoted-printable")
    message.add_alternative(f"<p>{escape(body)}</p>", subtype="html", cte="base64")
    return message.as_bytes()
