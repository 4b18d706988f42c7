"""What must hold of the triggers that keep posted rows; adds itself to the registry of `invariants`."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import text

from csdesk.models import ddl
from csdesk.services.derived import NAMED
from csdesk.services.invariants import checks
from csdesk.services.tx import Tx


@checks("guards.triggers", "the triggers that keep posted rows are there and at work")
def _triggers(tx: Tx) -> Sequence[str]:
    there = _on_postgres(tx) if tx.postgres else _on_sqlite(tx)
    wanted = ddl.keepers(tx.connection.dialect.name)
    off = [name for name, made in wanted.items() if there.get(name) != made]
    return [f"trigger {name} is missing, switched off or another one" for name in off[:NAMED]]


def _on_sqlite(tx: Tx) -> dict[str, str]:
    rows = tx.rows(
        text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'keep!_%' ESCAPE '!'")
    )
    return {row.name: row.sql for row in rows}


def _on_postgres(tx: Tx) -> dict[str, str]:
    """Triggers that are switched on, with what they are: their table, sort, and the body of their function."""
    return {row.tgname: row.made for row in tx.rows(text(_SWITCHED_ON))}


_SWITCHED_ON = """
SELECT t.tgname, c.relname || ' ' || t.tgtype || ' ' || p.prosrc AS made
FROM pg_trigger t
JOIN pg_class c ON c.oid = t.tgrelid AND c.relnamespace = current_schema()::regnamespace
JOIN pg_proc p ON p.oid = t.tgfoid
WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A') AND t.tgqual IS NULL
"""
