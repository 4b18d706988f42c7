"""What happens by itself once its time has come; safe to run as often, and by as many, as one likes."""

from __future__ import annotations

import typer

from csdesk.commands.common import Db, open_store, settings_from


def register(app: typer.Typer) -> None:
    """Adds the commands of this family."""
    app.command("tick")(tick)


def tick(db: Db = None) -> None:
    """Post what was approved, expire what nobody decided, judge promises and callbacks, bring tickets back from their
    waits, close and escalate them, ask customers how it was, deliver what is due.

    Each once, whoever runs this, and each judged at the instant it was due. What is refused or broken is said and never
    stops the rest; the exit code is 1 then.
    """
    from csdesk.delivery.deliver import deliver
    from csdesk.services import ticking

    settings = settings_from(db=db)
    store = open_store(settings)
    try:
        fine = True
        for words, good in ticking.run(store):
            typer.echo(words, err=not good)
            fine &= good
        for words in deliver(store, settings):
            typer.echo(words)
    finally:
        store.close()
    if not fine:
        raise typer.Exit(1)
