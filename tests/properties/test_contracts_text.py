"""A contract is the same contract however it is written down; no text is more than refused."""

from __future__ import annotations

import contextlib
import json
import random
import re
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from privacy_service.contracts.canonical import canonical_bytes, digest
from privacy_service.contracts.faults import ContractFault
from privacy_service.contracts.model import SharingContract
from privacy_service.contracts.paths import PathError, parse, written
from privacy_service.contracts.read import read
from privacy_service.contracts.write import write
from privacy_service.contracts.written import as_written
from privacy_service.payloads.document import Path
from tests.properties.contract_strategies import full_contracts

quick = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@quick
@given(full_contracts())
def test_what_is_written_is_read_back(contract: SharingContract) -> None:
    assert read(write(contract), name="contract") == contract


@quick
@given(full_contracts(), st.randoms(use_true_random=False))
def test_the_digest_does_not_depend_on_how_it_is_written(
    contract: SharingContract, chance: random.Random
) -> None:
    shuffled = _shuffled(dict(as_written(contract)), chance)
    as_json = json.dumps(shuffled, indent=chance.choice([None, 1, 7]), ensure_ascii=False)
    text = "# a comment that means nothing\n" + _NOT_IN_YAML.sub(_escaped, as_json)
    assert digest(read(text, name="contract")) == digest(contract)


_NOT_IN_YAML = re.compile("[\x7f-\xa0\u2028\u2029\ufeff\ufffe\uffff]")
"""What JSON lets stand in a string, and YAML does not, or takes for the end of a line."""


def _escaped(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"


@quick
@given(full_contracts(), st.randoms(use_true_random=False))
def test_the_order_of_what_is_a_set_leaves_no_trace(
    contract: SharingContract, chance: random.Random
) -> None:
    def mixed(items: tuple[object, ...]) -> tuple[object, ...]:
        return tuple(chance.sample(items, len(items)))

    turned = replace(
        contract,
        fields=mixed(contract.fields),
        purposes=mixed(contract.purposes),
        regions=mixed(contract.regions),
        subjects=mixed(contract.subjects),
        examples=mixed(contract.examples),
    )
    assert canonical_bytes(turned) == canonical_bytes(contract)


@quick
@given(full_contracts(), full_contracts())
def test_the_canonical_form_tells_contracts_apart(
    one: SharingContract, other: SharingContract
) -> None:
    same = canonical_bytes(one) == canonical_bytes(other)
    assert same or digest(one) != digest(other)
    if one == other:
        assert same


_JUNK = st.text(alphabet="abc:{}[]-&*!|>'\"%#,? \n\t012.", max_size=60)


@settings(max_examples=300, deadline=None)
@given(_JUNK)
def test_any_text_is_read_or_refused_with_a_position(text: str) -> None:
    try:
        read(text, name="contract")
    except ContractFault as refused:
        for fault in refused.faults:
            assert 1 <= fault.line <= text.count("\n") + 2
            assert fault.column >= 1
            assert fault.says
            assert fault.fix


@quick
@given(full_contracts(), st.data())
def test_a_broken_contract_is_refused_and_never_half_read(
    contract: SharingContract, data: st.DataObject
) -> None:
    """Any line taken out of a contract leaves a contract that can be written, or a refusal."""
    lines = write(contract).splitlines(keepends=True)
    del lines[data.draw(st.integers(0, len(lines) - 1))]
    with contextlib.suppress(ContractFault):
        left = read("".join(lines), name="contract")
        assert read(write(left), name="contract") == left


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=30))
def test_any_path_is_a_pattern_or_refused_with_an_offset(text: str) -> None:
    for candidate in (text, "$" + text, "$." + text, "$[" + text + "]", "/" + text):
        try:
            assert parse(candidate).text == candidate
        except PathError as refused:
            assert 0 <= refused.offset <= len(candidate)  # noqa: PT017 - either is right


# python-jsonpath refuses control characters in names, escaped ones too.
_STEPS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8), st.integers(0, 10**6)
)


@settings(max_examples=200, deadline=None)
@given(st.lists(_STEPS, max_size=5).map(tuple))
def test_a_path_as_written_is_a_pattern_of_that_path(path: Path) -> None:
    assert parse(written(path)).sample == path


def _shuffled(value: object, chance: random.Random) -> object:
    if isinstance(value, dict):
        items = list(value.items())
        chance.shuffle(items)
        return {name: _shuffled(held, chance) for name, held in items}
    if isinstance(value, list):
        return [_shuffled(held, chance) for held in value]
    return value
