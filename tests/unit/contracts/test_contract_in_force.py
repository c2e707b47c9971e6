"""Which versions govern a transfer, and the most helpful reason why none does."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from privacy_service import errors
from privacy_service.contracts.in_force import choose
from privacy_service.contracts.model import ContractVersion, Direction, SharingContract, Status
from privacy_service.errors import PrivacyError, Reason
from tests.unit.contracts.contract_texts import NOON, contract, inbound, version

DAY = timedelta(days=1)
OURS, THEIRS = contract(), inbound()
SUSPENDED = {"status": Status.SUSPENDED}
LAPSED = {"effective_until": NOON}
LATER = {"effective_from": NOON + DAY}
OTHER = {"purposes": ("dpv:Marketing",)}


def chosen(
    *contracts: SharingContract | ContractVersion,
    sender: str = "acme",
    recipient: str = "swift",
    purpose: str = "dpv:DeliveryOfGoods",
) -> tuple[str | None, str | None]:
    """The ids of the sender's and the recipient's contract that are in force at noon."""
    versions = [one if isinstance(one, ContractVersion) else version(one) for one in contracts]
    both = choose(versions, sender=sender, recipient=recipient, purpose=purpose, at=NOON)
    ours, theirs = (one.contract.id if one else None for one in both)
    return ours, theirs


def refused(*contracts: SharingContract | ContractVersion, **asked: str) -> PrivacyError:
    """Why none is in force."""
    with pytest.raises(PrivacyError) as error:
        chosen(*contracts, **asked)
    return error.value


def test_each_party_may_have_a_contract_or_leave_it_to_the_other() -> None:
    assert chosen(OURS) == ("acme-to-swift", None)
    assert chosen(THEIRS) == (None, "swift-from-acme")
    assert chosen(OURS, THEIRS) == ("acme-to-swift", "swift-from-acme")


def test_the_direction_is_as_the_party_sees_it() -> None:
    back = {"sender": "swift", "recipient": "acme"}
    assert refused(OURS, THEIRS, **back).reason is errors.NO_CONTRACT_IN_FORCE
    both_ways = replace(OURS, direction=Direction.BOTH)
    assert chosen(both_ways) == ("acme-to-swift", None)
    assert chosen(both_ways, **back) == (None, "acme-to-swift")


def test_a_narrower_purpose_is_covered_in_any_spelling() -> None:
    broad = replace(OURS, purposes=("dpv:ServiceProvision",))
    for purpose in ("DeliveryOfGoods", "https://w3id.org/dpv#DeliveryOfGoods"):
        assert chosen(broad, purpose=purpose) == ("acme-to-swift", None)
    assert refused(OURS, purpose="dpv:ServiceProvision").reason is errors.PURPOSE_NOT_COVERED


def test_from_is_inclusive_and_until_is_not() -> None:
    assert chosen(replace(OURS, effective_from=NOON)) == ("acme-to-swift", None)
    last = timedelta(microseconds=1)
    assert chosen(replace(OURS, effective_until=NOON + last)) == ("acme-to-swift", None)
    assert refused(replace(OURS, effective_until=NOON)).reason is errors.CONTRACT_LAPSED
    assert (
        refused(replace(OURS, effective_from=NOON + last)).reason
        is errors.CONTRACT_NOT_YET_IN_FORCE
    )


def test_only_the_newest_version_counts() -> None:
    first, second = version(OURS, 1), version(replace(OURS, **SUSPENDED), 2)
    for versions in ((first, second), (second, first)):
        assert refused(*versions).reason is errors.CONTRACT_SUSPENDED
    elsewhere = replace(OURS, counterparty=replace(OURS.counterparty, partner="other"))
    assert refused(first, version(elsewhere, 2)).reason is errors.NO_CONTRACT_IN_FORCE
    assert chosen(second, version(OURS, 3)) == ("acme-to-swift", None)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        (SUSPENDED, errors.CONTRACT_SUSPENDED),
        (LAPSED, errors.CONTRACT_LAPSED),
        (LATER, errors.CONTRACT_NOT_YET_IN_FORCE),
        (OTHER, errors.PURPOSE_NOT_COVERED),
    ],
)
def test_a_partner_in_force_does_not_make_up_for_a_party_that_is_not(
    changed: dict[str, object], reason: Reason
) -> None:
    for versions in ((replace(OURS, **changed), THEIRS), (OURS, replace(THEIRS, **changed))):
        error = refused(*versions)
        assert error.reason is reason
        assert error.details["sender"] == "acme"
        assert error.details["recipient"] == "swift"
        assert error.details["purpose"] == "dpv:DeliveryOfGoods"
        assert error.details["contract"] in ("acme-to-swift", "swift-from-acme")


def test_another_contract_of_the_same_party_may_be_in_force_beside_one_that_is_not() -> None:
    for changed in (SUSPENDED, LAPSED, LATER, OTHER):
        resting = replace(OURS, id="resting", **changed)
        assert chosen(resting, OURS) == ("acme-to-swift", None)


def test_two_in_force_are_ambiguous() -> None:
    twin = replace(OURS, id="twin", purposes=("dpv:ServiceProvision",))
    assert refused(OURS, twin).reason is errors.CONTRACT_AMBIGUOUS
    assert chosen(replace(twin, **OTHER), OURS) == ("acme-to-swift", None)


def test_the_reason_nearest_to_being_in_force_is_told() -> None:
    contracts = [
        replace(OURS, id=f"c{at}", **changed)
        for at, changed in enumerate((OTHER, LAPSED, LATER, SUSPENDED))
    ]
    reasons = [
        errors.PURPOSE_NOT_COVERED,
        errors.CONTRACT_LAPSED,
        errors.CONTRACT_NOT_YET_IN_FORCE,
        errors.CONTRACT_SUSPENDED,
    ]
    for count, reason in enumerate(reasons, start=1):
        error = refused(*contracts[:count])
        assert error.reason is reason
        assert error.details["contract"] == f"c{count - 1}"


def test_nobody_has_a_contract() -> None:
    error = refused()
    assert error.reason is errors.NO_CONTRACT_IN_FORCE
    assert error.details == {
        "sender": "acme",
        "recipient": "swift",
        "purpose": "dpv:DeliveryOfGoods",
    }
