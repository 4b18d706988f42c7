"""What a database really holds, read from its own catalogue: two schemas are the same when these are equal."""

from __future__ import annotations

import re

from sqlalchemy import Connection, text

from csdesk.migrations.schema import MARK

_SQLITE = "SELECT type || ' ' || name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' AND name <> :mark"
_POSTGRES = (
    # columns
    """SELECT 'column ' || table_name || '.' || column_name,
              concat_ws(' ', data_type, character_maximum_length, is_nullable, column_default, collation_name)
       FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> :mark""",
    # keys and checks
    """SELECT 'constraint ' || conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)
       FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text <> :mark
       AND contype <> 'n'""",
    "SELECT 'index ' || indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> :mark",
    "SELECT 'trigger ' || tgrelid::regclass || '.' || tgname, pg_get_triggerdef(oid) FROM pg_trigger "
    "WHERE NOT tgisinternal AND :mark <> ''",
    "SELECT 'function ' || proname, prosrc FROM pg_proc "
    "WHERE pronamespace = 'public'::regnamespace AND prolang <> 13 AND :mark <> ''",
    "SELECT 'extension ' || extname, extversion FROM pg_extension WHERE :mark <> ''",
)


def catalogue(connection: Connection) -> dict[str, str]:
    """Everything made in a database -> its definition, blanks evened out."""
    queries = _POSTGRES if connection.dialect.name == "postgresql" else (_SQLITE,)
    rows = (row for query in queries for row in connection.execute(text(query), {"mark": MARK}))
    return {name: re.sub(r"\s+", " ", definition or "").strip() for name, definition in rows}
