"""How a partner is reached now: by the address that an officer has put for it."""

from __future__ import annotations

from functools import partial

from privacy_service.custody.notices import webhook_secret
from privacy_service.records.keyring import SecretName
from privacy_service.records.pseudonyms import Pseudonyms
from privacy_service.store.notices import NoticeAddress
from privacy_service.subjects.notices import Channel
from retention.delivery import AskedFor, Carrier
from retention.mail import Mail
from retention.webhook import SignedCall
from retention.workplace import Workplace


def carrier_to(at: Workplace, partner: str, address: NoticeAddress | None) -> Carrier:
    """What delivers to the partner."""
    if address is None:
        return AskedFor()
    match address.channel:
        case Channel.WEBHOOK:
            return SignedCall(
                secrets=_secrets(at, partner, address.secret_number),
                authorities=at.settings.subjects.webhook_ca,
                clock=at.clock,
            )
        case Channel.EMAIL:
            return Mail(at.settings.notices)
        case Channel.PULL:
            return AskedFor()


def _secrets(at: Workplace, partner: str, number: int) -> list[str]:
    """Under every version of the key, and as it was before it was made anew: a recipient need not
    change its own at once.
    """
    words = Pseudonyms(at.keyring)
    versions = at.keyring.secret_versions(SecretName.COMMITMENT)
    return [
        webhook_secret(partial(words.commitment, version=version), partner, each)
        for version in versions
        for each in range(number, max(number - 2, -1), -1)
    ]
