"""Commands of the served desk: the server itself, who sits at it, and ending a session."""

from __future__ import annotations

from typing import Annotated

import typer

from csdesk.commands.common import Db, User, open_store, settings_from


def register(app: typer.Typer) -> None:
    """Adds the commands of this family."""
    app.command("serve")(serve)
    app.command("who")(who)
    app.command("kick")(kick)


def serve(
    host: Annotated[str | None, typer.Option("--host", help="The address to listen at, else all.")] = None,
    port: Annotated[int | None, typer.Option("--port", help="The port, else 2022.")] = None,
    drain: Annotated[bool, typer.Option("--drain", help="Let the server of these settings end in order.")] = False,
    db: Db = None,
) -> None:
    """Serve desks over SSH: no shell, no files, no forwarding; one process a desk. Ends in order on SIGTERM."""
    from csdesk.server import serving

    settings = settings_from(db=db, serve_host=host, serve_port=port)
    if drain:
        typer.echo(serving.drain(settings))
        return
    store = open_store(settings)
    try:
        serving.run(settings, store)
    finally:
        store.close()


def who(db: Db = None) -> None:
    """List who sits at served desks, on all servers of this database."""
    from csdesk.rules.text import printable
    from csdesk.services import sessions

    store = open_store(settings_from(db=db))
    try:
        rows = store.read_now(sessions.sitting)
    finally:
        store.close()
    if not rows:
        typer.echo("Nobody sits at a served desk.")
    for row in rows:
        idle = int((store.clock() - row.typed_at).total_seconds()) // 60
        line = (
            f"{row.login:<12} {row.address:<16} {row.server:<14} since {row.started_at:%Y-%m-%d %H:%M} UTC  "
            f"idle {idle} min  {row.method}  {row.fingerprint}  {row.id}".rstrip()
            + (f"  leaving: {row.leaving}" if row.leaving else "")
        )
        typer.echo(printable(line))


def kick(
    whom: Annotated[str, typer.Argument(metavar="LOGIN|ID", help="As 'csdesk who' shows it.", show_default=False)],
    why: Annotated[str, typer.Option("--why", help="Why, for the rep and the trail.")] = "",
    db: Db = None,
    user: User = None,
) -> None:
    """End the served desks of a login, or one by its number; what is typed is kept."""
    from csdesk.services import sessions, staff

    settings = settings_from(db=db, user=user)
    store = open_store(settings)
    try:
        acting = store.acting(store.read_now(staff.sign_in, settings.user)) if settings.user else store
        typer.echo(acting.write_now(sessions.kick, whom, why))
    finally:
        store.close()
