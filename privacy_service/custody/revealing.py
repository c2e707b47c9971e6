"""What tokens stand for, and who stands behind them: opened only where nobody of them is held.

The same value is the same token for all who share it, and has a row for each of them. Any row that
still opens gives the value, so that the shredding of one person takes nothing from the others.
Whether its use is restricted is another question: who reveals a token says nothing of whose value
is meant, so that a hold or a restriction on any of them counts. Where it is said, it is a question
about those people alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass, field

from privacy_service.enforcement.ports import MOST_SHARING, Pair
from privacy_service.store.rows import StoredToken, TokenShare
from privacy_service.store.views import View
from privacy_service.subjects.kept import KeptThing


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """Who stands behind one token of a pair, as far as a use of its value asks.

    `people` are the first of them, by digest, or those who were named, and those of everyone whom a
    hold names; empty stands for nobody who is known. `alive` are those of the first whose rows can
    be opened, None where more than `MOST_SHARING` share the value. `row` is one that can be opened,
    if there is one.
    """

    pair: Pair
    entity: str
    people: frozenset[str]
    alive: tuple[str, ...] | None
    row: StoredToken | None

    @property
    def things(self) -> tuple[KeptThing, ...]:
        """What holds are asked about: the value, once for each person whose it is."""
        partners = (self.pair.sender, self.pair.recipient)
        return tuple(
            KeptThing(partners=partners, subjects=(person,) if person else ())
            for person in sorted(self.people)
        )


def behind(
    view: View, tokens: Collection[str], pair: Pair, *, whose: Collection[str]
) -> dict[str, Behind]:
    """Who stands behind those of the tokens that were minted for the pair."""
    of = asdict(pair)
    named = _by_token(view.tokens.shares_of(whose, tokens, **of)) if whose else {}
    others = [token for token in tokens if token not in named]
    everyone = _by_token(view.tokens.shares(others, **of, most=MOST_SHARING + 1))
    for token, person in view.tokens.held(everyone):
        everyone[token].people.add(person)
    return {
        token: _behind(view, token, pair, seen) for token, seen in {**everyone, **named}.items()
    }


@dataclass(slots=True)
class _Seen:
    """What was read of a token's rows: of all but one, no more than whose they are."""

    entity: str
    shares: int = 0
    people: set[str] = field(default_factory=set)
    alive: list[str] = field(default_factory=list)
    row: StoredToken | None = None


def _by_token(shares: Iterable[TokenShare]) -> dict[str, _Seen]:
    found: dict[str, _Seen] = {}
    for share in shares:
        row = share.row
        seen = found.setdefault(row.token, _Seen(row.entity))
        seen.shares += 1
        seen.people.add(row.subject or "")
        if share.live:
            seen.row = seen.row or row
            seen.alive += [row.subject] if row.subject else []
    return found


def _behind(view: View, token: str, pair: Pair, seen: _Seen) -> Behind:
    many = seen.shares > MOST_SHARING
    row = seen.row
    if row is None and many:
        further = view.tokens.living(token, **asdict(pair))
        row = None if further is None else further.row
    return Behind(
        pair=pair,
        entity=seen.entity,
        people=frozenset(seen.people),
        alive=None if many else tuple(seen.alive),
        row=row,
    )
