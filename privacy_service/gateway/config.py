"""A configuration of Envoy's for one partner, to start from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from privacy_service.gateway.route import PREFIX, Half, Query, Route, Way

_EXTENSIONS: Final = "type.googleapis.com/envoy.extensions"
_EXT_PROC: Final = "envoy.filters.http.ext_proc"
_ROOTS: Final = "/etc/ssl/certs/ca-certificates.crt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A host and a port."""

    host: str
    port: int

    @classmethod
    def of(cls, address: str) -> Place:
        """Of `host:port`. Raises ValueError."""
        host, colon, port = address.rpartition(":")
        if not (host and colon and port.isdigit()):
            raise ValueError("an address is host:port")
        return cls(host=host.strip("[]"), port=int(port))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sidecar:
    """What the Envoy of one partner is to do: where it listens, where what it lets go on goes (over
    TLS unless `plain`), and how it reaches the service.
    """

    route: Route
    listen: Place
    upstream: Place
    service: Place
    authority: Path
    certificate: Path
    private_key: Path
    service_name: str
    """The DNS name in the service's certificate."""
    plain: bool = False
    body_bytes: int = 12 * 1024 * 1024
    decision_seconds: int = 10


def envoy_config(sidecar: Sidecar) -> dict[str, Any]:
    """The configuration, as `envoy -c` reads it once it is written as YAML or JSON."""
    return {
        "static_resources": {
            "listeners": [_listener(sidecar)],
            "clusters": [_service(sidecar), _upstream(sidecar)],
        }
    }


def _listener(sidecar: Sidecar) -> dict[str, Any]:
    manager = {
        "@type": f"{_EXTENSIONS}.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "gateway",
        "preserve_external_request_id": True,
        "http_filters": [
            {"name": _EXT_PROC, "typed_config": _filter(sidecar)},
            {
                "name": "envoy.filters.http.router",
                "typed_config": {
                    "@type": f"{_EXTENSIONS}.filters.http.router.v3.Router",
                    "suppress_envoy_headers": True,
                },
            },
        ],
        "route_config": {
            "virtual_hosts": [
                {
                    "name": "counterparty",
                    "domains": ["*"],
                    "routes": [{"match": {"prefix": "/"}, "route": {"cluster": "counterparty"}}],
                }
            ]
        },
    }
    name = "envoy.filters.network.http_connection_manager"
    return {
        "name": "gateway",
        "address": _address(sidecar.listen),
        "per_connection_buffer_limit_bytes": sidecar.body_bytes,
        "filter_chains": [{"filters": [{"name": name, "typed_config": manager}]}],
    }


def _filter(sidecar: Sidecar) -> dict[str, Any]:
    modes = {
        f"{half.value}_body_mode": "NONE" if sidecar.route.way(half) is Way.PASS else "BUFFERED"
        for half in Half
    }
    return {
        "@type": f"{_EXTENSIONS}.filters.http.ext_proc.v3.ExternalProcessor",
        "grpc_service": {
            "envoy_grpc": {"cluster_name": "privacy_service"},
            "initial_metadata": [
                {"key": key, "value": value} for key, value in _said(sidecar.route).items()
            ],
        },
        "failure_mode_allow": False,
        "status_on_error": {"code": 503},
        "message_timeout": f"{sidecar.decision_seconds}s",
        "processing_mode": {"request_header_mode": "SEND", "response_header_mode": "SEND", **modes},
    }


def _said(route: Route) -> dict[str, str]:
    said = {
        "partner": route.partner,
        "counterparty": route.counterparty,
        "request": route.request.value,
        "response": route.response.value,
        "purpose": route.purpose,
        "use-case": route.use_case,
        "query": None if route.query is Query.REFUSE else route.query.value,
    }
    return {PREFIX + key: value for key, value in said.items() if value is not None}


def _service(sidecar: Sidecar) -> dict[str, Any]:
    http = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
    files = {
        "certificate_chain": {"filename": str(sidecar.certificate)},
        "private_key": {"filename": str(sidecar.private_key)},
    }
    name = {"san_type": "DNS", "matcher": {"exact": sidecar.service_name}}
    context = {
        "alpn_protocols": ["h2"],
        "tls_certificates": [files],
        "validation_context": {
            "trusted_ca": {"filename": str(sidecar.authority)},
            "match_typed_subject_alt_names": [name],
        },
    }
    return _cluster("privacy_service", sidecar.service) | {
        "typed_extension_protocol_options": {
            http: {
                "@type": f"type.googleapis.com/{http}",
                "explicit_http_config": {"http2_protocol_options": {}},
            }
        },
        "transport_socket": _tls({"sni": sidecar.service_name, "common_tls_context": context}),
    }


def _upstream(sidecar: Sidecar) -> dict[str, Any]:
    cluster = _cluster("counterparty", sidecar.upstream)
    if sidecar.plain:
        return cluster
    roots = {"validation_context": {"trusted_ca": {"filename": _ROOTS}}}
    checked = {"auto_host_sni": True, "auto_sni_san_validation": True}
    return cluster | {"transport_socket": _tls(checked | {"common_tls_context": roots})}


def _cluster(name: str, place: Place) -> dict[str, Any]:
    endpoint = {"endpoint": {"address": _address(place)}}
    return {
        "name": name,
        "type": "STRICT_DNS",
        "connect_timeout": "2s",
        "load_assignment": {"cluster_name": name, "endpoints": [{"lb_endpoints": [endpoint]}]},
    }


def _tls(context: dict[str, Any]) -> dict[str, Any]:
    kind = f"{_EXTENSIONS}.transport_sockets.tls.v3.UpstreamTlsContext"
    return {
        "name": "envoy.transport_sockets.tls",
        "typed_config": {"@type": kind, **context},
    }


def _address(place: Place) -> dict[str, Any]:
    return {"socket_address": {"address": place.host, "port_value": place.port}}
