"""The README's request and answer are what really comes out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from privacy_service.__main__ import app
from privacy_service.app.running import running
from privacy_service.commands.examples import partners_of, put_examples
from privacy_service.commands.trial import set_up
from privacy_service.settings import DetectionSettings

pytestmark = pytest.mark.alone


ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SENT, RELEASED = re.findall(r"```json\n(.*?)```", README, re.DOTALL)


def test_the_request_in_the_readme_gets_the_answer_in_the_readme(tmp_path: Path) -> None:
    small = ROOT / "examples" / "payloads" / "small.json"
    assert small.read_text(encoding="utf-8") == SENT
    contracts = ROOT / "examples" / "contracts"
    trial = set_up(
        tmp_path / "trial", partners_of(contracts), detection=DetectionSettings(processes=1)
    )
    files = trial.partners["acme-shop"]
    with running(trial.settings) as service:
        put_examples(trial, service.port, contracts)
        done = CliRunner().invoke(
            app,
            [
                *("transfer", str(small), "--from", "acme-shop", "--to", "swift-parcel"),
                *("--purpose", "dpv:DeliveryOfGoods", "--address", f"localhost:{service.port}"),
                *("--ca", str(files.authority), "--cert", str(files.certificate)),
                *("--key", str(files.private_key), "--out", str(tmp_path / "released.json")),
            ],
        )
    assert done.exit_code == 0, done.output
    assert max(map(len, done.output.splitlines())) < 200  # as long as what is in them, no longer
    assert (tmp_path / "released.json").read_text(encoding="utf-8") == RELEASED
    shown = {" ".join(line.split()) for line in done.output.splitlines()}
    for line in re.findall(r"```\n(  decision.*?)```", README, re.DOTALL)[0].splitlines():
        if not line.strip().startswith(("audit position", "disclosure")):
            assert " ".join(line.split()) in shown, line
