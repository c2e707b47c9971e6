"""How contracts stand, as it is kept, and that what is written after a step sees it everywhere."""

from __future__ import annotations

import pytest

from privacy_service import errors
from privacy_service.contracts.course import ContractKind, Course, Step, StepKind
from privacy_service.custody.courses import suspend_contract
from privacy_service.errors import PrivacyError
from privacy_service.store.database import Database
from privacy_service.store.views import Writing
from tests.stores.databases import NOW, later, opened
from tests.stores.samples import contract
from tests.stores.test_behavior import version

IDS = ("acme-to-globex", "answers")


def put_both(tx: Writing) -> None:
    tx.contracts.put(contract(id=IDS[0]))
    tx.behavior.put(version(id=IDS[1]))


def suspend(tx: Writing, contract_id: str, by: str = "ann") -> bool:
    return suspend_contract(tx, contract_id, by=by, reason="odd", at=NOW)[1]


@pytest.mark.parametrize("contract_id", IDS)
def test_a_suspension_comes_back_with_its_step(database: Database, contract_id: str) -> None:
    database.commit(put_both)
    assert database.commit(lambda tx: suspend(tx, contract_id))
    assert not database.commit(lambda tx: suspend(tx, contract_id, by="bob"))
    with database.reading() as view:
        course = view.courses.get(contract_id)
        assert course.suspension is not None
        assert (course.suspension.by, course.suspension.at) == ("ann", NOW)
        ((_number, step),) = view.courses.steps(contract_id)
        assert (step.kind, step.version, step.reason) == (StepKind.SUSPENDED, 1, "odd")
        of_pair = {
            **view.contracts.courses("globex", "acme"),
            **view.behavior.courses("acme", "parrot"),
        }
        assert of_pair == {contract_id: course}


def test_an_id_leads_to_its_contract_of_either_kind(database: Database) -> None:
    database.commit(put_both)
    with database.reading() as view:
        heads = [view.courses.head(contract_id) for contract_id in IDS]
        assert [(head.kind, head.party, head.other) for head in heads] == [
            (ContractKind.SHARING, "acme", "globex"),
            (ContractKind.BEHAVIOR, "acme", "parrot"),
        ]
        with pytest.raises(PrivacyError) as refusal:
            view.courses.head("nothing")
    assert refusal.value.reason is errors.CONTRACT_NOT_FOUND


def test_another_replica_looks_again(url: str) -> None:
    with opened(url) as one, opened(url) as other:
        one.commit(put_both)
        with other.reading() as view:
            before = view.contracts.generation()
        one.commit(lambda tx: suspend(tx, IDS[0]))
        with other.reading() as view:
            assert view.contracts.generation() > before
            assert view.contracts.courses("acme", "globex")[IDS[0]].suspension
        assert other.commit(lambda tx: tx.contracts.settled_generation()) == before + 1


def test_a_batch_that_suspends_has_no_settled_generation(database: Database) -> None:
    database.commit(put_both)

    def work(tx: Writing) -> int | None:
        suspend(tx, IDS[0])
        return tx.contracts.settled_generation()

    assert database.commit(work) is None


def test_steps_are_numbered_and_come_in_pages(database: Database) -> None:
    step = Step(kind=StepKind.PUT, at=NOW, by="ann", version=1)
    for _ in range(3):
        database.commit(lambda tx: tx.courses.note(IDS[0], step))
    with database.reading() as view:
        assert view.courses.steps(IDS[0], limit=2) == ((2, step), (1, step))
        assert view.courses.steps(IDS[0], before=1) == ((0, step),)


def test_only_somebody_else_resumes() -> None:
    course = Course(contract_id="c").suspended(by="ann", reason="odd", at=NOW)
    assert course.suspended(by="bob", reason="odder", at=later(days=1)) == course
    with pytest.raises(PrivacyError) as same:
        course.resumed(by="ann")
    assert same.value.reason is errors.SECOND_PERSON_NEEDED
    resumed = course.resumed(by="bob")
    with pytest.raises(PrivacyError) as again:
        resumed.resumed(by="bob")
    assert again.value.reason is errors.CONTRACT_NOT_SUSPENDED
