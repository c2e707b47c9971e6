"""Where a person can be written to: looked for in sealed records when it is needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from privacy_service.breaches.mailings import Contacts, Reach, address_of, addresses
from privacy_service.custody.ledger import PAYLOAD
from privacy_service.enforcement.examine import Decode
from privacy_service.errors import Kind, PrivacyError
from privacy_service.records.seal import Sealer, Slot
from privacy_service.store.database import Database

_RECORDS: Final = 20
"""Records about one person that are opened at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Whether a person can be written to, where, and how many records were opened to know. The
    address is never kept; `digests` are its keyed ones, the current one first.
    """

    person: str
    reach: Reach
    address: str | None = field(default=None, repr=False)
    digests: tuple[str, ...] = ()
    opened: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Finds addresses. Thread-safe. `digests` gives the keyed digests of an address."""

    database: Database
    sealer: Sealer
    decode: Decode
    digests: Callable[[str], tuple[str, ...]]

    def of(self, person: str, contacts: Contacts) -> Found:
        """Where the person can be written to. Raises KEYS_UNAVAILABLE, STORE_UNAVAILABLE."""
        reach, opened = Reach.WITHOUT, 0
        for subjects, candidates in self._records(person, contacts):
            opened += 1
            said, address = address_of(person, subjects, candidates, self.digests)
            if address is not None:
                return Found(
                    person=person,
                    reach=said,
                    address=address,
                    digests=self.digests(address),
                    opened=opened,
                )
            reach = Reach.BESIDE if said is Reach.BESIDE else reach
        return Found(person=person, reach=reach, opened=opened)

    def _records(
        self, person: str, contacts: Contacts
    ) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
        """Of each record about the person: whom it is about, and the addresses in it."""
        with self.database.reading() as view:
            rows = view.records.list(contacts.partner, subject=person, limit=_RECORDS)
        for row in sorted(rows, key=lambda one: one.created_at, reverse=True):
            try:
                with self.database.reading() as view:
                    record = view.records.get(row.partner, row.id)
                    keys = tuple(view.data_keys.by_id(record.data_keys).values())
                slot = Slot(partner=record.partner, record=record.id, field=PAYLOAD)
                content = self.sealer.open(record.sealed, slot=slot, keys=keys)
                document = self.decode(record.content_type, content)
            except PrivacyError as error:
                if error.reason.kind is Kind.UNAVAILABLE:
                    raise
                continue  # gone, shredded, or nothing that can be read
            yield record.subjects, addresses(document, contacts.fields)
