"""Doing to a database what the program refuses: plain SQL, with the triggers that keep rows out of the way."""

from __future__ import annotations

from sqlalchemy import text

from csdesk.models import INSERT_ONLY
from csdesk.store import Store


def forge(store: Store, *statements: str) -> None:
    """Runs statements as somebody with the database's own password would, past triggers and foreign keys."""
    with store.engine.execution_options(desk_write=True).begin() as connection:
        if store.postgres:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        else:
            connection.execute(text("PRAGMA defer_foreign_keys = ON"))
            for name in INSERT_ONLY:
                for act in ("update", "delete", "insert"):
                    connection.execute(text(f"DROP TRIGGER IF EXISTS keep_{name}_{act}"))
        for statement in statements:
            connection.execute(text(statement))
