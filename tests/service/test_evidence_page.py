"""Every command that docs/evidence.md shows works as it stands there."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from privacy_service.__main__ import app
from privacy_service.evidence.note import VerifierKey
from tests.publishing.witness import SmallWitness
from tests.service.conftest import Peer, Service, transfer_request

pytestmark = pytest.mark.alone

PAGE = (Path(__file__).parents[2] / "docs" / "evidence.md").read_text(encoding="utf-8")
SHOWN = [
    shlex.split(line, comments=True)[1:]
    for line in re.findall(r"^    (privacy-service (?:audit|evidence) .*)$", PAGE, re.MULTILINE)
]


@pytest.fixture
def meant(
    service: Service, acme: Peer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dict[str, str]]:
    """What the page takes for granted is there; what each of its words means."""
    customer = {"customer_id": "C-1", "email": "m@mail.example"}
    request = transfer_request("acme-shop", json.dumps({"order_id": "SO-7", "customer": customer}))
    acme.enforcement.Transfer(request, timeout=30)
    key, settings = service.running.verifier_key, service.trial.settings
    witness, published = SmallWitness((VerifierKey.parse(key),)), tmp_path / "published"
    with witness.serving() as url:
        for name, value in {
            "PRIVACY_ADDRESS": f"localhost:{service.running.token_port}",
            "PRIVACY_CA": service.trial.authority,
            "PRIVACY_TOKEN": service.trial.auditor_token,
            "PRIVACY_DATABASE__URL": settings.database.url,
            "PRIVACY_KEYS__PROVIDER": settings.keys.provider,
            "PRIVACY_EVIDENCE__ORIGIN": settings.evidence.origin,
            "PRIVACY_EVIDENCE__PUBLISH_TO": published,
            "PRIVACY_EVIDENCE__WITNESSES": json.dumps({str(witness.key): url}),
        }.items():
            monkeypatch.setenv(name, str(value))
        run(["audit", "publish"])
        monkeypatch.chdir(tmp_path)
        (note,) = published.iterdir()
        Path("2026-11-23.note").write_text(note.read_text())
        yield {
            "KEY": key,
            "demo.example/audit+1a2b3c4d+AY…": key,
            "WITNESS-KEY": str(witness.key),
            "/mnt/elsewhere/checkpoints": str(published),
            "REQUEST-ID": request.request_id,
            "BREACH-ID": request.request_id,
            "ID": request.request_id,
            "42": "1",
            "email=maria@mail.example": "customer_id=C-1",
            "acme-shop-to-swift-parcel@3": "acme-delivery@1",
        }


def run(command: list[str]) -> str:
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0, (command, done.output)
    return done.stdout


def test_every_command_of_the_page_works(meant: dict[str, str]) -> None:
    assert len(SHOWN) > 20
    # The page begins with an archive that one was given.
    run(["evidence", "export", "case.zip", "--partner", "acme-shop"])
    for words in SHOWN:
        command = [meant.get(word, word) for word in words]
        if words[-2:-1] == [">"]:
            Path(words[-1]).write_text(run(command[:-2]))
        else:
            run(command)
