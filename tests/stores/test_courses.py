"""How contracts stand, as it is kept, and that what is written after a step sees it everywhere."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from privacy_service import errors
from privacy_service.contracts.course import ContractKind, Course, Planned, Step, StepKind
from privacy_service.contracts.governance import Approvers, Governance
from privacy_service.contracts.proposal import Proposal
from privacy_service.custody.courses import suspend_contract, turn_course
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
            **view.behavior.for_pair("acme", "parrot")[1],
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


def planned(database: Database, number: int, at: datetime) -> None:
    plan = Planned(number=number, at=at, by="ann")
    step = Step(kind=StepKind.PLANNED, at=NOW, by="ann", version=number)
    database.commit(
        lambda tx: tx.courses.follow(tx.courses.get(IDS[0]).planned_for(plan, at=NOW), step)
    )


def drafted(database: Database) -> int:
    """A version that is not in force."""
    draft = contract(id=IDS[0], digest="sha256:" + "b" * 64)
    return database.commit(lambda tx: tx.contracts.draft(draft)).number


def deciding(database: Database, at: datetime) -> int:
    with database.reading() as view:
        numbers = [row.number for row in view.contracts.for_pair("acme", "globex")]
        course = view.contracts.courses("acme", "globex")[IDS[0]]
    assert course.deciding(at, None) in numbers
    return course.deciding(at, None)


def test_a_plan_holds_from_its_instant_on_and_no_clock_takes_it_back(database: Database) -> None:
    database.commit(put_both)
    number, then = drafted(database), later(days=1)
    planned(database, number, then)
    assert (deciding(database, NOW), deciding(database, then)) == (1, number)
    assert database.commit(lambda tx: turn_course(tx, IDS[0], at=NOW)) is None
    with database.reading() as view:
        assert view.courses.due(NOW) == ()
        assert view.courses.due(then) == (IDS[0],)
    for _worker in range(2):
        database.commit(lambda tx: turn_course(tx, IDS[0], at=then))
    assert deciding(database, NOW - timedelta(days=300)) == number
    with database.reading() as view:
        assert view.courses.head(IDS[0]).newest == number
        assert view.courses.get(IDS[0]).back_to == 1
        kinds = [step.kind for _number, step in view.courses.steps(IDS[0])]
        assert kinds == [StepKind.ACTIVATED, StepKind.PLANNED]
        assert view.courses.once_in_force(IDS[0]) == {number}


def test_a_version_that_is_drafted_is_in_force_nowhere(database: Database) -> None:
    database.commit(put_both)
    number = drafted(database)
    with database.reading() as view:
        assert [row.number for row in view.contracts.for_pair("acme", "globex")] == [1]
        assert view.contracts.newest(IDS[0]).number == 1
        assert [row.number for row in view.contracts.versions(IDS[0])] == [number, 1]
    assert drafted(database) == number  # the same terms are the same version
    first = database.commit(lambda tx: tx.contracts.draft(contract(id="alone")))
    with database.reading() as view:
        assert (first.number, view.courses.head("alone").newest) == (1, 0)
        with pytest.raises(PrivacyError) as refusal:
            view.contracts.newest("alone")
    assert refusal.value.reason is errors.CONTRACT_NOT_FOUND


def test_two_replicas_that_move_one_contract_take_turns(url: str) -> None:
    """Approvals, a rollback and an activation at once: each sees what the other has done."""
    with opened(url) as one, opened(url) as other:
        one.commit(put_both)
        number = drafted(one)
        proposal = Proposal(
            contract_id=IDS[0], number=number, digest="sha256:" + "b" * 64, party="acme",
            other="globex", authors=("ann",), reason="r", base=1,
            governance=Governance(approvers=Approvers.BOTH), proposed_at=NOW,
        )  # fmt: skip
        one.commit(lambda tx: tx.proposals.keep(proposal))

        def approve(database: Database, by: str, side: str) -> None:
            def work(tx: Writing) -> None:
                known = tx.proposals.get(IDS[0], number)
                tx.proposals.keep(known.approved(by=by, side=side, at=NOW))

            database.commit(work)

        def activate(database: Database, by: str) -> bool:
            def work(tx: Writing) -> bool:
                before = tx.courses.get(IDS[0])
                lacks = tx.proposals.get(IDS[0], number).lacks(active=before.active, at=NOW)
                if lacks or before.active == number:
                    return False
                step = Step(kind=StepKind.ACTIVATED, at=NOW, by=by, version=number)
                tx.courses.follow(before.activated(number, at=NOW), step)
                return True

            return database.commit(work)

        with ThreadPoolExecutor(4) as threads:
            jobs = [
                threads.submit(approve, one, "bob", "acme"),
                threads.submit(approve, other, "eve", "globex"),
            ]
            for job in jobs:
                job.result(20)
            won = [threads.submit(activate, one, "bob"), threads.submit(activate, other, "eve")]
            assert sorted(job.result(20) for job in won) == [False, True]
        with other.reading() as view:
            assert {each.by for each in view.proposals.get(IDS[0], number).approvals} == {
                "bob", "eve",
            }  # fmt: skip
            assert view.courses.get(IDS[0]).active == number
            assert len(view.courses.steps(IDS[0])) == 1
