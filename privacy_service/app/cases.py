"""What else belongs to a case: the files that others keep, attached to the evidence about it."""

from __future__ import annotations

from collections.abc import Callable

from privacy_service.desks.archives import Attach
from privacy_service.errors import PrivacyError, Reason
from privacy_service.evidence.queries import EntryQuery


def attaching(name: str, file: Callable[[str], str], *absent: Reason) -> Attach:
    """Attaches, under this name, the file that there is for the resource that is asked about.

    `absent` are the reasons by which `file` says that there is none.
    """

    def attached(query: EntryQuery) -> dict[str, bytes]:
        if query.resource is None:
            return {}
        try:
            return {name: file(query.resource).encode()}
        except PrivacyError as error:
            if error.reason in absent:
                return {}
            raise

    return attached
