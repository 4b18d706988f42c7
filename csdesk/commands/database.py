"""Commands that look after the database: its schema, its invariants, its audit trail, its backups."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from csdesk.commands import backups
from csdesk.commands.common import Db, open_store, settings_from

if TYPE_CHECKING:
    from csdesk.store import Store


def register(app: typer.Typer) -> None:
    """Adds the commands of this family."""
    database = typer.Typer(no_args_is_help=True, help="The database: schema, backup, restore.")
    database.command()(upgrade)
    database.command()(roles)
    database.command()(grant)
    database.command("check")(state)
    backups.register(database)
    app.add_typer(database, name="db")
    audit = typer.Typer(no_args_is_help=True, help="The audit trail.")
    audit.command()(verify)
    app.add_typer(audit, name="audit")
    app.command()(check)


def upgrade(db: Db = None) -> None:
    """Make the desk's tables, or bring them up to date, and give usual roles new duties. Does nothing when they are."""
    from csdesk.migrations import schema
    from csdesk.services import new_duties

    with opened(db, any_schema=True) as store:
        before, after = schema.upgrade(store)
        done = "was there already" if before == after else f"upgraded from {before or 'nothing'}"
        typer.echo(f"schema {after}: {done}")
        for company in store.read_now(new_duties.companies):
            _new_duties(store.url, company)


def _new_duties(url: str, company: int) -> None:
    from csdesk.services import new_duties
    from csdesk.store import Store

    with closing(Store(url, company=company)) as store:
        if store.read_now(new_duties.missing):
            typer.echo(store.write_now(new_duties.add))


def roles(
    app: Annotated[str, typer.Option("--app", help="The role desks log in by.")] = "",
    reader: Annotated[str, typer.Option("--reader", help="The role reports read by.")] = "",
    people: Annotated[str, typer.Option("--people", help="A group for persons with roles of their own.")] = "",
    person: Annotated[list[str] | None, typer.Option("--person", help="A person of that group; repeat it.")] = None,
    db: Db = None,
) -> None:
    """Make the Postgres roles that are missing and set the rights and time limits of each; again after each upgrade."""
    from csdesk.migrations import roles

    with opened(db) as store:
        for line in store.write_now(roles.provide, app, reader, people, tuple(person or ())):
            typer.echo(line)


def grant(
    role: Annotated[str, typer.Argument(help="The role the desk logs in by.", show_default=False)], db: Db = None
) -> None:
    """Give a Postgres role the rights and limits desks need, run as the owner; it cannot change what is posted."""
    from csdesk.migrations import roles

    with opened(db) as store:
        for line in store.write_now(roles.grant, role):
            typer.echo(line)


def state(db: Db = None) -> None:
    """Show which database this is, its schema, whether its file is sound, and whether this login owns the tables."""
    from csdesk.migrations import roles, schema

    with opened(db, any_schema=True) as store:
        typer.echo(f"database  {store.engine.url.render_as_string(hide_password=True)}")
        schema.require_current(store)
        typer.echo(f"schema    {schema.current(store)}, current")
        faults = store.read_now(schema.integrity)
        owned = store.read_now(roles.owned)
    if owned:
        typer.echo(f"warning   this login owns {len(owned)} tables of posted rows and could unlock them; 'db roles'")
    typer.echo(f"storage   {'ok' if not faults else '; '.join(faults)}")
    if faults:
        raise typer.Exit(1)


def check(db: Db = None) -> None:
    """Check everything that must hold in a desk's data; one line each. Exit code 1 when something does not."""
    with opened(db) as store:
        sound = print_findings(store)
    if not sound:
        raise typer.Exit(1)


def verify(db: Db = None) -> None:
    """Walk the whole audit trail and name the first link that does not hold. Exit code 1 when there is one."""
    from csdesk.services import care

    with opened(db) as store:
        count, broken = store.read_now(care.verify_audit)
    for link in broken:
        typer.echo(f"FAILED lane {link.lane}, entry {link.seq}: {link.why}")
    if broken:
        raise typer.Exit(1)
    typer.echo(f"ok: {count} entries, every link holds")


def print_findings(store: Store) -> bool:
    """Runs every check (the audit trail is one of them), prints a line each; whether all hold."""
    from csdesk.services import care

    findings = store.read_now(care.check)
    for each in findings:
        if not each.offenders:
            typer.echo(f"ok      {each.name}")
            continue
        typer.echo(f"FAILED  {each.name}: {each.why}")
        for words in each.offenders:
            typer.echo(f"        {words}")
    return not any(each.offenders for each in findings)


@contextmanager
def opened(db: str | None, any_schema: bool = False) -> Iterator[Store]:
    """The store of the settings, closed at the end; without `any_schema` only a desk of this program's schema."""
    from csdesk.store import Store

    settings = settings_from(db=db)
    store = Store(settings.url, company=settings.company) if any_schema else open_store(settings)
    try:
        yield store
    finally:
        store.close()
