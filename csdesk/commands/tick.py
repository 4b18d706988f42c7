"""What happens by itself once its time has come; safe to run as often, and by as many, as one likes."""

from __future__ import annotations

import typer

from csdesk.commands.common import Db, open_store, settings_from


def register(app: typer.Typer) -> None:
    """Adds the commands of this family."""
    app.command("tick")(tick)


def tick(db: Db = None) -> None:
    """Post what was approved and whose hold has passed; each once, whoever runs this at the same time."""
    from csdesk.services import posting

    store = open_store(settings_from(db=db))
    try:
        for request_id in store.read_now(posting.due):
            typer.echo(store.write_now(posting.post, request_id))
    finally:
        store.close()
