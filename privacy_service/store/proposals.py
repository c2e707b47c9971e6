"""Versions that are proposed, of contracts of both kinds."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, and_, bindparam, delete, or_, select

from privacy_service import errors
from privacy_service.contracts.change import Way
from privacy_service.contracts.governance import Approval, Approvers, Governance
from privacy_service.contracts.impact import Impact, Shift, Unjudged
from privacy_service.contracts.proposal import Approved, Changed, Proposal, Trials
from privacy_service.contracts.regression import Acceptance, CaseChange, Decided, Regression
from privacy_service.errors import PrivacyError
from privacy_service.store.statements import Reads, Writes
from privacy_service.store.tables import contract_proposals

_ALL = select(contract_proposals).where(contract_proposals.c.contract_id == bindparam("named"))
_GET = _ALL.where(contract_proposals.c.number == bindparam("numbered"))
_LIST = _ALL.order_by(contract_proposals.c.number.desc()).limit(bindparam("most"))
_OPEN = (
    select(contract_proposals)
    .where(contract_proposals.c.rejected_by.is_(None), contract_proposals.c.activated_at.is_(None))
    .order_by(contract_proposals.c.contract_id, contract_proposals.c.number)
)
_DROP = delete(contract_proposals).where(
    contract_proposals.c.contract_id == bindparam("named"),
    contract_proposals.c.number == bindparam("numbered"),
)
_ADD = contract_proposals.insert()
_PLAIN: Final = (
    "contract_id", "number", "digest", "party", "other", "reason", "base", "draft", "proposed_at",
    "rejected_by", "activated_at",
)  # fmt: skip


_LENGTHS: Final = ("notice", "recertify", "grace")


class ProposalReading:
    """What is proposed."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads

    def find(self, contract_id: str, number: int) -> Proposal | None:
        """The proposal of this version; None for a version that was just put."""
        row = self._reads.one(_GET, {"named": contract_id, "numbered": number})
        return None if row is None else _proposal(row)

    def get(self, contract_id: str, number: int) -> Proposal:
        """The proposal of this version. Raises PROPOSAL_NOT_FOUND."""
        found = self.find(contract_id, number)
        if found is None:
            raise PrivacyError(errors.PROPOSAL_NOT_FOUND, contract=contract_id, version=number)
        return found

    def list(self, contract_id: str, *, limit: int = 100) -> tuple[Proposal, ...]:
        """The proposals of a contract, newest version first."""
        rows = self._reads.all(_LIST, {"named": contract_id, "most": limit})
        return tuple(_proposal(row) for row in rows)

    def open(
        self, partner: str | None, *, after: tuple[str, int] | None, limit: int
    ) -> tuple[Proposal, ...]:
        """The proposals (of contracts that this partner is a side of) that were neither rejected
        nor ever in force, by contract and version. `after` is the last one of the page before.
        """
        c, page = contract_proposals.c, _OPEN
        if partner is not None:
            page = page.where(or_(c.party == partner, c.other == partner))
        if after is not None:
            name, number = after
            page = page.where(
                or_(c.contract_id > name, and_(c.contract_id == name, c.number > number))
            )
        return tuple(_proposal(row) for row in self._reads.all(page.limit(limit)))


class ProposalWriting(ProposalReading):
    """What is proposed, and moving it on."""

    def __init__(self, writes: Writes) -> None:
        super().__init__(writes)
        self._writes = writes

    def keep(self, proposal: Proposal) -> None:
        """Keeps a proposal as it is by now, in place of what it was."""
        where = {"named": proposal.contract_id, "numbered": proposal.number}
        self._writes.change(_DROP, where)
        self._writes.change(_ADD, _values(proposal))


def _values(proposal: Proposal) -> dict[str, object]:
    governance, trials = proposal.governance, proposal.trials
    return {
        **{name: getattr(proposal, name) for name in _PLAIN},
        "authors": list(proposal.authors),
        "changes": [[one.path, one.way.value, one.why] for one in proposal.changes],
        "governance": {
            "approval": governance.approval.value,
            "approvers": governance.approvers.value,
            **{name: _seconds(getattr(governance, name)) for name in _LENGTHS},
        },
        "trials": [trials.ran, list(trials.failed), list(trials.regressed)],
        "impact": None if proposal.impact is None else _written(proposal.impact),
        "regression": None if proposal.regression is None else _kept(proposal.regression),
        "approvals": [[one.by, one.side, one.at.isoformat()] for one in proposal.approvals],
    }


def _proposal(row: Row[Any]) -> Proposal:
    governance = row.governance
    ran, failed, regressed = row.trials
    return Proposal(
        **{name: getattr(row, name) for name in _PLAIN},
        authors=tuple(row.authors),
        changes=tuple(Changed(path=p, way=Way(w), why=y) for p, w, y in row.changes),
        governance=Governance(
            approval=Approval(governance["approval"]),
            approvers=Approvers(governance["approvers"]),
            **{name: _length(governance.get(name)) for name in _LENGTHS},
        ),
        impact=None if row.impact is None else _impact(row.impact),
        regression=None if row.regression is None else _regression(row.regression),
        trials=Trials(ran=ran, failed=tuple(failed), regressed=tuple(regressed)),
        approvals=tuple(
            Approved(by=b, side=s, at=datetime.fromisoformat(a)) for b, s, a in row.approvals
        ),
    )


def _seconds(length: timedelta | None) -> float | None:
    return None if length is None else length.total_seconds()


def _length(seconds: float | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)


def _written(impact: Impact) -> dict[str, object]:
    return {
        "since": impact.since.isoformat(),
        "until": impact.until.isoformat(),
        "decisions": impact.decisions,
        "truncated": impact.truncated,
        "shifts": [[one.before, one.after, one.count] for one in impact.shifts],
        "unjudged": [[one.why, one.count] for one in impact.unjudged],
    }


def _impact(written: dict[str, Any]) -> Impact:
    return Impact(
        since=datetime.fromisoformat(written["since"]),
        until=datetime.fromisoformat(written["until"]),
        decisions=written["decisions"],
        truncated=written["truncated"],
        shifts=tuple(Shift(before=b, after=a, count=c) for b, a, c in written["shifts"]),
        unjudged=tuple(Unjudged(why=why, count=count) for why, count in written["unjudged"]),
    )


def _kept(one: Regression) -> dict[str, object]:
    accepted = one.accepted
    return {
        "ran": one.ran,
        "changed": [
            [each.case, each.decided.value, each.outcome, *filter(None, (each.name,))]
            for each in one.changed
        ],
        "known": one.known,
        "unread": one.unread,
        "truncated": one.truncated,
        "accepted": accepted and [accepted.by, accepted.at.isoformat(), accepted.reason],
    }


def _regression(written: dict[str, Any]) -> Regression:
    accepted = written["accepted"]
    return Regression(
        ran=written["ran"],
        changed=tuple(
            CaseChange(
                case=case, decided=Decided(decided), outcome=outcome, name=next(iter(name), "")
            )
            for case, decided, outcome, *name in written["changed"]
        ),
        known=written["known"],
        unread=written["unread"],
        truncated=written["truncated"],
        accepted=accepted
        and Acceptance(by=accepted[0], at=datetime.fromisoformat(accepted[1]), reason=accepted[2]),
    )
