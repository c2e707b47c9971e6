"""`evaluate` and `detectors`, as their user calls them."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from privacy_service.__main__ import app

SAMPLE = [
    {
        "id": "a",
        "text": "write to maria@mail.example",
        "spans": [{"start": 9, "end": 27, "label": "EMAIL_ADDRESS"}],
    },
    {
        "id": "b",
        "text": '{"card": 4111111111111111}',
        "format": "json",
        "spans": [{"start": 9, "end": 25, "label": "CREDIT_CARD"}],
    },
    {"id": "c", "text": "nothing here", "spans": []},
]


def labelled(folder: Path) -> str:
    file = folder / "sample.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in SAMPLE))
    return str(file)


def test_a_labelled_file_is_scored_and_two_configurations_are_compared(tmp_path: Path) -> None:
    file = labelled(tmp_path)
    asked = ["evaluate", file, "--model", "none", "--compare", "threshold=1.0", "--json"]
    done = CliRunner().invoke(app, asked)
    assert done.exit_code == 0, done.output
    report = json.loads(done.output)
    assert (report["micro"]["f1"], report["leak"], report["over_redaction"]) == (1.0, 0.0, 0.0)
    assert report["comparison"]["f1"]["gain"] < 0


def test_labels_of_ones_own_are_given_a_meaning_and_rules_are_compared(tmp_path: Path) -> None:
    file, rules = tmp_path / "own.jsonl", tmp_path / "club.yaml"
    file.write_text(
        '{"text": "card M-48213/7", "spans": [{"start": 5, "end": 14, "label": "CLUB_CARD"}]}\n'
    )
    rules.write_text(
        "- {name: club, entity: ACCOUNT_ID, pattern: 'M-[0-9]{5}/[0-9]', score: 0.9}\n"
    )
    asked = ["evaluate", str(file), "--model", "none"]
    said = CliRunner().invoke(app, asked)
    assert "no entity is known under the label CLUB_CARD" in " ".join(said.output.split())
    asked += ["--json", "--label", "CLUB_CARD=ACCOUNT_ID", "--compare", f"rules={rules}"]
    report = json.loads(CliRunner().invoke(app, asked).output)
    assert (report["unknown_labels"], report["micro"]["f1"]) == ([], 0.0)
    assert report["comparison"]["f1"]["gain"] == 1.0
    asked[-2:] = ["--rules", str(rules)]
    assert json.loads(CliRunner().invoke(app, asked).output)["micro"]["f1"] == 1.0
    for wrong in (["--label", "CLUB_CARD=CARDD"], ["--compare", "treshold=1"]):
        assert CliRunner().invoke(app, [*asked, *wrong]).exit_code == 2


def test_a_gate_ends_with_1(tmp_path: Path) -> None:
    asked = ["evaluate", labelled(tmp_path), "--model", "none", "--fail-under", "1.1"]
    assert CliRunner().invoke(app, asked).exit_code == 1


def test_an_explanation_names_the_rule_and_what_spoke_for_it() -> None:
    asked = ["detectors", "explain", "4111111111111111", "--model", "none", "--json"]
    done = CliRunner().invoke(app, asked)
    claims = json.loads(done.output)
    assert ("CREDIT_CARD", "kept") in {(claim["entity"], claim["verdict"]) for claim in claims}


def test_a_rule_of_ones_own_is_checked_and_finds(tmp_path: Path) -> None:
    file = tmp_path / "loyalty.yaml"
    file.write_text(
        "- name: acme_loyalty\n"
        "  entity: ACCOUNT_ID\n"
        "  pattern: 'ACME-[0-9]{4}-[0-9]{4}'\n"
        "  score: 0.9\n"
        "  match: ['ACME-1234-5678']\n"
        "  miss: ['ACME-12']\n"
    )
    assert CliRunner().invoke(app, ["detectors", "lint", str(file)]).exit_code == 0
    done = CliRunner().invoke(
        app, ["detectors", "test", str(file), "card ACME-1234-5678", "--json"]
    )
    assert {"ACCOUNT_ID"} <= {claim["entity"] for claim in json.loads(done.output)}
    file.write_text(file.read_text().replace("'ACME-12'", "'ACME-1234-9999'"))
    assert CliRunner().invoke(app, ["detectors", "lint", str(file)]).exit_code == 1


def test_lines_in_lines_out_with_offsets_into_the_original_text() -> None:
    lines = [
        {"id": 1, "text": '{"mail": "a\\u0040b.example"}', "content_type": "application/json"},
        {"id": 2, "text": "<p>mail: maria&#64;mail.example</p>", "content_type": "text/xml"},
        {"id": 3, "text": 'id,mail\n1,"maria@mail.example"\n', "content_type": "text/csv"},
        {"id": 4, "text": "{broken maria@mail.example", "content_type": "application/json"},
    ]
    done = CliRunner().invoke(
        app,
        ["inspect", "--jsonl", "--model", "none"],
        input="".join(json.dumps(line) + "\n" for line in lines),
    )
    answers = [json.loads(line) for line in done.output.splitlines()]
    found = [
        {
            line["text"][finding["start"] : finding["end"]]
            for finding in answer["findings"]
            if finding["entity"] == "EMAIL_ADDRESS"
        }
        for line, answer in zip(lines, answers, strict=True)
    ]
    assert found == [
        {"a\\u0040b.example"},
        {"maria&#64;mail.example"},
        {"maria@mail.example"},
        {"maria@mail.example"},
    ]
    assert answers[3]["error"]["reason"] == "PAYLOAD_MALFORMED"
