"""Changes on a document, as edits on the texts in which its nodes stand.

What is not changed is not written anew: it keeps every letter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import NamedTuple

from privacy_service import errors
from privacy_service.errors import PrivacyError
from privacy_service.payloads.document import Changes, NewValue, NodeKind, pointer
from privacy_service.payloads.tree import Tree


class Edit(NamedTuple):
    """`new` stands in the place of what a source has from `start` to `end`."""

    start: int
    end: int
    new: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """Changes that do not overlap: nothing in it stands below what is removed or replaced.

    `removed` rises.
    """

    removed: list[int] = field(default_factory=list)
    values: dict[int, NewValue] = field(default_factory=dict)
    keys: dict[int, str] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        return not (self.removed or self.values or self.keys)


def settle(tree: Tree, changes: Changes) -> Plan:
    """The changes without those that no longer matter.

    What is done to the root of an embedded document is done to the text that holds it.
    """
    removed = {_holder(tree, index) for index in changes.removed}
    values = {_holder(tree, index): value for index, value in changes.values.items()}
    plan = Plan()
    until = -1
    for index in sorted(removed | values.keys() | changes.keys.keys()):
        if index < until:
            continue
        if index in removed:
            plan.removed.append(index)
            until = tree.after[index]
            continue
        if index in values:
            plan.values[index] = values[index]
            until = tree.after[index]
        if index in changes.keys and tree.nodes[index].key is not None:
            plan.keys[index] = changes.keys[index]
    return plan


def _holder(tree: Tree, index: int) -> int:
    parent = tree.nodes[index].parent
    if parent is not None and tree.nodes[parent].kind is NodeKind.EMBEDDED:
        return parent
    return index


def require_scalars(tree: Tree, plan: Plan) -> None:
    """Raises TREATMENT_FAILED for a new value of an object or array, where a content type has no
    scalar that could stand in its place.
    """
    for index in plan.values:
        if tree.nodes[index].kind in (NodeKind.OBJECT, NodeKind.ARRAY):
            raise PrivacyError(errors.TREATMENT_FAILED, path=pointer(tree.nodes[index].path))


def by_source(tree: Tree, plan: Plan) -> dict[int | None, Plan]:
    """The plan parted by the EMBEDDED node in whose text the changes stand; None is the payload."""
    if not tree.sources:
        return {None: plan}
    parts: dict[int | None, Plan] = {None: Plan()}
    for index in plan.removed:
        parts.setdefault(source_of(tree, index), Plan()).removed.append(index)
    for index, value in plan.values.items():
        parts.setdefault(source_of(tree, index), Plan()).values[index] = value
    for index, key in plan.keys.items():
        parts.setdefault(source_of(tree, index), Plan()).keys[index] = key
    return parts


def source_of(tree: Tree, index: int) -> int | None:
    """The EMBEDDED node in whose text a node stands; None for the payload itself."""
    parent = tree.nodes[index].parent
    while parent is not None and parent not in tree.sources:
        parent = tree.nodes[parent].parent
    return parent


def children(tree: Tree, parent: int) -> Iterator[int]:
    """The indexes of a container's children, in order."""
    index = parent + 1
    while index < tree.after[parent]:
        yield index
        index = tree.after[index]


def cuts(tree: Tree, removed: Iterable[int]) -> Iterator[Edit]:
    """The edits that take nodes out of their containers, each with one separator beside it."""
    gone = set(removed)
    for parent in {tree.nodes[index].parent for index in gone}:
        if parent is not None:
            yield from taken_out(
                (child in gone, tree.heads[child], tree.ends[child])
                for child in children(tree, parent)
            )


def taken_out(members: Iterable[tuple[bool, int, int]]) -> Iterator[Edit]:
    """The edits that take some members out of a row of them: is it gone, its start, its end.

    Behind a member that stays, the separator before the run of members goes with it; at the start
    of the row, the one behind it.
    """
    kept_end = run = run_end = None
    for gone, start, end in members:
        if gone:
            run = start if run is None else run
            run_end = end
            continue
        if run is not None and run_end is not None:
            yield Edit(run, start) if kept_end is None else Edit(kept_end, run_end)
        kept_end, run = end, None
    if run is not None and run_end is not None:
        yield Edit(run if kept_end is None else kept_end, run_end)


class Names:
    """The names in one container, as they will be: no two that were different become one.

    Members that had one name, and are renamed alike, still have one name.
    """

    __slots__ = ("_given", "_numbers", "_taken")

    def __init__(self, kept: Iterable[str]) -> None:
        self._taken = set(kept)
        self._given: dict[tuple[str, str], str] = {}
        self._numbers: dict[str, Iterator[int]] = {}

    def give(self, old: str, wish: str) -> str:
        """The wish, or the first of `wish_2`, `wish_3`, … that is free."""
        name = self._given.get((old, wish))
        if name is None:
            numbers = self._numbers.setdefault(wish, count(2))
            name = wish
            while name in self._taken:
                name = f"{wish}_{next(numbers)}"
            self._taken.add(name)
            self._given[old, wish] = name
        return name


def named(tree: Tree, plan: Plan, fitting: Callable[[str], str] = str) -> Iterator[tuple[int, str]]:
    """The renamed nodes and their new names, each made to fit the content type by `fitting`."""
    gone = set(plan.removed)
    for parent in {tree.nodes[index].parent for index in plan.keys}:
        if parent is None:
            continue
        keyed = [
            (child, key.text)
            for child in children(tree, parent)
            if child not in gone and (key := tree.nodes[child].key) is not None
        ]
        names = Names(old for child, old in keyed if child not in plan.keys)
        for child, old in keyed:
            if child in plan.keys:
                yield child, names.give(old, fitting(plan.keys[child]))


def spliced(text: str, edits: Iterable[Edit]) -> str:
    """The text with the edits, which must not overlap."""
    pieces: list[str] = []
    at = 0
    for start, end, new in sorted(edits):
        pieces += (text[at:start], new)
        at = end
    pieces.append(text[at:])
    return "".join(pieces)
