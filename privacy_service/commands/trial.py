"""A trial set-up below one folder: its own authority, keyring and database, and mTLS for partners.

What `serve --demo`, `demo` and the tests have in common. Not a deployment: the authority is made
anew every time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from joserfc import jwt
from joserfc.jwk import OKPKey

from privacy_service.commands.dev_certificates import CertificateFiles, DevAuthority
from privacy_service.settings import (
    DatabaseSettings,
    DetectionSettings,
    Settings,
    load,
)

TRUST_DOMAIN = "demo.example"
ISSUER = "https://login.demo.example"
ORIGIN = "demo.example/audit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """Where everything of a trial is, and the settings to run it with."""

    folder: Path
    settings: Settings
    partners: dict[str, CertificateFiles]
    authority: Path
    officer_token: Path
    second_officer_token: Path
    auditor_token: Path
    operator_token: Path


def set_up(
    folder: Path,
    partners: list[str],
    *,
    address: str = "127.0.0.1:0",
    people: str = "127.0.0.1:0",
    detection: DetectionSettings | None = None,
    database: str | None = None,
    log_level: str = "warning",
) -> Trial:
    """Makes certificates and tokens below `folder`, and settings that use them. What is not the
    trial's own is as the environment says.

    Keyring and database stay from an earlier trial in the same folder.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    now = datetime.now(UTC)
    authority = DevAuthority(folder / "tls", now=now)
    server = authority.server()
    issued = {partner: authority.partner(partner, TRUST_DOMAIN) for partner in partners}
    signing = OKPKey.generate_key("Ed25519")
    public = folder / "tls" / "token-key.pem"
    public.write_bytes(signing.as_pem(private=False))
    settings = load(
        server={
            "address": address,
            "certificate": server.certificate,
            "private_key": server.private_key,
            "client_ca": server.authority,
            "token_address": people,
            "drain_seconds": 2.0,
        },
        identity={
            "trust_domain": TRUST_DOMAIN,
            "token_keys": public,
            "token_issuer": ISSUER,
        },
        database=DatabaseSettings(url=database or f"sqlite:///{folder / 'privacy.sqlite'}"),
        keys={"provider": f"file:{folder / 'keyring.json'}", "create": True},
        evidence={"origin": ORIGIN},
        log={"level": log_level},
        **({} if detection is None else {"detection": detection}),
    )
    return Trial(
        folder=folder,
        settings=settings,
        partners=issued,
        authority=server.authority,
        officer_token=_token(folder, signing, "officer", now),
        second_officer_token=_token(folder, signing, "officer", now, name="second-officer"),
        auditor_token=_token(folder, signing, "auditor", now),
        operator_token=_token(folder, signing, "operator", now),
    )


def _token(folder: Path, key: OKPKey, role: str, now: datetime, *, name: str | None = None) -> Path:
    claims = {
        "iss": ISSUER,
        "aud": "privacy-service",
        "sub": f"{name or role}@demo.example",
        "roles": [role],
        "iat": int(now.timestamp()),
        "exp": int((now + timedelta(days=1)).timestamp()),
    }
    path = folder / "tls" / f"{name or role}.jwt"
    path.touch(mode=0o600)
    path.write_text(jwt.encode({"alg": "Ed25519"}, claims, key, algorithms=["Ed25519"]), "ascii")
    return path
