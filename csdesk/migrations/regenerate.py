"""`make migration`: writes revision 0001 anew from the models. Good until the first release, refused after it."""

from __future__ import annotations

import sys

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from csdesk.migrations.schema import revisions
from csdesk.migrations.sql import file_of, joined
from csdesk.models import ddl, metadata

DIALECTS = {"sqlite": sqlite.dialect, "postgresql": postgresql.dialect}


def rendered(dialect_name: str) -> str:
    """The text of revision 0001 for a kind of database; the same models always give the same text."""
    dialect = DIALECTS[dialect_name]()
    made = []
    for table in metadata.sorted_tables:
        made.append(str(CreateTable(table).compile(dialect=dialect)))
        indexes = sorted(table.indexes, key=lambda index: str(index.name))
        made += [str(CreateIndex(index).compile(dialect=dialect)) for index in indexes]
    tidy = ["\n".join(line.rstrip() for line in each.strip().splitlines()) for each in made]
    return joined(tidy + ddl.statements(dialect_name))


def stale() -> list[str]:
    """The kinds of database whose revision 0001 is not what the models say, while it is the only revision."""
    if revisions() != ("0001",):
        return []
    files = {name: file_of("0001", name) for name in DIALECTS}
    return [name for name, file in files.items() if not file.exists() or file.read_text("utf-8") != rendered(name)]


def main() -> None:
    """Writes what is stale and says so."""
    if revisions() != ("0001",):
        sys.exit("Revision 0001 is released: add a revision of its own for the change.")
    for name in stale():
        file_of("0001", name).write_text(rendered(name), "utf-8")
        sys.stdout.write(f"written: {file_of('0001', name).name}\n")


if __name__ == "__main__":
    main()
