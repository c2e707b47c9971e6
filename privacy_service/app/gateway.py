"""The gateway, for Envoys."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from threading import BoundedSemaphore

import grpc

from privacy_service.desks.ports.desks import Desks
from privacy_service.gateway.deciding import Deciding
from privacy_service.gateway.servicer import Gateway
from privacy_service.records.keyring import Keyring
from privacy_service.records.pseudonyms import Pseudonyms
from privacy_service.rpc.call import admitted
from privacy_service.settings import Settings


def open_gateway(
    settings: Settings, desks: Desks, keyring: Keyring
) -> tuple[Callable[[grpc.Server], None], ...]:
    """What registers it on the server; nothing where the settings have none."""
    if not settings.server.exchanges:
        return ()
    deciding = Deciding(
        enforcement=desks.enforcement,
        behavior=desks.behavior,
        reviews=desks.reviews,
        turns=BoundedSemaphore(settings.server.threads),
        commit=Pseudonyms(keyring).commitment,
        new_id=lambda: str(uuid.uuid4()),
        most=settings.limits.payload_bytes,
    )
    most = max(1, settings.server.exchanges // 2)
    return (Gateway(deciding, admitted, most_of_one=most).register,)
