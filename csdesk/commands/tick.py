"""What happens by itself once its time has come; safe to run as often, and by as many, as one likes."""

from __future__ import annotations

import typer

from csdesk.commands.common import Db, open_store, settings_from


def register(app: typer.Typer) -> None:
    """Adds the commands of this family."""
    app.command("tick")(tick)


def tick(db: Db = None) -> None:
    """Post what was approved and deliver what is due in the outbox, each once, whoever runs this at the same time."""
    from csdesk.delivery.deliver import deliver
    from csdesk.services import posting

    settings = settings_from(db=db)
    store = open_store(settings)
    try:
        for request_id in store.read_now(posting.due):
            typer.echo(store.write_now(posting.post, request_id))
        for words in deliver(store, settings):
            typer.echo(words)
    finally:
        store.close()
