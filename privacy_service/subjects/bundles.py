"""What a person is given who asks for access or for a copy to take along (GDPR Art. 15, 20).

A bundle is made in parts, each encrypted to one public key as soon as it is made (HPKE): the
person's own, or an officer's who hands it over. Nobody else can read it, not even the service.
Decrypted, the parts are JSON, and together the machine-readable bundle; `page` makes the readable
one of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from jinja2 import Environment

from privacy_service import errors
from privacy_service.errors import PrivacyError

FORMAT: Final = "privacy-service-subject-bundle"
VERSION: Final = 1


class BundlePhase(StrEnum):
    """How far a bundle is."""

    MAKING = "making"
    READY = "ready"
    GONE = "gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """One bundle in the making. `key` is the public key that it is made for; `cursor` how far the
    person's records were read; `withheld` how many are about others as well.
    """

    request_id: str
    key: str
    phase: BundlePhase
    cursor: str = ""
    parts: int = 0
    withheld: int = 0
    begun_at: datetime
    ready_at: datetime | None = None


def part_info(request_id: str, number: int) -> str:
    """What a part is bound to: it opens as this part of this bundle, and as nothing else."""
    return f"bundle {request_id} part {number}"


def joined(parts: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """The machine-readable bundle: the first part's head, all records, the last part's end.

    Raises BUNDLE_INCOMPLETE where the first or the last part is missing; one between them is missed
    when the next is opened, which is bound to its number.
    """
    whole: dict[str, Any] = {"records": []}
    for part in parts:
        whole["records"] += part.pop("records", [])
        if "more" in part:  # of the last record, which is large
            name, text = part.pop("more")
            whole["records"][-1][name] += text
        whole |= part
    if not {"format", "withheld"} <= whole.keys():
        raise PrivacyError(errors.BUNDLE_INCOMPLETE)
    return whole


def page(bundle: dict[str, Any]) -> str:
    """The readable bundle: one HTML page, without anything that is fetched from elsewhere."""
    return _PAGE.render(bundle=bundle)


_PAGE: Final = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string("""\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Your data</title>
<style>
 body { font: 16px/1.5 sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em }
 table { border-collapse: collapse; width: 100% } td, th { border: 1px solid #bbb; padding: .3em }
 th { text-align: left } pre { white-space: pre-wrap; overflow-wrap: anywhere; background: #f4f4f4 }
</style>
</head>
<body>
<h1>Your data</h1>
<p>Request {{ bundle.request }}, answered on {{ bundle.made_at }} by {{ bundle.origin }}.</p>
{% if bundle.recipients is defined %}
<h2>Who received data about you</h2>
{% if bundle.recipients %}
<table>
<tr><th>From</th><th>To</th><th>Why</th><th>What</th><th>How often</th><th>First</th><th>Last</th>
<th>Kept there until</th></tr>
{% for one in bundle.recipients %}
<tr><td>{{ one.sender }}</td><td>{{ one.recipient }}</td><td>{{ one.purpose }}</td>
<td>{{ one.categories | join(", ") }}</td><td>{{ one.count }}</td><td>{{ one.first }}</td>
<td>{{ one.last }}</td><td>{{ one.recipient_keeps_until or "not stated" }}</td></tr>
{% endfor %}
</table>
{% else %}
<p>Nobody.</p>
{% endif %}
{% endif %}
<h2>What is kept about you</h2>
{% for one in bundle.records %}
<h3>{{ one.partner }}: {{ one.id }}</h3>
<p>{{ one.content_type }}, since {{ one.created_at }},
until {{ one.keep_until or "no end is known" }}.</p>
{% if one.content is defined %}
<pre>{{ one.content }}</pre>
{% else %}
<p>Not text: it is in the machine-readable file.</p>
{% endif %}
{% else %}
<p>Nothing.</p>
{% endfor %}
{% for one in bundle.withheld %}
<p>{{ one.count }} record(s) are not in here: {{ one.says }} ({{ one.article }})</p>
{% endfor %}
</body>
</html>
""")
