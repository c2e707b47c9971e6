"""`privacy-service keys`: the keyring, the keys of a running service, and those of recipients."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from privacy_service import errors
from privacy_service.app.keys import keyring_of, move_keys, verifier_key
from privacy_service.app.publishing import log_keys
from privacy_service.app.storage import open_database
from privacy_service.clock import SystemClock
from privacy_service.commands import key_acts
from privacy_service.commands.screen import AsJson, Exit, console, end, print_json, refusing
from privacy_service.errors import PrivacyError
from privacy_service.records.hpke import decrypt, new_recipient_key
from privacy_service.settings import DatabaseSettings, EvidenceSettings, KeySettings

keys = typer.Typer(no_args_is_help=True, help="Keys: of the service, and of recipients.")

Provider = Annotated[
    str,
    typer.Option(
        envvar="PRIVACY_KEYS__PROVIDER", help="file:PATH, pkcs11:URI, transit:URL or awskms:ARN."
    ),
]
Credential = Annotated[
    str | None,
    typer.Option(
        envvar="PRIVACY_KEYS__CREDENTIAL",
        help="The file with its passphrase, PIN or token; credential:NAME for systemd's.",
    ),
]
ServerAuthority = Annotated[
    Path | None,
    typer.Option(
        "--provider-ca",
        envvar="PRIVACY_KEYS__AUTHORITY",
        help="PEM file of the Transit server's authorities.",
    ),
]
DatabaseUrl = Annotated[
    str,
    typer.Option(
        "--database", envvar="PRIVACY_DATABASE__URL", help="Where wrapped secrets are kept."
    ),
]
Origin = Annotated[
    str, typer.Option(envvar="PRIVACY_EVIDENCE__ORIGIN", help="The audit log's name.")
]
_PROVIDER = KeySettings().provider
_DATABASE = DatabaseSettings().url
_ORIGIN = EvidenceSettings().origin


@keys.command()
@refusing
def init(
    provider: Provider = _PROVIDER,
    credential: Credential = None,
    provider_ca: ServerAuthority = None,
    database: DatabaseUrl = _DATABASE,
    origin: Origin = _ORIGIN,
    as_json: AsJson = False,
) -> None:
    """Makes a new keyring: a file (mode 0600), or the service's secrets under an HSM's or key
    service's key. Back it up: what it seals opens with nothing else.

    Example: privacy-service keys init --provider file:/etc/privacy/keyring.json
    """
    if provider.startswith("file:") and Path(provider.removeprefix("file:")).exists():
        raise PrivacyError(errors.KEYRING_EXISTS)
    settings = KeySettings(
        provider=provider, credential=credential, authority=provider_ca, create=True
    )
    there = not provider.startswith("file:") and _are_there(settings, database, origin)
    with keyring_of(settings, DatabaseSettings(url=database), origin, SystemClock()) as made:
        key = verifier_key(made, origin)
    if as_json:
        print_json({"provider": provider, "made": not there, "verifier_key": key})
    else:
        did = "there already:" if there else "made"
        console.print(f"{did} {provider}\nthe audit log's verifier key: {key}", markup=False)


def _are_there(settings: KeySettings, database: str, origin: str) -> bool:
    """Whether the database has secrets under the provider, so that none are to be made."""
    asked = settings.model_copy(update={"create": False})
    try:
        with keyring_of(asked, DatabaseSettings(url=database), origin, SystemClock()):
            return True
    except PrivacyError as error:
        if error.reason is not errors.KEYS_NOT_SET_UP:
            raise
        return False


@keys.command()
@refusing
def verifier(
    provider: Provider = _PROVIDER,
    credential: Credential = None,
    provider_ca: ServerAuthority = None,
    database: DatabaseUrl = _DATABASE,
    origin: Origin = _ORIGIN,
    as_json: AsJson = False,
) -> None:
    """Prints the keys by which others verify what the service signs: the present one first, then
    those that it had before. They are no secret; changes nothing.

    Example: privacy-service keys verifier --provider file:/var/lib/privacy/keyring.json
    """
    settings = KeySettings(provider=provider, credential=credential, authority=provider_ca)
    with keyring_of(settings, DatabaseSettings(url=database), origin, SystemClock()) as ring:
        found = [str(key) for key in log_keys(ring, origin)]
    if as_json:
        print_json({"verifier_keys": found})
    else:
        for key in found:
            console.print(key, markup=False, soft_wrap=True)


@keys.command()
@refusing
def move(
    old: Annotated[str, typer.Option("--from", help="The provider that the keys are with now.")],
    old_credential: Annotated[
        str | None, typer.Option("--from-credential", help="What opens it; as --credential.")
    ] = None,
    provider: Provider = _PROVIDER,
    credential: Credential = None,
    provider_ca: ServerAuthority = None,
    database: DatabaseUrl = _DATABASE,
    origin: Origin = _ORIGIN,
    as_json: AsJson = False,
) -> None:
    """Moves to another provider: the same secrets, and every data key under its keys.

    Stop the service first. It may be killed and run again. Ends with 1 if data keys did not open.

    Example: privacy-service keys move --from file:/var/lib/privacy/keyring.json
    --provider transit:https://bao.example:8200/transit/privacy --credential /run/secrets/bao-token
    """
    before = KeySettings(provider=old, credential=old_credential, authority=provider_ca)
    after = KeySettings(provider=provider, credential=credential, authority=provider_ca)
    clock = SystemClock()

    def progress(done: int) -> None:
        if not as_json:
            console.print(f"{done} data keys moved", markup=False)

    with open_database(DatabaseSettings(url=database), origin, clock) as opened:
        moved = move_keys(before, after, opened, clock, progress=progress)
    if as_json:
        print_json(asdict(moved))
    else:
        console.print(
            f"{moved.secrets} secrets and {moved.data_keys} data keys moved, "
            f"{moved.unreadable} do not open",
            markup=False,
        )
    if moved.unreadable:
        end(Exit.NO)


for act in (
    key_acts.status,
    key_acts.rotate,
    key_acts.rewrap,
    key_acts.retire,
    key_acts.shred,
    key_acts.report_exposed,
    key_acts.verify,
):
    keys.command()(act)


@keys.command("new-recipient")
@refusing
def new_recipient(
    out: Annotated[Path, typer.Argument(help="Where the private key goes (mode 0600).")],
    as_json: AsJson = False,
) -> None:
    """Makes a recipient's key pair for `encrypt`; prints the public key for the contract.

    Example: privacy-service keys new-recipient swift-parcel.key
    """
    key = new_recipient_key(os.urandom)
    descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(key.private + "\n")
    if as_json:
        print_json({"recipient_key": key.public, "private_key_file": str(out)})
    else:
        console.print(f"recipient_key: {key.public}", markup=False)


@keys.command("open")
@refusing
def open_value(
    value: Annotated[str, typer.Argument(help="The encrypted value, hpke:v1:...")],
    private_key: Annotated[Path, typer.Option(help="The recipient's private key file.")],
    contract: Annotated[str, typer.Option(help="The id of the contract it was sent under.")],
    path: Annotated[
        str, typer.Option(help="Its JSON Pointer, every index written as *: /items/*/email")
    ],
    as_json: AsJson = False,
) -> None:
    """Opens a value that was encrypted to you as the recipient.

    Example: privacy-service keys open hpke:v1:... --private-key swift-parcel.key
    --contract acme-swift-orders --path /customer/email
    """
    opened = decrypt(
        value,
        private_key=private_key.read_text(encoding="ascii").strip(),
        info=f"{contract} {path}",
    )
    if as_json:
        print_json({"value": opened})
    else:
        console.print(opened, markup=False)
