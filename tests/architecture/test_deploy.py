"""What is in `deploy/` is about this service: its settings, its ports, its metrics, its runbook."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from privacy_service.app.watching import DATES, NAMES
from privacy_service.errors import REASONS
from privacy_service.metrics import Metrics
from privacy_service.settings import AllSettings
from retention.figures import Figures
from retention.registry import all_jobs

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
OPERATING = (ROOT / "docs/operating.md").read_text("utf-8")


def settings() -> set[str]:
    return {
        f"PRIVACY_{group}__{name}".upper()
        for group, field in AllSettings.model_fields.items()
        for name in field.annotation.model_fields  # type: ignore[union-attr]
    }


def documents(pattern: str) -> Iterator[dict[str, Any]]:
    for path in sorted(DEPLOY.glob(pattern)):
        yield from filter(None, yaml.safe_load_all(path.read_text("utf-8")))


@pytest.mark.parametrize(
    "path",
    [
        *DEPLOY.glob("kubernetes/*/*.env"),
        *DEPLOY.glob("kubernetes/*/*.yaml"),
        DEPLOY / "compose.yaml",
    ],
    ids=lambda path: str(path.relative_to(DEPLOY)),
)
def test_every_setting_is_one(path: Path) -> None:
    named = set(
        re.findall(r"^\s*(?:- \{name: )?(PRIVACY_\w+__\w+)", path.read_text("utf-8"), re.MULTILINE)
    )
    assert named <= settings()


def alerts() -> list[dict[str, Any]]:
    (group,) = yaml.safe_load((DEPLOY / "prometheus/alerts.yaml").read_text("utf-8"))["groups"]
    return group["rules"]  # type: ignore[no-any-return]


def exported() -> set[str]:
    """The names of every metric, as Prometheus stores them."""
    metrics, figures = Metrics(), Figures()
    metrics.watch(lambda: dict.fromkeys(("warm", "waiting", "lost"), 0))
    metrics.registry.register(figures)
    names = {"up", *NAMES, *DATES}
    for family in metrics.registry.collect():
        suffixes = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum")}
        names |= {family.name + suffix for suffix in suffixes.get(family.type, ("",))}
    return names


@pytest.mark.parametrize("alert", alerts(), ids=lambda alert: alert["alert"])
def test_an_alert_is_about_what_there_is_and_has_its_runbook(alert: dict[str, Any]) -> None:
    expression = alert["expr"]
    assert set(re.findall(r"\b(privacy_\w+|up)\b(?=[{\[ ])", expression)) <= exported()
    for words in re.findall(r'reason=~?"([^"]+)"', expression):
        for word in words.split("|"):
            assert any(re.fullmatch(word, reason) for reason in REASONS), word
    for job in re.findall(r'exported_job="([^"]+)"', expression):
        assert job in {each.name for each in all_jobs()}
    page, _, anchor = alert["annotations"]["runbook"].partition("#")
    assert (page, anchor) == ("docs/operating.md", alert["alert"].lower())
    assert f"\n### {alert['alert']}\n" in OPERATING


def test_ports_are_the_same_everywhere() -> None:
    pod = next(d for d in documents("kubernetes/base/service.yaml") if d["kind"] == "Deployment")
    (container,) = pod["spec"]["template"]["spec"]["containers"]
    ports = {each["name"]: each["containerPort"] for each in container["ports"]}
    (envoy,) = documents("envoy/envoy.yaml")
    for cluster in envoy["static_resources"]["clusters"]:
        (group,) = cluster["load_assignment"]["endpoints"]
        (found,) = (one["endpoint"] for one in group["lb_endpoints"])
        assert found["address"]["socket_address"]["port_value"] == ports[cluster["name"]]
        assert found["health_check_config"]["port_value"] == ports["probe"]
    (compose,) = documents("compose.yaml")
    served = compose["services"]["service"]["environment"]
    assert served["PRIVACY_SERVER__ADDRESS"] == f"0.0.0.0:{ports['partners']}"
    assert served["PRIVACY_SERVER__TOKEN_ADDRESS"] == f"0.0.0.0:{ports['people']}"
    assert served["PRIVACY_SERVER__PROBE_ADDRESS"] == f"0.0.0.0:{ports['probe']}"
    assert served["PRIVACY_PAGES__ADDRESS"] == f"0.0.0.0:{ports['pages']}"
    listeners = {
        each["name"]: each["address"]["socket_address"]["port_value"]
        for each in envoy["static_resources"]["listeners"]
    }
    assert listeners == {name: ports[name] for name in ("partners", "people", "pages")}
    published = compose["services"]["envoy"]["ports"]
    assert published == [f"{port}:{port}" for port in listeners.values()]
    services = [d for d in documents("kubernetes/base/service.yaml") if d["kind"] == "Service"]
    assert {one["targetPort"] for each in services for one in each["spec"]["ports"]} <= set(ports)


@pytest.mark.parametrize("name", ["migrate", "service", "worker"])
def test_pods_run_as_nobody_and_can_write_nowhere(name: str) -> None:
    for found in documents(f"kubernetes/base/{name}.yaml"):
        if found["kind"] == "Service":
            continue
        pod = found["spec"]["template"]["spec"]
        assert pod["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        (container,) = pod["containers"]
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        mounted = {m["name"] for m in container["volumeMounts"] if not m.get("readOnly")}
        assert mounted == {"tmp"}
        assert not any(
            "value" in each and "PASSWORD=" in each["value"] for each in container["env"]
        )


def test_nothing_leaves_but_by_a_policy() -> None:
    policies = [d for d in documents("kubernetes/*/*.yaml") if d["kind"] == "NetworkPolicy"]
    deny = next(d for d in policies if d["metadata"]["name"] == "privacy-default-deny")
    assert set(deny["spec"]["policyTypes"]) == {"Ingress", "Egress"}
    assert "egress" not in deny["spec"]
    for policy in policies:
        for rule in policy["spec"].get("egress", []):
            assert rule["to"], "a way out says where to"
            assert rule["ports"], "and by which port"
