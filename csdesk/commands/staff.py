"""Commands that set a desk up: found a company, add people."""

from __future__ import annotations

from typing import Annotated

import typer

from csdesk.commands.common import Db, open_store, settings_from

staff_app = typer.Typer(no_args_is_help=True, help="Who may work at the desk.")


def register(app: typer.Typer) -> None:
    """Adds the commands of this family."""
    app.command("init")(init)
    app.add_typer(staff_app, name="staff")


def init(
    name: Annotated[str, typer.Option("--name", help="The company's name.")],
    country: Annotated[str, typer.Option("--country", help="Two letters, ISO 3166.")],
    currency: Annotated[str, typer.Option("--currency", help="Three letters, ISO 4217.")],
    zone: Annotated[str, typer.Option("--zone", help="IANA time zone.")] = "UTC",
    db: Db = None,
) -> None:
    """Found a company on a fresh database: the schema, its warehouse, roles and reasons."""
    from csdesk.migrations import schema
    from csdesk.services import founding
    from csdesk.store import Store

    settings = settings_from(db=db)
    store = Store(settings.url, company=settings.company)
    try:
        schema.upgrade(store)
        typer.echo(store.write_now(founding.found, name, country, currency, zone))
        typer.echo("Next: csdesk staff add LOGIN --role rep, then csdesk --help.")
    finally:
        store.close()


@staff_app.command("add")
def add(
    login: Annotated[str, typer.Argument(help="The login.", show_default=False)],
    name: Annotated[str, typer.Option("--name", help="The person's name.")] = "",
    role: Annotated[str, typer.Option("--role", help="rep, lead, supervisor or admin.")] = "rep",
    team: Annotated[str, typer.Option("--team", help="The team.")] = "",
    db: Db = None,
) -> None:
    """Add a login with a role."""
    from csdesk.services import founding

    store = open_store(settings_from(db=db))
    try:
        typer.echo(store.write_now(founding.add_staff, login, name, role, team))
    finally:
        store.close()
