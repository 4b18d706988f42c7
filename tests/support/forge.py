"""Doing to a database what the program refuses: plain SQL, with the triggers that keep rows out of the way."""

from __future__ import annotations

from sqlalchemy import text

from csdesk.models import ddl
from csdesk.store import Store


def forge(store: Store, *statements: str) -> None:
    """Runs statements as somebody with the database's own password would, past triggers and foreign keys."""
    with store.engine.connect().execution_options(desk_write=True) as connection:
        if not store.postgres:
            connection.connection.driver_connection.execute("PRAGMA foreign_keys = OFF")  # only between transactions
        with connection.begin():
            kept = {} if store.postgres else ddl.keepers("sqlite")
            if store.postgres:
                connection.execute(text("SET LOCAL session_replication_role = replica"))
            for name in kept:
                connection.execute(text(f"DROP TRIGGER {name}"))
            for statement in statements:
                connection.execute(text(statement))
            for made in kept.values():
                connection.exec_driver_sql(made)
        connection.invalidate()
