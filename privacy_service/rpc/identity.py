"""Who calls: by the client certificate that TLS accepted, by a bearer token, or by both.

A certificate names a partner by its SPIFFE id (URI SAN) or by a DNS SAN. TLS has checked that an
accepted authority issued it; that it has neither expired nor been revoked is checked again at each
call, because a connection outlives its handshake. A token names a subject and its roles. Where both
name somebody they must name the same partner. Whoever is not known is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Final, Protocol, cast

import grpc
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256

from privacy_service import errors
from privacy_service.access import Caller, Role, is_partner_name
from privacy_service.breaches.quarantine import Shown
from privacy_service.clock import Clock
from privacy_service.errors import PrivacyError
from privacy_service.rpc.tokens import Tokens

_PLACEHOLDER: Final = "{partner}"


class Identify(Protocol):
    """Tells who calls, from the transport and the metadata of a call."""

    def __call__(self, context: grpc.ServicerContext, /) -> Caller:
        """Raises CALLER_UNKNOWN, TOKEN_INVALID, CERTIFICATE_REVOKED."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateNames:
    """Which names in certificates are which partners.

    `uri` is a pattern of URI SANs (`spiffe://example.org/partner/{partner}`), `dns` one of DNS
    SANs (`{partner}.partners.example.org`; one label), `dns_partners` a table of DNS SANs.
    """

    uri: str | None = None
    dns: str | None = None
    dns_partners: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for pattern in (self.uri, self.dns):
            if pattern is not None and pattern.count(_PLACEHOLDER) != 1:
                raise PrivacyError(errors.SETTINGS_INVALID, setting="identity", pattern=pattern)
        for partner in self.dns_partners.values():
            if not is_partner_name(partner):
                raise PrivacyError(errors.SETTINGS_INVALID, setting="identity.dns_partners")

    def of_uri(self, name: str) -> str | None:
        """The partner that a URI SAN names."""
        return _extracted(self.uri, name, "[^/]+")

    def of_dns(self, name: str) -> str | None:
        """The partner that a DNS SAN names; letter case does not matter (RFC 4343)."""
        name = name.lower()
        listed = {key.lower(): partner for key, partner in self.dns_partners.items()}
        return listed.get(name) or _extracted(self.dns, name, "[^.]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Certified:
    """Whom a certificate names, None where it is no partner, and until when."""

    caller: Caller | None
    not_after: datetime
    shown: Shown


class RequireNotRevoked(Protocol):
    """Asks whether a certificate was revoked: at each call, on whatever replica it was."""

    def __call__(self, certificate: Shown, /) -> None:
        """Raises CERTIFICATE_REVOKED, and what asking raises."""
        ...


class Identity:
    """Tells callers by certificate and token. Without `tokens`, no token is accepted."""

    def __init__(
        self,
        names: CertificateNames,
        tokens: Tokens | None,
        clock: Clock,
        require_not_revoked: RequireNotRevoked,
    ) -> None:
        self._names = names
        self._tokens = tokens
        self._clock = clock
        self._require_not_revoked = require_not_revoked
        # A partner's calls come with the same certificate for weeks.
        self._read_once = lru_cache(maxsize=1024)(self._read)

    def __call__(self, context: grpc.ServicerContext, /) -> Caller:
        # The stubs say bytes; the values are sequences of them.
        auth = cast("Mapping[str, Sequence[bytes]]", context.auth_context())
        certified = self._certified(auth)
        bearer = self._bearer(context.invocation_metadata())
        if certified is None and bearer is None:
            raise PrivacyError(errors.CALLER_UNKNOWN)
        return _joined(certified, bearer)

    def _certified(self, auth: Mapping[str, Sequence[bytes]]) -> Caller | None:
        """Whom the certificate names; None where there is none, or it names no partner."""
        pem = auth.get("x509_pem_cert")
        if not pem:
            return None
        certified = self._read_once(bytes(pem[0]))
        if certified.not_after <= self._clock.now():
            raise PrivacyError(errors.CALLER_UNKNOWN, certificate="expired")
        self._require_not_revoked(certified.shown)
        return certified.caller

    def _read(self, pem: bytes) -> _Certified:
        """Raises CALLER_UNKNOWN for a certificate that contradicts itself."""
        certificate = x509.load_pem_x509_certificate(pem)
        named = self._named(certificate)
        partners = set(named.values())
        if len(partners) > 1:
            raise PrivacyError(errors.CALLER_UNKNOWN, certificate="names several partners")
        caller = None
        if partners:
            name, partner = next(iter(named.items()))
            caller = Caller(name=name, partner=partner, roles=frozenset({Role.PARTNER}))
        shown = Shown(
            sha256=certificate.fingerprint(SHA256()).hex(),
            valid_from=certificate.not_valid_before_utc,
            partner=caller.partner if caller else None,
        )
        return _Certified(caller=caller, not_after=certificate.not_valid_after_utc, shown=shown)

    def _named(self, certificate: x509.Certificate) -> dict[str, str]:
        """The certificate's names that are partners', and whose."""
        try:
            names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
        except x509.ExtensionNotFound:
            return {}
        uris = names.value.get_values_for_type(x509.UniformResourceIdentifier)
        if len(uris) > 1:  # an X.509-SVID has exactly one (SPIFFE X509-SVID, 2)
            raise PrivacyError(errors.CALLER_UNKNOWN, certificate="has several URI names")
        found = {uri: self._names.of_uri(uri) for uri in uris}
        dns = names.value.get_values_for_type(x509.DNSName)
        found |= {name: self._names.of_dns(name) for name in dns}
        return {name: partner for name, partner in found.items() if partner is not None}

    def _bearer(self, metadata: Sequence[tuple[str, str | bytes]]) -> Caller | None:
        """Whom the token names; None where there is none."""
        sent = [value for key, value in metadata if key == "authorization"]
        if not sent:
            return None
        scheme, _, token = str(sent[0]).partition(" ")
        if self._tokens is None or len(sent) > 1 or scheme.lower() != "bearer":
            raise PrivacyError(errors.TOKEN_INVALID)
        return self._tokens.caller(token.strip())


def _joined(certified: Caller | None, bearer: Caller | None) -> Caller:
    """One caller of the two: the token's person, with the roles of both.

    The certificate's role is no more than its holder has without the token.
    """
    if certified is None or bearer is None:
        return certified or bearer  # type: ignore[return-value]  # one of them is there
    if certified.partner != bearer.partner:
        raise PrivacyError(
            errors.CALLER_UNKNOWN,
            certificate="names another partner than the token, or the token names none",
        )
    return Caller(name=bearer.name, partner=bearer.partner, roles=certified.roles | bearer.roles)


def _extracted(pattern: str | None, name: str, part: str) -> str | None:
    """What stands in `name` where the pattern has its placeholder, if that can be a partner."""
    if pattern is None:
        return None
    before, after = pattern.split(_PLACEHOLDER)
    found = re.fullmatch(f"{re.escape(before)}({part}){re.escape(after)}", name)
    return found[1] if found is not None and is_partner_name(found[1]) else None
