"""What happens by itself once its time has come; safe to run as often, and by as many, as one likes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import typer

from csdesk.commands.common import Db, open_store, settings_from

if TYPE_CHECKING:
    from csdesk.store import Store

Said = tuple[str, bool]  # a sentence, and whether it went well


def register(app: typer.Typer) -> None:
    """Adds the commands of this family."""
    app.command("tick")(tick)


def tick(db: Db = None) -> None:
    """Expire requests nobody decided, post what was approved, judge promises and callbacks, deliver what is due.

    Each once, whoever runs this. What is refused or broken is said and never stops the rest; the exit code is 1 then.
    """
    from csdesk.delivery.deliver import deliver

    settings = settings_from(db=db)
    store = open_store(settings)
    try:
        fine = True
        for words, good in due(store):
            typer.echo(words, err=not good)
            fine &= good
        for words in deliver(store, settings):
            typer.echo(words)
    finally:
        store.close()
    if not fine:
        raise typer.Exit(1)


def due(store: Store) -> Iterator[Said]:
    """Does everything whose time has come, each in its own transaction."""
    from csdesk.services import callbacks, posting, promise_keeping, rechecking

    yield from _each(store, posting.lapsed, posting.expire)
    yield from _each(store, posting.due, posting.post, posting.fail)
    yield from _each(store, promise_keeping.due, promise_keeping.settle)
    yield from _each(store, callbacks.lapsed, callbacks.lapse)
    yield from _each(store, rechecking.due, rechecking.recheck)


def _each(
    store: Store, listed: Callable[..., Any], act: Callable[..., str], otherwise: Callable[..., str] | None = None
) -> Iterator[Said]:
    """Acts on every id that is listed; one that is refused is told, with `otherwise` also set aside, and the next one
    follows. Without the database nothing follows."""
    from csdesk.errors import DeskError, Unavailable

    for each in store.read_now(listed):
        try:
            if words := store.write_now(act, each):
                yield words, True
        except Unavailable:
            raise
        except DeskError as error:
            yield error.message, False
            if otherwise is not None and (words := store.write_now(otherwise, each)):
                yield words, False
