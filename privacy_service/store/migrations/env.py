"""Runs migrations on the connection that `schema.migrate` hands over.

Autogenerate writes only types of SQLAlchemy, so that no migration imports code that lives on.
"""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from privacy_service.store.columns import Instant
from privacy_service.store.tables import metadata


def render_item(kind: str, item: Any, _autogen: AutogenContext) -> str | Literal[False]:
    if kind == "type" and isinstance(item, Instant):
        return "sa.DateTime(timezone=True)"
    return False


def run() -> None:
    connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_item=render_item,
        render_as_batch=True,
        compare_type=True,
        compare_server_default=True,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
