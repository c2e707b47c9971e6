"""What tokens stand for, and who stands behind them: opened only where nobody of them is held.

The same value is the same token for all who share it, and has a row for each of them. Any row that
still opens gives the value, so that the shredding of one person takes nothing from the others.
Whether its use is restricted is another question: who reveals a token says nothing of whose value
is meant, so that a hold or a restriction on any of them counts. Where it is said, it is a question
about those people alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass, field

from privacy_service.enforcement.ports import MOST_SHARING, Pair
from privacy_service.store.rows import StoredDataKey, StoredToken, TokenShare
from privacy_service.store.views import View
from privacy_service.subjects.kept import KeptThing


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """Who stands behind one token of a pair, as far as a use of its value asks.

    `shares` are the first of them, by digest, or those who were named. `held` are all of these, or
    of everyone, whom a hold names.
    """

    token: str = field(repr=False)
    pair: Pair
    shares: tuple[TokenShare, ...]
    held: frozenset[str] = frozenset()

    @property
    def things(self) -> tuple[KeptThing, ...]:
        """What holds are asked about: the value, once for each person whose it is."""
        partners = (self.pair.sender, self.pair.recipient)
        people = {share.subject or "" for share in self.shares} | self.held
        return tuple(
            KeptThing(partners=partners, subjects=(person,) if person else ())
            for person in sorted(people)
        )

    @property
    def subjects(self) -> tuple[str, ...]:
        """Whose value is revealed: those alive, and nobody where too many share it."""
        if len(self.shares) > MOST_SHARING:
            return ()
        return tuple(share.subject for share in self.shares if share.live and share.subject)


def behind(
    view: View, tokens: Collection[str], pair: Pair, *, whose: Collection[str]
) -> dict[str, Behind]:
    """Who stands behind those of the tokens that were minted for the pair."""
    of = asdict(pair)
    named = _by_token(view.tokens.shares_of(whose, tokens, **of)) if whose else {}
    others = [token for token in tokens if token not in named]
    everyone = _by_token(view.tokens.shares(others, **of, most=MOST_SHARING + 1))
    held = defaultdict[str, set[str]](set)
    for token, person in view.tokens.held(everyone):
        held[token].add(person)
    return {
        token: Behind(
            token=token, pair=pair, shares=tuple(shares), held=frozenset(held.get(token, ()))
        )
        for token, shares in {**everyone, **named}.items()
    }


def opening(
    view: View, known: Iterable[Behind]
) -> tuple[list[StoredToken], dict[str, StoredDataKey]]:
    """For each of the tokens a row that can be opened, if there is one; and the rows' keys."""
    shares = [share for one in known if (share := _living(view, one)) is not None]
    rows = list(view.tokens.whole(shares))
    return rows, view.data_keys.by_id({row.data_key for row in rows})


def _living(view: View, one: Behind) -> TokenShare | None:
    found = next((share for share in one.shares if share.live), None)
    if found is not None or len(one.shares) <= MOST_SHARING:
        return found
    return view.tokens.living(one.token, **asdict(one.pair))


def _by_token(shares: Iterable[TokenShare]) -> dict[str, list[TokenShare]]:
    found: dict[str, list[TokenShare]] = {}
    for share in shares:
        found.setdefault(share.token, []).append(share)
    return found
