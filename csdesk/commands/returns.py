"""Commands of the warehouse: goods that come back."""

from __future__ import annotations

from typing import Annotated

import typer

from csdesk.commands.acting import desk_of
from csdesk.commands.common import Db, User


def register(app: typer.Typer) -> None:
    """Adds the commands of this family."""
    app.command("return")(return_)


def return_(
    invoice: Annotated[str, typer.Argument(help="The invoice's whole number.", show_default=False)],
    line: Annotated[int, typer.Argument(help="The line of it.", show_default=False)],
    quantity: Annotated[str, typer.Argument(help="How many, in the unit of the line.", show_default=False)],
    unsound: Annotated[bool, typer.Option("--unsound", help="Not to be sold again: not into stock.")] = False,
    note: Annotated[str, typer.Option("--note", help="What is to be said about them.")] = "",
    warehouse: Annotated[str, typer.Option("--warehouse", help="Where they lie; the order's warehouse.")] = "",
    user: User = None,
    db: Db = None,
) -> None:
    """Count in goods of an invoice line that came back; a credit for returned goods needs it."""
    from decimal import Decimal, InvalidOperation

    from csdesk.errors import Invalid
    from csdesk.services import returns

    try:
        pieces = Decimal(quantity.replace(",", "."))
    except InvalidOperation:
        raise Invalid(f"'{quantity}' is no quantity; a number is wanted.", field="quantity") from None
    if not pieces.is_finite():
        raise Invalid(f"'{quantity}' is no quantity; a number is wanted.", field="quantity")
    with desk_of(user, db) as store:
        made = store.write_now(
            returns.receive, invoice, line, pieces, sound=not unsound, note=note, warehouse=warehouse
        )
    typer.echo(made.words)
