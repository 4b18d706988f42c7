"""Line mode on the command line: the desk's grammar on plain stdin and stdout."""

from __future__ import annotations

import asyncio
import sys

import typer

from csdesk.commands.common import Db, User, open_store, settings_from


def register(app: typer.Typer) -> None:
    """Adds the commands of this family."""
    app.command("line")(line)


def line(db: Db = None, user: User = None) -> None:
    """Take desk commands as plain lines from stdin and print each answer; for screen readers, slow links and scripts.

    Exit codes: 0 every line was done, 1 some line was refused, 2 wrong use, 3 database unavailable.
    """
    from csdesk.prompt import line as line_mode
    from csdesk.prompt.desk import Desk
    from csdesk.services import staff

    settings = settings_from(db=db, user=user)
    if not settings.user:
        typer.echo("Say who you are: --user LOGIN or CSDESK_USER.", err=True)
        raise typer.Exit(2)
    store = open_store(settings)
    try:
        desk = Desk(store.acting(store.read_now(staff.sign_in, settings.user)))
        greet = sys.stdin.isatty()
        refused = asyncio.run(line_mode.run(desk, sys.stdin, _out, prompt=greet))
    finally:
        store.close()
    raise typer.Exit(refused)


def _out(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
