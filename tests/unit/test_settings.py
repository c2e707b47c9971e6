"""Settings: what is set holds, or the process says what is wrong and does not start."""

from __future__ import annotations

import json
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from starlette.applications import Starlette
from typer.testing import CliRunner

from privacy_service.__main__ import application
from privacy_service.environment import misnamed
from privacy_service.errors import SETTINGS_INVALID, PrivacyError
from privacy_service.metrics import Metrics
from privacy_service.pages.serving import serving
from privacy_service.settings import NoticeSettings, by_name, load_detection, load_without_server

CLI = application("settings")
NAMES = sorted(by_name())
CERTIFIED = {
    "PRIVACY_SERVER__CERTIFICATE": "server.pem",
    "PRIVACY_SERVER__PRIVATE_KEY": "server-key.pem",
    "PRIVACY_SERVER__CLIENT_CA": "partners.pem",
}


def run(*arguments: str, **environment: str) -> tuple[int, str]:
    result = CliRunner().invoke(CLI, ["settings", *arguments], env=environment)
    return result.exit_code, result.stdout


@pytest.mark.parametrize("load", [load_without_server, load_detection])
@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("PRIVACY_SERVR__ADDRESS", "PRIVACY_SERVER__ADDRESS"),
        ("PRIVACY_TOMBSTONES_JOURNAL", "PRIVACY_TOMBSTONES__JOURNAL"),
        ("PRIVACY_SERVER_CLIENT__CA", "PRIVACY_SERVER__CLIENT_CA"),
    ],
)
def test_nothing_starts_on_a_misspelt_setting(
    load: object, name: str, meant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "never shown")
    with pytest.raises(PrivacyError) as refused:
        load()  # type: ignore[operator]
    assert refused.value.reason is SETTINGS_INVALID
    assert refused.value.details["setting"] == name
    assert meant in str(refused.value.details["says"])
    assert "never shown" not in str(refused.value)


@pytest.mark.parametrize(
    "name", ["PRIVACY_ADDRESS", "PRIVACY_TOKEN", "PRIVACY_SERVICE_PORT_8443_TCP_ADDR", "PATH"]
)
def test_what_belongs_to_others_is_left_alone(name: str) -> None:
    assert misnamed([name], NAMES) == ()


@given(st.sampled_from(NAMES), st.data())
def test_a_setting_with_one_letter_lost_is_never_taken_for_nothing(
    name: str, data: st.DataObject
) -> None:
    at = data.draw(st.integers(len("PRIVACY_"), len(name) - 1))
    misspelt = name[:at] + name[at + 1 :]
    if "__" not in misspelt or misspelt in NAMES:
        return
    assert [one.name for one in misnamed([misspelt], NAMES)] == [misspelt]


def test_every_fault_is_named_at_once() -> None:
    code, said = run(
        "--json", PRIVACY_SERVR__ADDRESS="x", PRIVACY_SERVER__THREADS="1", PRIVACY_LOG__LEVEL="loud"
    )
    assert code == 1
    assert {fault["setting"] for fault in json.loads(said)["faults"]} >= {
        "PRIVACY_SERVR__ADDRESS",
        "PRIVACY_SERVER__THREADS",
        "PRIVACY_LOG__LEVEL",
    }
    assert "loud" not in said


def test_what_differs_from_its_default_is_shown_and_no_password() -> None:
    code, said = run(
        "--worker", "--json", PRIVACY_DATABASE__URL="postgresql+psycopg://me:hidden@host/name"
    )
    shown = {row["name"]: row["value"] for row in json.loads(said)["settings"]}
    assert code == 0
    assert shown["PRIVACY_DATABASE__URL"] == "postgresql+psycopg://me:***@host/name"
    assert "hidden" not in said
    assert len(json.loads(run("--worker", "--all", "--json")[1])["settings"]) == len(NAMES)


def test_without_certificates_a_server_does_not_start_and_a_worker_does() -> None:
    assert run()[0] == 1
    assert run("--worker")[0] == 0


@pytest.mark.parametrize("address", ["0.0.0.0", ":8443", "host:", "::1:8443", "[::1]", "a b:1"])
@pytest.mark.parametrize("name", ["SERVER__ADDRESS", "SERVER__METRICS_ADDRESS", "PAGES__ADDRESS"])
def test_an_address_has_a_host_and_a_port(name: str, address: str) -> None:
    code, said = run("--json", **CERTIFIED, **{f"PRIVACY_{name}": address})
    assert code == 1
    assert name.lower().replace("__", ".") in said


def test_an_address_that_cannot_be_had_is_named() -> None:
    app = Starlette()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        for serve in (
            lambda: Metrics().serve(address),
            lambda: serving(app, address, certificate=None, private_key=None).__enter__(),
        ):
            with pytest.raises(PrivacyError) as caught:
                serve()
            assert caught.value.reason is SETTINGS_INVALID
            assert caught.value.details["address"] == address
            assert "in use" in str(caught.value.details["says"])


@pytest.mark.parametrize("address", ["127.0.0.1:0", "[::1]:8443", "[::]:1", "privacy.example:443"])
def test_an_address_may_be_a_name_or_of_either_version(address: str) -> None:
    assert run(**CERTIFIED, PRIVACY_SERVER__ADDRESS=address)[0] == 0


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ({"smtp_address": "mail.example:25"}, "needs a sender"),
        (
            {"smtp_address": "mail.example:25", "sender": "a@b.example",
             "smtp_security": "loopback"},
            "on this machine alone",
        ),
    ],
)  # fmt: skip
def test_a_mail_server_through_which_nothing_could_be_mailed_is_refused(
    said: dict[str, str], says: str
) -> None:
    with pytest.raises(ValidationError, match=says):
        NoticeSettings.model_validate(said)
    NoticeSettings(smtp_address="127.0.0.1:25", sender="a@b.example", smtp_security="loopback")
