"""What the audit log holds: entries without personal data, in one canonical form.

An attempt entry is committed on its own before the work, or with its effect where the work is done
in a moment and nobody outside could notice it; the effect's entry is committed with the effect and
names its attempt. Names in an entry are partners, contracts and digests: subjects appear as keyed
digests, payloads as keyed commitments (`design.md`, rule 7).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class EntryKind(StrEnum):
    """Whether something was tried, or happened."""

    ATTEMPT = "attempt"
    EFFECT = "effect"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractRef:
    """The contract version that an act was done under. `digest` is `sha256:...`."""

    id: str
    number: int
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryCount:
    """How many findings or fields of one entity were treated in one way."""

    entity: str
    treatment: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One line of the audit log.

    `action` is the RPC or command (`EnforcementService/Transfer`). `outcome` is empty for an
    attempt, else an effect (`ALLOW`) or a reason code. `request` and `payload_in`, `payload_out`
    are keyed commitments in hex; `subjects` are keyed digests in hex. `attempt` is the position
    of the attempt that this is the effect of.
    """

    kind: EntryKind
    action: str
    at: datetime
    actor: str
    partner: str | None = None
    counterparty: str | None = None
    purpose: str | None = None
    outcome: str = ""
    attempt: int | None = None
    contracts: tuple[ContractRef, ...] = ()
    subjects: tuple[str, ...] = ()
    categories: tuple[CategoryCount, ...] = ()
    request: str | None = None
    payload_in: str | None = None
    payload_out: str | None = None
    resource: str | None = None
    reason: str | None = None

    def to_bytes(self) -> bytes:
        """The leaf: JSON with sorted keys, no blanks, absent fields left out, UTF-8."""
        written: dict[str, object] = {
            "kind": self.kind.value,
            "action": self.action,
            "at": self.at.isoformat(timespec="microseconds"),
            "actor": self.actor,
        }
        for name in _PLAIN:
            value = getattr(self, name)
            if value not in (None, ""):
                written[name] = value
        if self.contracts:
            written["contracts"] = [[ref.id, ref.number, ref.digest] for ref in self.contracts]
        if self.subjects:
            written["subjects"] = list(self.subjects)
        if self.categories:
            written["categories"] = [[c.entity, c.treatment, c.count] for c in self.categories]
        return json.dumps(
            written, sort_keys=True, separators=(",", ":"), ensure_ascii=False
        ).encode()

    @classmethod
    def from_bytes(cls, leaf: bytes) -> AuditEntry:
        """The entry that `to_bytes` wrote. Raises ValueError or KeyError for anything else."""
        read = json.loads(leaf)
        return cls(
            kind=EntryKind(read["kind"]),
            action=read["action"],
            at=datetime.fromisoformat(read["at"]),
            actor=read["actor"],
            contracts=tuple(
                ContractRef(id=i, number=n, digest=d) for i, n, d in read.get("contracts", ())
            ),
            subjects=tuple(read.get("subjects", ())),
            categories=tuple(
                CategoryCount(entity=e, treatment=t, count=c)
                for e, t, c in read.get("categories", ())
            ),
            **{name: read[name] for name in _PLAIN if name in read},
        )


_PLAIN = (
    "partner", "counterparty", "purpose", "outcome", "attempt", "request", "payload_in",
    "payload_out", "resource", "reason",
)  # fmt: skip
