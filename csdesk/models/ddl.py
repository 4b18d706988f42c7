"""What the tables need that metadata cannot say: triggers that keep posted rows, and the search indexes.

`statements` is written into the migrations by `csdesk.migrations.regenerate`; nothing runs it at run time, but
`csdesk check` looks whether the triggers are still those of `keepers`.
"""

from __future__ import annotations

from sqlalchemy import Table, UniqueConstraint

from csdesk.models import INSERT_ONLY, metadata, search_ddl


def statements(dialect_name: str) -> list[str]:
    """All further statements for a new database, in order; `dialect_name` is "sqlite" or "postgresql"."""
    keep = _keep_on_postgres() if dialect_name == "postgresql" else _keep_on_sqlite()
    return keep + search_ddl.statements(dialect_name)


def keepers(dialect_name: str) -> dict[str, str]:
    """The triggers that keep rows, by name: on SQLite their statement, on Postgres "table type body" as its catalogue
    has them."""
    if dialect_name != "postgresql":
        return {each.split()[2]: each for each in _keep_on_sqlite()}
    found = {f"keep_{name}": f"{name} {_ROW} {_BODY}" for name in INSERT_ONLY}
    return found | {f"keep_{name}_truncate": f"{name} {_TRUNCATE} {_BODY}" for name in INSERT_ONLY}


def _keep_on_sqlite() -> list[str]:
    made = []
    for name in INSERT_ONLY:
        refuse = f"BEGIN SELECT RAISE(ABORT, '{_sentence(name)}'); END"
        made += [f"CREATE TRIGGER keep_{name}_{act.lower()} BEFORE {act} ON {name} {refuse}" for act in _ACTS]
        # INSERT OR REPLACE deletes the old row without firing the DELETE trigger, whichever key it collides on;
        # in this trigger rowid is -1 unless the statement names one.
        taken = " OR ".join(_taken(name, key) for key in (*_keys(metadata.tables[name]), ("rowid",)))
        made.append(f"CREATE TRIGGER keep_{name}_insert BEFORE INSERT ON {name} WHEN {taken} {refuse}")
    return made


_ACTS = ("UPDATE", "DELETE")


def _keep_on_postgres() -> list[str]:
    made = [f"CREATE FUNCTION csdesk_keep() RETURNS trigger LANGUAGE plpgsql AS $${_BODY}$$"]
    for name in INSERT_ONLY:
        made.append(
            f"CREATE TRIGGER keep_{name} BEFORE UPDATE OR DELETE ON {name} FOR EACH ROW EXECUTE FUNCTION csdesk_keep()"
        )
        made.append(
            f"CREATE TRIGGER keep_{name}_truncate BEFORE TRUNCATE ON {name} "
            "FOR EACH STATEMENT EXECUTE FUNCTION csdesk_keep()"
        )
    return made


def _sentence(name: str) -> str:
    return f"rows of {name} stand once they are written; correct them by a new row"


_BODY = f" BEGIN RAISE EXCEPTION '{_sentence('%')}', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END "
_ROW, _TRUNCATE = 1 + 2 + 8 + 16, 2 + 32  # pg_trigger.tgtype: row 1, before 2, delete 8, update 16, truncate 32


def _keys(table: Table) -> list[tuple[str, ...]]:
    unique = [each.columns for each in table.constraints if isinstance(each, UniqueConstraint)]
    unique += [each.columns for each in table.indexes if each.unique]
    return [tuple(table.primary_key.columns.keys()), *sorted(tuple(columns.keys()) for columns in unique)]


def _taken(name: str, key: tuple[str, ...]) -> str:
    same = " AND ".join(f"{column} = NEW.{column}" for column in key)
    return f"EXISTS (SELECT 1 FROM {name} WHERE {same})"
