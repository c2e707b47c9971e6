"""What the guide says is true."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from privacy_service.contracts.lint import lint
from privacy_service.contracts.model import FieldTerm, Treatment, TreatmentKind
from privacy_service.contracts.paths import parse
from privacy_service.contracts.read import read
from privacy_service.contracts.shape import ContractShape, FieldShape
from privacy_service.contracts.strictness import ORDER
from privacy_service.enforcement.treat import treat_part
from tests.unit.contracts.contract_texts import MINIMAL, TODAY, reading

ROOT = Path(__file__).parents[3]
GUIDE = (ROOT / "docs" / "contracts.md").read_text()
DECISION = (ROOT / "docs" / "decisions" / "0004-strictness-of-treatments.md").read_text()
BLOCKS = re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)


def rows(heading: str, text: str = GUIDE) -> list[list[str]]:
    """The cells of the first table under a heading, without its head."""
    table = text.partition(heading)[2].partition("|---")[2].partition("\n\n")[0]
    return [
        [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        for line in table.splitlines()[1:]
    ]


def code(cell: str) -> str:
    """What stands in the cell's first backticks."""
    return cell.split("`")[1]


def test_the_contract_of_the_guide_is_clean() -> None:
    whole = next(block for block in BLOCKS if block.startswith("apiVersion"))
    assert lint(whole, name="guide", today=TODAY) == ()
    assert len(read(whole, name="guide").fields) == 2


@pytest.mark.parametrize("key", ["fields", "entities"])
def test_the_fragments_of_the_guide_read(key: str) -> None:
    fragment = next(block for block in BLOCKS if block.startswith(key))
    kept = MINIMAL.partition("fields:")[0] if key == "fields" else MINIMAL
    assert read(kept + fragment, name="guide")


@pytest.mark.parametrize(
    ("heading", "shape"), [("## Keys", ContractShape), ("## Fields", FieldShape)]
)
def test_every_key_is_listed_with_its_default(
    heading: str, shape: type[ContractShape | FieldShape]
) -> None:
    listed = {code(cells[0]): cells[1].strip("`") for cells in rows(heading)}
    fields = {known.alias or name: known for name, known in shape.model_fields.items()}
    assert list(listed) == list(fields)
    for name, known in fields.items():
        assert (listed[name] == "needed") == known.is_required(), name
        default = known.get_default(call_default_factory=True)
        if not known.is_required() and isinstance(default, str | bool):
            assert listed[name] == str(getattr(default, "value", default)).lower(), name


def test_every_treatment_is_listed_from_the_weakest_to_the_strictest() -> None:
    for table in (rows("## Treatments"), rows("## Choice", DECISION)):
        kinds = [re.findall(r"\w+", cells[0])[0] for cells in table]
        assert list(dict.fromkeys(kinds)) == [kind.value for kind in ORDER]
        assert set(kinds) == {kind.value for kind in TreatmentKind}


@pytest.mark.parametrize("cells", rows("## Treatments"), ids=lambda cells: cells[0])
def test_before_becomes_after(cells: list[str]) -> None:
    term = _term(code(cells[0]))
    if not re.fullmatch(r"`[^`]*`", cells[3]):
        return  # made with a key, or nothing: it has no letters to compare
    assert term.treatment is not None
    assert _treated(code(cells[2]), term.treatment) == code(cells[3])


def test_the_patterns_of_the_guide_are_patterns() -> None:
    for cells in rows("### Paths"):
        for pattern in re.findall(r"`([^`]*)`", cells[0]):
            assert parse(pattern)


def test_the_reasons_of_the_guide_exist() -> None:
    from privacy_service.errors import REASONS

    for name in re.findall(r"`((?:CONTRACTS?|NO_CONTRACT|PURPOSE)_[A-Z_]+)`", GUIDE):
        assert name in REASONS


def _term(written: str) -> FieldTerm:
    contract = reading(f"fields: [{{path: $.a, treatment: {written}}}]")
    return contract.fields[0]


def _treated(value: str, treatment: Treatment) -> str:
    return treat_part(
        value,
        label="PERSON",
        treatment=treatment,
        mint=None,  # type: ignore[arg-type] - only what is made without a key is compared
        path=(),
    )
