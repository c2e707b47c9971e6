"""An example of a contract that names somebody goes with their erasure, and the contract stays."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any

import pytest

from privacy_service.app.rights import erasing
from privacy_service.app.tombstones import open_journal
from privacy_service.settings import TombstoneSettings
from privacy_service.store.tables import tombstone_journal
from privacy_service.v1 import contracts_pb2, requests_pb2
from retention.jobs.erase import JOB as ERASE
from tests.retention.people import People
from tests.retention.test_erasure import said
from tests.service.test_holds import confirm, place, propose

PURPOSE = "dpv:CustomerCare"
CONTRACT = """# what customers write
apiVersion: privacy-service/v1
kind: SharingContract
id: named-people
title: {title}
party: {{partner: other-shop, role: controller, region: DE}}
counterparty: {{partner: swift-parcel, role: processor, region: DE}}
direction: outbound
purposes: ["dpv:CustomerCare"]
legal_basis: eu-gdpr:A6-1-b
effective: {{from: 2026-01-01}}
fields: [{{path: $.note}}]
examples:
  - name: a note  # of nobody
    content_type: application/json
    payload: '{{"note": "Thank you."}}'
    effect: ALLOW
  - name: a letter
    content_type: application/json
    payload: '{{"note": "Write to {email}."}}'
    effect: TREATED
"""


@pytest.fixture
def house(town: People) -> People:
    return town


def put(house: People, source: str) -> contracts_pb2.SharingContract:
    return house.service.partner("other-shop").put_contract(source)


def versions(house: People, name: str) -> list[contracts_pb2.SharingContract]:
    peer = house.service.partner("other-shop")
    found = []
    for number in (1, 2):
        asked = contracts_pb2.GetContractRequest(contract_id=name, version=number)
        found.append(peer.contracts.GetContract(asked, timeout=20).contract)
    return found


def contract(email: str, title: str = "What customers write") -> str:
    name = f"named-{email.partition('@')[0]}"
    return CONTRACT.format(email=email, title=title).replace("named-people", name)


def counts(said_: Any, what: str) -> int:
    return sum(one["count"] for one in said_ if one["what"] == what)


def test_an_example_goes_and_its_versions_stay(house: People) -> None:
    email = "greta@mail.example"
    first, second = contract(email), contract(email, title="What they write")
    digests = [put(house, source).digest for source in (first, second)]
    request = house.begin(email)
    planned = {(one.thing, one.partner): one.count for one in house.plan(request).deleted}
    assert planned["contract_example", "other-shop"] == 2
    house.run(ERASE)
    receipt: Any = said(house, request)
    assert (receipt["outcome"], receipt["not_reached"]) == ("completed", [])
    assert counts(receipt["deleted"], "contract_example") == 2
    assert email not in json.dumps(receipt)
    left = versions(house, "named-greta")
    assert [one.digest for one in left] == digests
    for one in left:
        assert email not in one.source
        assert "Thank you." in one.source
        assert f"({request}). The terms and their digest stay." in one.source
        assert "# of nobody" in one.source
    sent = house.service.partner("other-shop").transfer(
        json.dumps({"note": "Thank you."}), purpose=PURPOSE
    )
    assert digests[1] in str(sent.contracts)
    # Whoever puts the file that they have gets the version that is there: nothing comes back.
    assert put(house, second).version == 2
    assert email not in versions(house, "named-greta")[1].source


def test_a_hold_on_the_contract_keeps_its_example(house: People) -> None:
    email = "henry@mail.example"
    put(house, contract(email))
    put(house, contract(email, title="What they write"))
    hold = place(house.officer, contract_id="named-henry")
    request = house.begin(email)
    house.run(ERASE)
    receipt: Any = said(house, request)
    assert receipt["outcome"] == "blocked"
    assert counts(receipt["kept"], "contract_example") == 2
    assert email in versions(house, "named-henry")[0].source
    propose(house.officer, hold.hold_id)
    confirm(house.service.person("second-officer"), hold.hold_id)
    house.run(ERASE)
    house.run(ERASE)
    assert said(house, request)["outcome"] == "completed"
    assert email not in versions(house, "named-henry")[0].source


def test_other_words_of_a_contract_are_said_not_to_be_reached(house: People) -> None:
    email = "irene@mail.example"
    put(house, contract(email, title=f"What {email} writes"))
    put(house, contract(email))
    request = house.begin(email)
    house.run(ERASE)
    receipt: Any = said(house, request)
    assert receipt["outcome"] == "partly_completed"
    assert [one["name"] for one in receipt["not_reached"]] == ["named-irene version 1"]
    assert [email in one.source for one in versions(house, "named-irene")] == [True, False]


def test_what_a_backup_brings_back_is_cut_again(house: People, tmp_path: Path) -> None:
    email, at = "jonas@mail.example", house.at
    put(house, contract(email))
    put(house, contract(email, title="What they write"))
    settings = TombstoneSettings(journal=str(tmp_path / "elsewhere"))
    journal = open_journal(settings, at.settings.evidence.origin, at.keyring, at.database, at.clock)
    assert journal is not None
    with at.database.reading() as view:
        before = view.contract_texts.versions("named-jonas")
    request = house.begin(email)
    erase = erasing(at.settings.subjects, at.database, at.keyring, at.clock)
    assert erase.delete_batch(request) == 2
    journal.write()

    def restored(tx: Any) -> None:
        for text in before:
            assert tx.contract_texts.rewrite(now[text.number], text.source)

    with at.database.reading() as view:
        now = {text.number: text for text in view.contract_texts.versions("named-jonas")}
    at.database.commit(restored)
    with at.database._engines.writing.begin() as connection:
        connection.execute(tombstone_journal.delete())  # as it was, too
    assert email in versions(house, "named-jonas")[0].source
    journal.replay("operator")
    assert not any(email in one.source for one in versions(house, "named-jonas"))
    notes = "".join(path.read_text() for path in (tmp_path / "elsewhere").iterdir())
    assert "example other-shop " in notes
    assert email not in notes


def test_nothing_of_it_is_in_the_request(house: People) -> None:
    email = "karla@mail.example"
    put(house, contract(email))
    request = house.submit(email).subject_request_id
    with house.at.database.reading() as view:
        (kept,) = view.requests.get(request).contracts
    assert kept.startswith("named-karla example ")
    assert uuid.UUID(hex=kept.rpartition(" ")[2])
    assert house.show(request).state == requests_pb2.SUBJECT_REQUEST_STATE_RECEIVED
