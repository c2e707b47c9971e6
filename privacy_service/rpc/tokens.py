"""Bearer tokens: JSON Web Tokens (RFC 7519) of one issuer, for this service.

Only asymmetric signatures are accepted, whatever a token's header says, and only by keys from a
local file: no key is fetched, and no public key can be taken for an HMAC secret (RFC 8725, 3.1).
"""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwa import JWSAlgModel
from joserfc.jwk import ECKey, Key, KeySet, OctKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from privacy_service import errors
from privacy_service.access import Caller, Role, is_partner_name
from privacy_service.clock import Clock
from privacy_service.errors import PrivacyError
from privacy_service.rpc.watched import Watched

ALGORITHMS: Final = ("Ed25519", "EdDSA", "ES256", "RS256")
"""RFC 9864 renames EdDSA over Ed25519 to Ed25519; issuers write either."""

_KEY_TYPES: Final[Mapping[type, type[Key]]] = {
    Ed25519PublicKey: OKPKey,
    EllipticCurvePublicKey: ECKey,
    RSAPublicKey: RSAKey,
}
_LEAST_RSA_BITS: Final = 2048
_REMEMBERED: Final = 1024


class _PinnedAlgorithms(JWSRegistry):
    """The four algorithms, and no word about which of their names is the newer one."""

    def __init__(self) -> None:
        # Header parameters that we do not know are ignored (RFC 7515, 4); critical ones are not.
        super().__init__(algorithms=ALGORITHMS, strict_check_header=False)

    def get_alg(self, name: str) -> JWSAlgModel:
        if name not in ALGORITHMS:
            raise JoseError("the algorithm is not one that is accepted")
        return self.algorithms[name]


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRules:
    """What a token must say. `leeway` forgives that many seconds of clock difference."""

    issuer: str
    audience: str
    leeway: int = 30

    def __post_init__(self) -> None:
        if not (self.issuer and self.audience):
            raise PrivacyError(errors.SETTINGS_INVALID, setting="identity.token_issuer")


class Tokens:
    """Who bearers are.

    A token names its subject (`sub`), its roles (`roles`, those unknown here are nothing) and, for
    those who act for one, its partner (`partner`). `exp` is required. A token that was verified is
    remembered by its digest until it expires or the keys change. Thread-safe.
    """

    def __init__(self, keys: Watched[KeySet], rules: TokenRules, clock: Clock) -> None:
        self._keys = keys
        self._rules = rules
        self._clock = clock
        self._registry = _PinnedAlgorithms()
        self._lock = Lock()
        self._seen_under: KeySet | None = None
        self._seen: OrderedDict[bytes, tuple[Caller, float]] = OrderedDict()

    def caller(self, token: str) -> Caller:
        """Whom the token names. Raises TOKEN_INVALID."""
        keys = self._keys.current()
        now = self._clock.now().timestamp()
        digest = hashlib.sha256(token.encode("utf-8", "replace")).digest()
        caller = self._remembered(digest, keys, now)
        if caller is None:
            caller, expires = self._verified(token, keys, now)
            self._remember(digest, keys, caller, expires)
        return caller

    def _verified(self, token: str, keys: KeySet, now: float) -> tuple[Caller, float]:
        try:
            claims = jwt.decode(token, keys, registry=self._registry).claims
            self._claims_registry(now).validate(claims)
            return _caller(claims), float(claims["exp"]) + self._rules.leeway
        except (JoseError, ValueError, TypeError, KeyError, OverflowError):
            # joserfc raises its own errors for what it looks at, and these for what it trips over.
            raise PrivacyError(errors.TOKEN_INVALID) from None

    def _claims_registry(self, now: float) -> jwt.JWTClaimsRegistry:
        return jwt.JWTClaimsRegistry(
            now=int(now),
            leeway=self._rules.leeway,
            iss={"essential": True, "value": self._rules.issuer},
            aud={"essential": True, "value": self._rules.audience},
            exp={"essential": True},
            sub={"essential": True},
        )

    def _remembered(self, digest: bytes, keys: KeySet, now: float) -> Caller | None:
        with self._lock:
            if keys is not self._seen_under:
                self._seen.clear()
                self._seen_under = keys
            caller, expires = self._seen.get(digest, (None, 0.0))
        return caller if now < expires else None

    def _remember(self, digest: bytes, keys: KeySet, caller: Caller, expires: float) -> None:
        with self._lock:
            if keys is self._seen_under:
                self._seen[digest] = (caller, expires)
                if len(self._seen) > _REMEMBERED:
                    self._seen.popitem(last=False)


def load_token_keys(path: Path) -> KeySet:
    """The public keys in a JWKS file (RFC 7517) or of one PEM public key.

    Raises ValueError for a file that holds a secret or a kind of key that is not accepted.
    """
    content = path.read_bytes()
    try:
        keys = _jwks(content) if content.lstrip().startswith(b"{") else [_pem(content)]
    except (JoseError, KeyError, TypeError) as error:
        raise ValueError("the file holds no set of public keys") from error
    for key in keys:
        _require_public(key)
    return KeySet(keys)


def _jwks(content: bytes) -> list[Key]:
    return list(KeySet.import_key_set(json.loads(content)).keys)


def _pem(content: bytes) -> Key:
    public = load_pem_public_key(content)
    for kind, key_type in _KEY_TYPES.items():
        if isinstance(public, kind):
            return key_type.import_key(content)
    raise ValueError("the key is of a kind that is not accepted")


def _require_public(key: Key) -> None:
    if isinstance(key, OctKey) or key.is_private:
        raise ValueError("the file holds a secret key; it should hold public keys only")
    raw = key.raw_value
    if isinstance(raw, RSAPublicKey) and raw.key_size < _LEAST_RSA_BITS:
        raise ValueError("the RSA key is too short")


def _caller(claims: Mapping[str, object]) -> Caller:
    """Raises ValueError for claims that name nobody."""
    name, partner, roles = claims["sub"], claims.get("partner"), claims.get("roles", [])
    if not isinstance(name, str) or not name or not isinstance(roles, list):
        raise ValueError("sub or roles")
    if partner is not None and not (isinstance(partner, str) and is_partner_name(partner)):
        raise ValueError("partner")
    known = frozenset(Role(role) for role in roles if role in Role.__members__.values())
    if Role.PARTNER in known and partner is None:
        raise ValueError("the partner role is somebody's")
    return Caller(name=name, partner=partner, roles=known)
