"""Many expectations told at one glance: what each comes to is as if it had been asked alone."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from privacy_service.behavior.compiled import compiled
from privacy_service.behavior.model import Side
from privacy_service.behavior.read import read
from privacy_service.behavior.subject import Company
from tests.unit.behavior.behavior_texts import HEAD, STAGE

CONTRACT = compiled(
    read(
        HEAD
        + r"""expectations:
  - {id: promises, wording: {forbid: [guaranteed, risk free]}, otherwise: refuse}
  - {id: code, patterns: {forbid: ['^[A-Z]+-[0-9]+', '(?i)z(?P<i>a)', '(?P<i>y)']}, otherwise: note}
  - {id: asked, side: prompt, patterns: {forbid: ['risk']}, otherwise: refuse}
  - {id: greets, wording: {forbid: [bye], require: [hello]}, otherwise: refuse}
  - {id: ends, patterns: {forbid: ['free$']}, otherwise: redact}
""",
        name="glances",
    )
)


def test_the_contract_has_a_glance_at_outputs_alone() -> None:
    assert {side: one.ids for side, one in CONTRACT.glances.items()} == {
        Side.OUTPUT: {"promises", "code", "ends"}
    }


@given(
    st.lists(
        st.sampled_from(
            [
                "guaranteed", "risk", "free", "ABC-12", "zA", "hello", "bye", " ", "\n", "text",
                "gu\u0430ranteed", "&#103;uaranteed", "\udc80",
            ]
        ),
        max_size=8,
    ).map("".join),
    st.sampled_from(Side),
)  # fmt: skip
def test_a_glance_changes_no_verdict(text: str, side: Side) -> None:
    content = text.encode("utf-8", "replace")
    for contract in (CONTRACT, replace(CONTRACT, glances={})):
        found = STAGE.checked(
            contract, side=side, content=content, content_type="text/plain", company=Company()
        )
        if contract is CONTRACT:
            at_a_glance = found

    assert at_a_glance == found


def test_patterns_that_would_quote_what_follows_are_asked_one_by_one() -> None:
    pattern = r"\Qa)|(b"
    contract = compiled(
        read(
            HEAD
            + f"""expectations:
  - {{id: one, patterns: {{forbid: ['{pattern}']}}, otherwise: refuse}}
  - {{id: two, patterns: {{forbid: ['{pattern}', 'x']}}, otherwise: refuse}}
""",
            name="apart",
        )
    )
    assert not contract.glances
    found = STAGE.checked(
        contract, side=Side.OUTPUT, content=b"x", content_type="text/plain", company=Company()
    )
    assert [bool(one.judgement.why) for one in found.results] == [False, True]
