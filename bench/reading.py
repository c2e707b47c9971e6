"""What reading, rendering and canonicalizing cost: `python -m bench.reading [--full]`."""

from __future__ import annotations

import argparse
import base64
import csv
import gc
import io
import json
import time
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from email.policy import SMTP
from urllib.parse import urlencode
from xml.sax.saxutils import escape

from faker import Faker

from bench import machine
from bench.payloads import order
from bench.report import Report, Row
from privacy_service.payloads.canonical import views
from privacy_service.payloads.decode import decode
from privacy_service.payloads.document import Changes, Document, Limits

LIMITS = Limits(values=2_000_000, steps=40_000_000)


def best(call: Callable[[], object], seconds: float = 0.3) -> float:
    """The least processor time of one call in microseconds, of as many as fit into `seconds`."""
    least = float("inf")
    until = time.perf_counter() + seconds
    while True:
        started = time.process_time_ns()
        call()
        least = min(least, (time.process_time_ns() - started) / 1e3)
        if time.perf_counter() > until:
            return least


def small() -> Iterator[tuple[str, bytes]]:
    """About 1 KB of each content type."""
    fake = Faker()
    fake.seed_instance(1)
    one = order(1, fake)
    flat = {key: str(value) for key, value in one.items()}
    yield "application/json", json.dumps(one).encode()
    yield "application/x-ndjson", b"\n".join(json.dumps(flat).encode() for _ in range(1))
    rows = io.StringIO(newline="")
    table = csv.DictWriter(rows, list(flat))
    table.writeheader()
    table.writerow(flat)
    yield "text/csv", rows.getvalue().encode()
    yield "application/x-www-form-urlencoded", urlencode(flat).encode()
    members = "".join(f"<{key}>{escape(text)}</{key}>" for key, text in flat.items())
    yield "application/xml", f"<order>{members}</order>".encode()
    yield "text/plain", fake.text(1_000).encode()
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = "a@x.com", "b@y.com", "Your order"
    mail.set_content(fake.text(800))
    yield "message/rfc822", mail.as_bytes()


def read(content_type: str, payload: bytes) -> Document:
    return decode(content_type, payload, limits=LIMITS)


def third(document: Document) -> Changes:
    """One scalar in three changed, one removed, one left."""
    scalars = [node.index for node in document.nodes if node.kind.scalar]
    return Changes(values=dict.fromkeys(scalars[::3], "<PERSON>"), removed=frozenset(scalars[1::3]))


def by_type() -> list[Row]:
    rows: list[Row] = []
    for content_type, payload in small():
        document = read(content_type, payload)
        changes = third(document)
        rows.append(
            {
                "content type": content_type,
                "bytes": len(payload),
                "nodes": len(document.nodes),
                "decode µs": best(lambda: read(content_type, payload)),  # noqa: B023
                "render µs": best(lambda: document.render(Changes())),  # noqa: B023
                "render with changes µs": best(lambda: document.render(changes)),  # noqa: B023
            }
        )
    return rows


def by_size(*, full: bool) -> list[Row]:
    fake = Faker()
    fake.seed_instance(1)
    orders = [order(number, fake) for number in range(200)]
    rows: list[Row] = []
    for count in (1, 100, 1_000, *([9_000] if full else [])):
        payload = json.dumps((orders * (count // 200 + 1))[:count]).encode()
        seconds = 0.0 if count > 1_000 else 0.3
        gc.collect()
        decoding = best(lambda: read("application/json", payload), seconds)  # noqa: B023
        document = read("application/json", payload)
        changes = third(document)
        rendering = best(lambda: document.render(changes), seconds)  # noqa: B023
        rows.append(
            {
                "JSON bytes": len(payload),
                "nodes": len(document.nodes),
                "decode ms": decoding / 1e3,
                "decode µs a KB": decoding / len(payload) * 1e3,
                "render ms": rendering / 1e3,
            }
        )
    return rows


TEXTS = {
    "an address": "jane.doe@example.com",
    "a sentence": "Please ring the bell twice, or leave it with the neighbour.",
    "a date": "2024-05-01T10:20:30Z",
    "accents": "Zoë Müller, Łódź",
    "a long word": "relationship",
    "percent": "jane%40example.com",
    "base64": base64.b64encode(b"jane.doe@example.com").decode(),
    "a zero width space": "jane\u200b@example.com",
}


def forms() -> list[Row]:
    return [
        {
            "text": name,
            "characters": len(text),
            "views": len(views(text).views),
            "µs": best(lambda: views(text)),  # noqa: B023
        }
        for name, text in TEXTS.items()
    ]


def run(report: Report, *, full: bool) -> None:
    report.table("One payload of about 1 KB", by_type())
    report.table("JSON by size", by_size(full=full))
    report.table("Forms of one text", forms())


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--full", action="store_true", help="up to 10 MB")
    options = asked.parse_args()
    finished = Report("reading", machine.description())
    run(finished, full=options.full)
    print(f"written to {finished.write()}")
