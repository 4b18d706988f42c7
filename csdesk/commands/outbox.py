"""Commands of the outbox: what waits, went, or needs a person. `csdesk tick` is what delivers."""

from __future__ import annotations

from typing import Annotated

import typer

from csdesk.commands.acting import desk_of
from csdesk.commands.common import Db, User, open_store, settings_from

outbox_app = typer.Typer(no_args_is_help=True, help="What waits to leave.")


def register(app: typer.Typer) -> None:
    """Adds the commands of this family."""
    app.add_typer(outbox_app, name="outbox")


@outbox_app.command("list")
def list_(
    state: Annotated[str, typer.Option("--state", help="waiting, parked, sent, withdrawn or all.")] = "",
    db: Db = None,
) -> None:
    """Show the outbox; without --state what waits and what is parked."""
    from csdesk.services import outbox

    store = open_store(settings_from(db=db))
    try:
        rows = [row for each in ([state] if state else ["waiting", "parked"])
                for row in store.read_now(outbox.listed, each)]  # fmt: skip
        for row in rows:
            tried = f" tried {row.attempts}x" if row.attempts > 1 else ""
            words = f"  {row.words}" if row.words else ""
            typer.echo(f"{row.id}  {row.due_at:%Y-%m-%d %H:%M}  {row.state:<9} {row.kind} {row.subject}{tried}{words}")
        if not rows:
            typer.echo("Nothing waits." if not state else f"Nothing is {state}.")
    finally:
        store.close()


@outbox_app.command("again")
def again(
    row: Annotated[int | None, typer.Argument(help="The number 'outbox list' shows first.", show_default=False)] = None,
    all_parked: Annotated[bool, typer.Option("--all-parked", help="Every parked paper instead of one.")] = False,
    db: Db = None,
    user: User = None,
) -> None:
    """Let a parked or put-off paper, or every parked one, go at the next tick."""
    from csdesk.errors import Invalid
    from csdesk.services import outbox

    if (row is None) is not all_parked:
        raise Invalid("Which one? The number 'outbox list' shows first, or --all-parked.", field="row")
    with desk_of(user, db) as store:
        typer.echo(store.write_now(outbox.again_all) if row is None else store.write_now(outbox.again, row))
