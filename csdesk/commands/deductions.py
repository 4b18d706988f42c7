"""Commands of deductions: the work list, one whole, and what customers' own reason codes mean."""

from __future__ import annotations

from typing import Annotated

import typer

from csdesk.commands.acting import desk_of
from csdesk.commands.common import Db, User

deductions_app = typer.Typer(help="Deductions: what customers did not pay and why.")


def register(app: typer.Typer) -> None:
    """Adds the commands of this family."""
    app.add_typer(deductions_app, name="deductions")


@deductions_app.callback(invoke_without_command=True)
def deductions(context: typer.Context, user: User = None, db: Db = None) -> None:
    """List the deductions that are worked on, the nearest deadline first; each row says why it stands there."""
    if context.invoked_subcommand is not None:
        return
    from csdesk.money import show as amount
    from csdesk.services import deduction_lists

    with desk_of(user, db) as store:
        rows = store.read_now(deduction_lists.worklist)
    for row in rows:
        state = row.state.replace("_", " ")
        typer.echo(
            f"{row.number}  {row.deadline}  {amount(row.open, row.currency):>12} {row.currency}  {row.reason:<16}  "
            f"{state:<12}  {row.item:<12}  {row.customer}  ({row.why})"
        )
    typer.echo(f"{len(rows)} deductions are worked on.")


@deductions_app.command("show")
def show(
    number: Annotated[str, typer.Argument(help="The deduction's number.", show_default=False)],
    user: User = None,
    db: Db = None,
) -> None:
    """Show a deduction whole: amounts, evidence, what was done."""
    from csdesk.prompt.pages.deductions import deduction_page
    from csdesk.services import deduction_lists

    with desk_of(user, db) as store:
        view = store.read_now(deduction_lists.whole, store.read_now(deduction_lists.find, number))
    page = deduction_page(view)
    for line in (page.title, *(row.cells[0] for row in (*page.lead, *page.rows))):
        typer.echo(line)


@deductions_app.command("map")
def map_(
    customer: Annotated[str, typer.Argument(help="The customer's code.", show_default=False)],
    code: Annotated[str, typer.Argument(help="The reason code they write; without it, list what is mapped.")] = "",
    letter: Annotated[str, typer.Argument(help="The letter of our reason; without it, the code is forgotten.")] = "",
    user: User = None,
    db: Db = None,
) -> None:
    """Say which reason of ours a customer's own code means."""
    from csdesk.services import deduction_lists

    with desk_of(user, db) as store:
        if code:
            typer.echo(store.write_now(deduction_lists.map_code, customer, code, letter))
            return
        for each in store.read_now(deduction_lists.codes, customer):
            typer.echo(f"{each.code:<20} {each.letter} {each.reason}")
