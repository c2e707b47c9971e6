"""What a recipient is written who is told by e-mail: what to do, until when, and how to confirm.

A letter names no person. Which disclosures and tokens it is about is not in it either, because
mail is read on the way: they are behind the link, or told over the API.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from privacy_service.subjects.notices import Notice

LANGUAGES: Final = ("en", "de")
"""Languages that letters are written in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A letter's words in one language. `asks` are by kind of notice."""

    subject: str
    greeting: str
    asks: Mapping[str, str]
    else_asks: str
    until: str
    concerns: str
    by_link: str
    no_reply: str
    by_api: str
    ask: str
    again: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    subject: str
    text: str = field(repr=False)


ENGLISH: Final = Words(
    subject="Please act on personal data that you were given, by {day}: {notice}",
    greeting="To the privacy contact of {recipient},",
    asks={
        "erasure": "A person whose data you were given has asked for its erasure. Please erase it "
        "(GDPR Art. 17, 19).",
        "rectification": "A person whose data you were given has had it rectified. Please correct "
        "it (GDPR Art. 16, 19).",
        "restriction": "A person whose data you were given has asked to restrict its use. Please "
        "store it, and use it for nothing else (GDPR Art. 18, 19).",
        "objection": "A person whose data you were given objects to the purpose that it was given "
        "for. Please stop using it for this purpose (GDPR Art. 21).",
        "retention_ended": "The time for which you may keep data that you were given is over. "
        "Please erase it.",
        "consent_withdrawn": "A person has withdrawn the consent on which you were given data. "
        "Please erase it (GDPR Art. 7(3)).",
        "restriction_lifted": "The restriction of which we told you has ended: the data may be "
        "used again as agreed (GDPR Art. 18(3), 19).",
        "objection_lifted": "The objection of which we told you was taken back: the data may be "
        "used again for the purpose that it was given for.",
    },
    else_asks="Please look what has to be done with data that you were given.",
    until="Please do it, and confirm it, by {deadline}.",
    concerns="It is about {what}: you find it where you confirm.",
    by_link="See which data it is, and confirm once you have done it (opening the page confirms "
    "nothing):\n\n{link}\n\nWhoever has this link can confirm in your name: do not pass it on. It "
    "ends with the deadline.",
    no_reply="This message was made by a machine; an answer to it confirms nothing.",
    by_api="See which data it is with NoticeService.ListNotices, and confirm with ConfirmNotice:"
    "\n\n    privacy-service notices list {recipient} --cert … --key …\n"
    "    privacy-service notices confirm {notice} --cert … --key …",
    ask="Questions: {contact}",
    again="We wrote to you about this before, and have not had your confirmation.",
)
GERMAN: Final = Words(
    subject="Bitte bis {day} handeln: personenbezogene Daten, die Sie erhalten haben: {notice}",
    greeting="An die für Datenschutz zuständige Stelle von {recipient},",
    asks={
        "erasure": "eine Person, deren Daten Sie erhalten haben, hat deren Löschung verlangt. "
        "Bitte löschen Sie sie (Art. 17, 19 DSGVO).",
        "rectification": "eine Person, deren Daten Sie erhalten haben, hat sie berichtigen lassen. "
        "Bitte berichtigen Sie sie (Art. 16, 19 DSGVO).",
        "restriction": "eine Person, deren Daten Sie erhalten haben, hat die Einschränkung der "
        "Verarbeitung verlangt. Bitte speichern Sie sie nur noch und nutzen Sie sie für nichts "
        "anderes (Art. 18, 19 DSGVO).",
        "objection": "eine Person, deren Daten Sie erhalten haben, widerspricht dem Zweck, zu dem "
        "Sie sie erhalten haben. Bitte nutzen Sie sie nicht mehr dafür (Art. 21 DSGVO).",
        "retention_ended": "die Zeit, für die Sie Daten behalten dürfen, die Sie erhalten haben, "
        "ist vorbei. Bitte löschen Sie sie.",
        "consent_withdrawn": "eine Person hat die Einwilligung widerrufen, auf der Sie Daten "
        "erhalten haben. Bitte löschen Sie sie (Art. 7 Abs. 3 DSGVO).",
        "restriction_lifted": "die Einschränkung, die wir Ihnen mitgeteilt haben, ist beendet: Die "
        "Daten dürfen wieder wie vereinbart genutzt werden (Art. 18 Abs. 3, Art. 19 DSGVO).",
        "objection_lifted": "der Widerspruch, den wir Ihnen mitgeteilt haben, ist zurückgenommen: "
        "Die Daten dürfen wieder für den Zweck genutzt werden, zu dem Sie sie erhalten haben.",
    },
    else_asks="bitte sehen Sie nach, was mit Daten zu tun ist, die Sie erhalten haben.",
    until="Bitte tun Sie das und bestätigen Sie es bis {deadline}.",
    concerns="Es geht um {what}: das finden Sie dort, wo Sie bestätigen.",
    by_link="Sehen Sie nach, um welche Daten es geht, und bestätigen Sie, sobald es getan ist (das "
    "Öffnen der Seite bestätigt nichts):\n\n{link}\n\nWer diesen Link hat, kann in Ihrem Namen "
    "bestätigen: Geben Sie ihn nicht weiter. Er gilt bis zum Ablauf der Frist.",
    no_reply="Diese Nachricht hat eine Maschine geschrieben; eine Antwort darauf bestätigt nichts.",
    by_api="Sehen Sie mit NoticeService.ListNotices nach, um welche Daten es geht, und bestätigen "
    "Sie mit ConfirmNotice:\n\n    privacy-service notices list {recipient} --cert … --key …\n"
    "    privacy-service notices confirm {notice} --cert … --key …",
    ask="Fragen: {contact}",
    again="Wir haben Ihnen dazu schon geschrieben und noch keine Bestätigung.",
)
_WORDS: Final = {"en": ENGLISH, "de": GERMAN}
_COUNTED: Final = {
    "en": (("disclosure", "disclosures"), ("token", "tokens"), ("field", "fields")),
    "de": (("Offenlegung", "Offenlegungen"), ("Token", "Tokens"), ("Feld", "Felder")),
}


def letter(
    notice: Notice,
    *,
    language: str,
    organisation: str,
    contact: str,
    link: str | None,
    now: datetime,
) -> Letter:
    """The letter about a notice; without a link it says how to confirm over the API."""
    known = language if language in _WORDS else "en"
    words = _WORDS[known]
    named = notice.concerns
    counts = (len(named.disclosures), len(named.tokens), len(named.corrected))
    what = ", ".join(
        _counted(count, one, many, more=named.more)
        for count, (one, many) in zip(counts, _COUNTED[known], strict=True)
        if count
    )
    said = {
        "recipient": notice.recipient, "notice": notice.id, "link": link or "",
        "deadline": f"{notice.deadline:%Y-%m-%d %H:%M} UTC", "contact": contact,
        "what": what, "day": f"{notice.deadline:%Y-%m-%d}",
    }  # fmt: skip
    parts = [
        words.greeting,
        *([words.again] if notice.reminder(now) else []),
        words.asks.get(notice.kind.value, words.else_asks),
        words.until,
        *([words.concerns] if what else []),
        words.by_link if link else words.by_api,
        words.no_reply,
        *([words.ask] if contact else []),
    ]
    text = "\n\n".join(part.format_map(said) for part in parts)
    return Letter(
        subject=words.subject.format_map(said), text=f"{text}\n\n{organisation}".rstrip() + "\n"
    )


def _counted(count: int, one: str, many: str, *, more: bool) -> str:
    return f"{count}{'+' if more else ''} {one if count == 1 and not more else many}"
