"""What is measured on: English text and structured payloads, dense and sparse, of any size."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from itertools import count, cycle
from pathlib import Path

from faker import Faker

from privacy_service.enforcement.findings import Passage
from privacy_service.payloads.document import Path as Steps

SAMPLE = Path(__file__).parents[2] / "shared" / "data" / "presres_v2.jsonl"
"""Labelled English sentences with synthetic personal data (presidio-research, MIT), if present."""

_NOTHING = (
    "The delivery was late again and nobody at the counter could say why.",
    "Please check whether the invoice total matches the quantity that we ordered.",
    "After the update the page takes longer to load than it did before.",
    "We would rather have a replacement than a refund, if there is still one in stock.",
    "The second attempt failed with the same message, so we stopped there.",
    "It works on one machine and not on the other, although both were set up alike.",
)


@cache
def sentences() -> tuple[str, ...]:
    """Short English texts, most of them with personal data."""
    if SAMPLE.exists():
        with SAMPLE.open(encoding="utf-8") as lines:
            return tuple(json.loads(line)["text"] for line in lines)
    return made_up_sentences()


@cache
def made_up_sentences() -> tuple[str, ...]:
    """Short English texts, each with a name, an address and how its owner is reached."""
    fake = Faker("en_US")
    fake.seed_instance(1)
    return tuple(
        f"{fake.name()} of {fake.address().replace(chr(10), ', ')} wrote from {fake.email()} "
        f"and can be called on {fake.phone_number()} about {fake.sentence().lower()}"
        for _ in range(1500)
    )


def english(size: int, *, dense: bool) -> str:
    """One text of about `size` characters: every sentence tells of someone, or one in twenty."""
    personal, nothing, parts, length = cycle(sentences()), cycle(_NOTHING), [], 0
    for at in count():
        parts.append(next(personal) if dense or at % 20 == 0 else next(nothing))
        length += len(parts[-1]) + 1
        if length >= size:
            return " ".join(parts)[:size]
    raise AssertionError


def order(number: int, fake: Faker) -> dict[str, object]:
    """An order of about 1 KB of JSON, as a shop sends it."""
    return {
        "order_id": f"SO-{number:08d}",
        "placed_at": fake.date_time_this_year().isoformat() + "Z",
        "currency": "EUR",
        "total": str(fake.pydecimal(3, 2, positive=True)),
        "customer": {
            "customer_id": fake.uuid4(),
            "first_name": fake.first_name(),
            "last_name": fake.last_name(),
            "email": fake.email(),
            "phone": fake.phone_number(),
            "birth_date": fake.date_of_birth().isoformat(),
        },
        "shipping_address": {
            "street": fake.street_address(),
            "city": fake.city(),
            "postcode": fake.postcode(),
            "country": fake.country_code(),
        },
        "payment": {
            "method": "card",
            "card_number": fake.credit_card_number(),
            "iban": fake.iban(),
            "paid": True,
        },
        "items": [
            {"sku": fake.bothify("??-####-??"), "title": fake.bs(), "quantity": 1, "price": 19.9}
            for _ in range(3)
        ],
        "client_ip": fake.ipv4(),
        "user_agent": fake.user_agent(),
    }


def reading(number: int, fake: Faker) -> dict[str, object]:
    """A machine's reading: structured, with nothing personal in nineteen of twenty."""
    return {
        "device": f"pump-{number % 97:03d}",
        "at": fake.date_time_this_year().isoformat() + "Z",
        "serial": fake.bothify("??######"),
        "pressure": number * 7 % 991 / 10,
        "state": "nominal",
        "firmware": "4.11.2",
        "trace": fake.uuid4(),
        **({"operator": fake.name(), "contact": fake.email()} if number % 20 == 0 else {}),
    }


def structured(size: int, *, dense: bool) -> list[dict[str, object]]:
    """Records whose JSON is about `size` characters together, one at least, no two alike."""
    fake = Faker("en_US")
    fake.seed_instance(2)
    made, length, records = (order if dense else reading), 0, []
    for number in count():
        records.append(made(number, fake))
        length += len(json.dumps(records[-1]))
        if length >= 0.9 * size:
            return records
    raise AssertionError


def email(fake: Faker) -> str:
    """A support e-mail of about 1 KB."""
    name = fake.name()
    body = " ".join(_NOTHING)
    return (
        f"From: {name} <{fake.email()}>\r\nTo: support@shop.example\r\n"
        f"Subject: Order {fake.bothify('SO-########')} has not arrived\r\n\r\nHello,\r\n\r\n"
        f"I am {name} from {fake.city()}. {body} You can reach me on {fake.phone_number()} after "
        f"five, or at {fake.address().replace(chr(10), ', ')}. {body[:200]}\r\n\r\n"
        f"Kind regards,\r\n{name}\r\n"
    )


def scalars(value: object, path: Steps = ()) -> Iterator[tuple[Steps, object]]:
    """Every scalar of a JSON value with its path."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield from scalars(member, (*path, name))
    elif isinstance(value, list):
        for at, member in enumerate(value):
            yield from scalars(member, (*path, at))
    else:
        yield path, value


def passages(value: object, *, prose: bool) -> list[Passage]:
    """What enforcement asks of a detector for a JSON value: its texts and numbers.

    `prose` says whether texts may go to the language model, as they do where a contract declares
    no type for the field.
    """
    return [
        Passage(text=str(scalar), path=path, prose=prose and isinstance(scalar, str))
        for path, scalar in scalars(value)
        if scalar is not None and not isinstance(scalar, bool)
    ]
