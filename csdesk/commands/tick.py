"""What happens by itself once its time has come; safe to run as often, and by as many, as one likes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import typer

from csdesk.commands.common import Db, open_store, settings_from

if TYPE_CHECKING:
    from csdesk.store import Store


def register(app: typer.Typer) -> None:
    """Adds the commands of this family."""
    app.command("tick")(tick)


def tick(db: Db = None) -> None:
    """Post what was approved, judge promises whose day has come, deliver what is due; each once, whoever runs this."""
    from csdesk.delivery.deliver import deliver
    from csdesk.services import posting

    settings = settings_from(db=db)
    store = open_store(settings)
    try:
        for request_id in store.read_now(posting.due):
            typer.echo(store.write_now(posting.post, request_id))
        for words in _money(store):
            typer.echo(words)
        for words in deliver(store, settings):
            typer.echo(words)
    finally:
        store.close()


def _money(store: Store) -> Iterator[str]:
    """Promises whose day has come, and orders whose release has ended; each in its own transaction."""
    from csdesk.services import promise_keeping, rechecking

    for promise in store.read_now(promise_keeping.due):
        if words := store.write_now(promise_keeping.settle, promise):
            yield words
    for order in store.read_now(rechecking.due):
        if words := store.write_now(rechecking.recheck, order):
            yield words
