"""Doing to a database what the program refuses: plain SQL, with the triggers that keep rows out of the way."""

from __future__ import annotations

from itertools import product

from sqlalchemy import text

from csdesk.models import INSERT_ONLY
from csdesk.store import Store


def forge(store: Store, *statements: str) -> None:
    """Runs statements as somebody with the database's own password would, past triggers and foreign keys."""
    with store.engine.connect().execution_options(desk_write=True) as connection:
        if not store.postgres:
            connection.connection.driver_connection.execute("PRAGMA foreign_keys = OFF")  # only between transactions
        with connection.begin():
            if store.postgres:
                connection.execute(text("SET LOCAL session_replication_role = replica"))
            else:
                for name, act in product(INSERT_ONLY, ("update", "delete", "insert")):
                    connection.execute(text(f"DROP TRIGGER IF EXISTS keep_{name}_{act}"))
            for statement in statements:
                connection.execute(text(statement))
        connection.invalidate()
