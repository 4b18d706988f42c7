"""Commands of backups: taken while the desk is in use, kept so many of, put back, and tried out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from csdesk.commands.common import Db

Place = Annotated[Path, typer.Argument(help="The backup file, or a folder of them.", show_default=False)]


def register(app: typer.Typer) -> None:
    """Adds the commands to those of the database."""
    app.command()(backup)
    app.command()(restore)
    app.command()(drill)


def backup(
    path: Place,
    keep: Annotated[
        int, typer.Option("--keep", min=0, help="Of this desk's backups in a folder keep so many, the newest; 0 all.")
    ] = 0,
    db: Db = None,
) -> None:
    """Write a consistent copy of the desk, also while it is in use; in a folder under a name of desk and instant.

    An existing file is never overwritten, and an old one goes only once the new one is safe. The desk may be one of an
    older or newer csdesk.
    """
    from csdesk.commands import copies, shelf
    from csdesk.commands.database import opened
    from csdesk.errors import Invalid
    from csdesk.migrations import schema
    from csdesk.services.tx import utc_now

    if keep and not path.is_dir():
        raise Invalid(f"{path} is no folder, and --keep is for one; is its disk there?", field="keep")
    with opened(db, any_schema=True) as store:
        schema.require_a_desk(store)
        desk = shelf.desk(store)
        file = shelf.place(path, desk, utc_now())
        copies.write(store, file)
    typer.echo(f"saved: {file} ({file.stat().st_size} bytes)")
    for each in shelf.retire(file, desk, keep) if keep else ():
        typer.echo(f"removed: {each}")


def restore(
    path: Place,
    db: Db = None,
    check: Annotated[bool, typer.Option("--check", help="Check the copy: all invariants and the audit trail.")] = False,
) -> None:
    """Put a backup, of a folder of one desk the newest, into a database without a desk (name a new one with --db)."""
    from csdesk.commands import copies, shelf
    from csdesk.commands.database import opened, print_findings
    from csdesk.migrations import schema
    from csdesk.services.tx import utc_now

    file = shelf.newest(path, utc_now())
    with opened(db, any_schema=True) as store:
        copies.put_back(store, file)
        typer.echo(f"restored: {file}")
        schema.require_current(store)
        if check and not print_findings(store):
            raise typer.Exit(1)


def drill(path: Place, db: Db = None) -> None:
    """Show that a backup, of a folder this desk's newest, can be put back: beside the desk, checked as 'check' does,
    and thrown away again. Exit code 1 when something does not hold."""
    from csdesk.commands import shelf
    from csdesk.commands.database import opened, print_findings
    from csdesk.services.tx import utc_now

    with opened(db, any_schema=True) as store:
        file = shelf.newest(path, utc_now(), shelf.desk(store))
        sound, words = shelf.drill(store, file, print_findings)
    typer.echo(f"{file}: {words}")
    if not sound:
        raise typer.Exit(1)
