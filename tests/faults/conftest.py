from __future__ import annotations

from tests.stores.conftest import database, kind, url

__all__ = ["database", "kind", "url"]
