"""Who is signed in: a random cookie here stands for the bearer token that every call carries.

Tokens stay in the memory of this process and end with it. A session ends with its token, after
eight hours, or after half an hour in which nothing was asked.
"""

from __future__ import annotations

import hmac
import json
import threading
from base64 import urlsafe_b64decode
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

LONGEST: Final = timedelta(hours=8)
IDLE: Final = timedelta(minutes=30)
_MOST: Final = 1_000
"""Sessions; the one that was idle longest makes room."""


@dataclass(slots=True, kw_only=True)
class Session:
    """One person, signed in. `name` and `roles` are for show: the service decides by the token."""

    key: str = field(repr=False)
    token: str = field(repr=False)
    secret: str = field(repr=False)
    name: str
    roles: tuple[str, ...]
    ends: datetime
    seen: datetime
    says: str = ""

    def holds(self, secret: str) -> bool:
        """Whether a form came from a page of this session."""
        return hmac.compare_digest(self.secret.encode(), secret.encode())


class Sessions:
    """The sessions of one console. Thread-safe. `draw` gives a fresh random text."""

    def __init__(self, *, now: Callable[[], datetime], draw: Callable[[], str]) -> None:
        self._now = now
        self._draw = draw
        self._lock = threading.Lock()
        self._sessions: OrderedDict[str, Session] = OrderedDict()

    def begin(self, token: str) -> Session:
        """A session for a token that the service has accepted."""
        now, claims = self._now(), claimed(token)
        ends = now + LONGEST
        expires = claims.get("exp")
        if isinstance(expires, int | float):
            ends = min(ends, datetime.fromtimestamp(expires, UTC))
        session = Session(
            key=self._draw(),
            token=token,
            secret=self._draw(),
            name=str(claims.get("sub") or "you"),
            roles=_roles(claims),
            ends=ends,
            seen=now,
        )
        with self._lock:
            while len(self._sessions) >= _MOST:
                self._sessions.popitem(last=False)
            self._sessions[session.key] = session
        return session

    def find(self, key: str) -> Session | None:
        """The session of a cookie, if it has not ended."""
        now = self._now()
        with self._lock:
            session = self._sessions.get(key)
            if session is None:
                return None
            if now >= session.ends or now - session.seen > IDLE:
                del self._sessions[key]
                return None
            session.seen = now
            self._sessions.move_to_end(key)
            return session

    def end(self, key: str) -> None:
        """Signs out."""
        with self._lock:
            self._sessions.pop(key, None)


def claimed(token: str) -> Mapping[str, Any]:
    """What a token says of itself, unproven; nothing for what is no JWT."""
    try:
        part = token.split(".")[1]
        read = json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (IndexError, ValueError):
        return {}
    return read if isinstance(read, dict) else {}


def _roles(claims: Mapping[str, Any]) -> tuple[str, ...]:
    roles = claims.get("roles", ())
    return tuple(str(role) for role in roles) if isinstance(roles, list) else ()
