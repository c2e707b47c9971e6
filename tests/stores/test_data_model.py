"""docs/data-model.md names every table and column and no other, and every move it shows is one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from privacy_service.store.allowances import AllowanceWriting
from privacy_service.store.audit import AuditWriting
from privacy_service.store.behavior import BehaviorWriting
from privacy_service.store.behavior_counts import CountWriting
from privacy_service.store.breach_notices import BreachNoticeWriting
from privacy_service.store.breaches import BreachWriting
from privacy_service.store.bundles import BundleWriting
from privacy_service.store.consents import ConsentWriting
from privacy_service.store.contract_texts import ContractTextWriting
from privacy_service.store.contracts import ContractWriting
from privacy_service.store.courses import CourseWriting
from privacy_service.store.curbs import CurbWriting
from privacy_service.store.data_keys import DataKeyWriting
from privacy_service.store.disclosures import DisclosureWriting
from privacy_service.store.endings import EndingWriting
from privacy_service.store.erasures import ErasureWriting
from privacy_service.store.holds import HoldWriting
from privacy_service.store.incidents import IncidentWriting
from privacy_service.store.keys import KeyWriting
from privacy_service.store.mailings import MailingWriting
from privacy_service.store.notices import NoticeWriting
from privacy_service.store.playbooks import PlaybookWriting
from privacy_service.store.proposals import ProposalWriting
from privacy_service.store.quarantines import QuarantineWriting
from privacy_service.store.quotas import QuotaWriting
from privacy_service.store.recipient_ends import RecipientEndWriting
from privacy_service.store.records import RecordWriting
from privacy_service.store.replays import ReplayWriting
from privacy_service.store.requests import RequestWriting
from privacy_service.store.retention import RetentionWriting
from privacy_service.store.reviews import ReviewWriting
from privacy_service.store.tables import metadata
from privacy_service.store.tokens import TokenWriting
from privacy_service.store.workers import WorkerWriting

PAGE = (Path(__file__).parents[2] / "docs" / "data-model.md").read_text()
FACES: dict[str, type] = {
    "allowances": AllowanceWriting,
    "audit": AuditWriting,
    "behavior": BehaviorWriting,
    "consents": ConsentWriting,
    "counts": CountWriting,
    "breach_notices": BreachNoticeWriting,
    "mailings": MailingWriting,
    "breaches": BreachWriting,
    "contracts": ContractWriting,
    "contract_texts": ContractTextWriting,
    "courses": CourseWriting,
    "curbs": CurbWriting,
    "data_keys": DataKeyWriting,
    "disclosures": DisclosureWriting,
    "endings": EndingWriting,
    "holds": HoldWriting,
    "incidents": IncidentWriting,
    "keys": KeyWriting,
    "playbooks": PlaybookWriting,
    "proposals": ProposalWriting,
    "quarantines": QuarantineWriting,
    "quotas": QuotaWriting,
    "recipient_ends": RecipientEndWriting,
    "records": RecordWriting,
    "replays": ReplayWriting,
    "retention": RetentionWriting,
    "reviews": ReviewWriting,
    "tokens": TokenWriting,
    "workers": WorkerWriting,
    "requests": RequestWriting,
    "erasures": ErasureWriting,
    "notices": NoticeWriting,
    "bundles": BundleWriting,
}
# What the batch does with the log, not what a unit of work does.
NO_MOVES = {"rewind", "finish", "settled_generation"}


def described() -> dict[str, list[str]]:
    """Table -> columns, as the page has them."""
    tables: dict[str, list[str]] = {}
    for section in re.split(r"^### `", PAGE, flags=re.MULTILINE)[1:]:
        name, _, body = section.partition("`")
        tables[name] = re.findall(r"^\| `(\w+)` \| \S", body.split("\n## ")[0], re.MULTILINE)
    return tables


def test_every_table_and_column_is_described() -> None:
    declared = {
        name: [column.name for column in table.c] for name, table in metadata.tables.items()
    }
    assert described() == {**declared, "alembic_version": ["version_num"]}


def test_every_move_that_is_shown_is_a_method() -> None:
    shown = re.findall(r"(?:──|`)(\w+)\.(\w+)(?:──|`)", PAGE)
    moves = [(face, move) for face, move in shown if face in FACES]
    assert len(set(moves)) >= len(FACES)
    for face, move in moves:
        assert callable(getattr(FACES[face], move))


@pytest.mark.parametrize("face", FACES)
def test_every_method_that_writes_is_shown(face: str) -> None:
    own = {name for name in vars(FACES[face]) if not name.startswith("_")} - NO_MOVES
    assert own
    for move in own:
        assert f"{face}.{move}" in PAGE
