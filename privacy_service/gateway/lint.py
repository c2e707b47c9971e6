"""Where a configuration of Envoy's would let something pass the gateway, or would never work."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError

from privacy_service.errors import PrivacyError
from privacy_service.gateway.route import KEYS, PREFIX, Half, Way, read_route

_FILTER: Final = "envoy.extensions.filters.http.ext_proc.v3.ExternalProcessor"
_PER_ROUTE: Final = "envoy.extensions.filters.http.ext_proc.v3.ExtProcPerRoute"
_SEEN_WHOLE: Final = ("BUFFERED", "FULL_DUPLEX_STREAMED")
_SECONDS: Final = re.compile(r"(\d+(?:\.\d+)?)s")
_LEAST_SECONDS: Final = 1.0


class Level(StrEnum):
    """How bad it is."""

    OPEN = "open"
    """Something passes that nobody has looked at."""
    CLOSED = "closed"
    """Nothing passes."""
    NOTE = "note"
    """It may be meant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvoyFault:
    """What is wrong, in which line (from 1), and what to do."""

    level: Level
    line: int
    says: str
    remedy: str


def faults_of(text: str) -> tuple[EnvoyFault, ...]:
    """What is wrong with the configuration (YAML or JSON), in the order of its lines.

    A configuration without the gateway's filter has one fault, which says so; so has one that is
    not YAML.
    """
    try:
        tree = YAML(typ="rt").load(text)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = 1 if mark is None else mark.line + 1
        return (_closed(line, "This is not YAML.", "Mend it."),)
    managers = [one for one in _maps(tree) if _filters(one)]
    if not managers:
        remedy = "Give the filter envoy.filters.http.ext_proc to a http_connection_manager."
        return (_open(1, "Nothing in it goes through the gateway.", remedy),)
    found = [fault for manager in managers for fault in _of_manager(manager)]
    return tuple(sorted(set(found), key=lambda fault: (fault.line, fault.says)))


def _of_manager(manager: CommentedMap) -> Iterator[EnvoyFault]:
    for name, config in _filters(manager):
        if manager.get("http_filters") is None:
            continue
        yield from _of_filter(config)
        base = _metadata((config.get("grpc_service") or {}).get("initial_metadata"))
        modes = config.get("processing_mode") or {}
        routes = list(_routes(manager.get("route_config"), name, ()))
        if not routes and base:  # they come from elsewhere
            yield from _of_route(config, base, modes)
        for said in routes:
            yield from _of_overrides(config, said, base, modes)


def _of_filter(config: CommentedMap) -> Iterator[EnvoyFault]:
    if config.get("failure_mode_allow"):
        yield _open(
            _line(config, "failure_mode_allow"),
            "Everything passes when the service can't be reached (failure_mode_allow).",
            "Set it to false.",
        )
    if config.get("observability_mode"):
        yield _open(
            _line(config, "observability_mode"),
            "Everything passes: Envoy only shows it (observability_mode).",
            "Set it to false.",
        )
    if config.get("disable_immediate_response"):
        yield _closed(
            _line(config, "disable_immediate_response"),
            "Whoever is refused is not told why (disable_immediate_response).",
            "Set it to false.",
        )
    if config.get("forward_rules"):
        yield _closed(
            _line(config, "forward_rules"),
            "The gateway does not see all headers (forward_rules).",
            "Leave it out.",
        )
    seconds = _SECONDS.fullmatch(str(config.get("message_timeout", "0.2s")))
    if seconds is None or float(seconds[1]) < _LEAST_SECONDS:
        yield _closed(
            _line(config, "message_timeout"),
            "Envoy waits too short a time for a decision (message_timeout; unset it is 0.2 s).",
            "Set it to some seconds: 10s.",
        )


def _of_overrides(
    config: CommentedMap,
    said: Sequence[CommentedMap],
    base: Mapping[str, str],
    modes: Mapping[str, Any],
) -> Iterator[EnvoyFault]:
    """Of one route: what is said of it, the more special behind the more general."""
    if said and said[-1].get("disabled"):
        yield EnvoyFault(
            level=Level.NOTE,
            line=_line(said[-1], "disabled"),
            says="What goes by this route does not go through the gateway (disabled).",
            remedy="Leave it so only where no personal data goes by it.",
        )
        return
    at, metadata = config, dict(base)
    for overrides in (one.get("overrides") for one in said):
        if not isinstance(overrides, CommentedMap):
            continue
        if overrides.get("failure_mode_allow"):
            yield _open(
                _line(overrides, "failure_mode_allow"),
                "Everything passes when the service can't be reached (failure_mode_allow).",
                "Set it to false.",
            )
        at = overrides
        metadata |= _metadata(overrides.get("grpc_initial_metadata"))
        modes = overrides.get("processing_mode") or modes
    yield from _of_route(at, metadata, modes)


def _of_route(
    at: CommentedMap, metadata: Mapping[str, str], modes: Mapping[str, Any]
) -> Iterator[EnvoyFault]:
    line = _line(at, "grpc_initial_metadata")
    try:
        route = read_route(metadata.items())
    except PrivacyError as error:
        keys = ", ".join(PREFIX + key for key in KEYS)
        yield _closed(
            line,
            f"The route's metadata is no route: see {error.details['key']}.",
            f"The keys are {keys} (docs/gateway.md).",
        )
        return
    at_modes = _line(at, "processing_mode")
    if modes.get("request_header_mode") == "SKIP":
        yield _closed(at_modes, "Requests' headers are not shown.", "request_header_mode: SEND")
    for half in Half:
        if route.way(half) is Way.PASS:
            continue
        name = f"{half.value}_body_mode"
        if modes.get(name, "NONE") not in _SEEN_WHOLE:
            yield _closed(at_modes, f"{name} does not show the whole body.", f"{name}: BUFFERED")
        if half is Half.RESPONSE and modes.get("response_header_mode") == "SKIP":
            remedy = "response_header_mode: SEND"
            yield _closed(at_modes, "Responses' headers are not shown.", remedy)


# -- The tree ---------------------------------------------------------------------------------


def _filters(node: CommentedMap) -> list[tuple[str, CommentedMap]]:
    """The gateway's filters in a http_connection_manager, by name."""
    found = []
    for one in node.get("http_filters") or ():
        config = one.get("typed_config") if isinstance(one, CommentedMap) else None
        if isinstance(config, CommentedMap) and _is(config, _FILTER):
            found.append((str(one.get("name")), config))
    return found


def _routes(
    node: object, name: str, said: tuple[CommentedMap, ...]
) -> Iterator[tuple[CommentedMap, ...]]:
    """For each route, what is said of a filter on the way to it. Envoy puts it together so: what is
    said of a route stands over what is said of its host, key by key in the metadata.
    """
    if isinstance(node, CommentedSeq):
        for item in node:
            yield from _routes(item, name, said)
    if not isinstance(node, CommentedMap):
        return
    per_filter = node.get("typed_per_filter_config")
    per_route = per_filter.get(name) if isinstance(per_filter, CommentedMap) else None
    if isinstance(per_route, CommentedMap) and _is(per_route, _PER_ROUTE):
        said = (*said, per_route)
    if "match" in node:
        yield said
        return
    for key in ("virtual_hosts", "routes"):
        yield from _routes(node.get(key), name, said)


def _metadata(values: object) -> dict[str, str]:
    if not isinstance(values, CommentedSeq):
        return {}
    return {str(one.get("key")): str(one.get("value")) for one in values if hasattr(one, "get")}


def _is(config: CommentedMap, kind: str) -> bool:
    return str(config.get("@type", "")).endswith(f"/{kind}")


def _maps(node: object) -> Iterator[CommentedMap]:
    """Every mapping below and at the node."""
    if isinstance(node, CommentedMap):
        yield node
        for value in node.values():
            yield from _maps(value)
    elif isinstance(node, CommentedSeq):
        for item in node:
            yield from _maps(item)


def _line(node: CommentedMap, key: str) -> int:
    """The line of the key, or that of the mapping where it has none."""
    try:
        return int(node.lc.key(key)[0]) + 1
    except (KeyError, TypeError):
        return int(node.lc.line or 0) + 1


def _open(line: int, says: str, remedy: str) -> EnvoyFault:
    return EnvoyFault(level=Level.OPEN, line=line, says=says, remedy=remedy)


def _closed(line: int, says: str, remedy: str) -> EnvoyFault:
    return EnvoyFault(level=Level.CLOSED, line=line, says=says, remedy=remedy)
