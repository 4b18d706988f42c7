"""Commands of the books: posting periods, reversals, and money from the bank."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from csdesk.commands.acting import desk_of, typed_date
from csdesk.commands.common import Db, User

period_app = typer.Typer(no_args_is_help=True, help="Posting periods: open, soft-closed, locked.")
cash_app = typer.Typer(no_args_is_help=True, help="Money whose owner is not known yet.")
Day = Annotated[str, typer.Argument(help="Any day in it, e.g. 2026-04-30.", show_default=False)]
Why = Annotated[str, typer.Option("--why", help="The reason, for the audit trail.", show_default=False)]


def register(app: typer.Typer) -> None:
    """Adds the commands of this family."""
    app.add_typer(period_app, name="period")
    app.add_typer(cash_app, name="cash")
    app.command("reverse")(reverse)


@period_app.command("list")
def listed(db: Db = None, user: User = None) -> None:
    """Show the periods with their state; a day without a period is open."""
    from csdesk.services import closing

    with desk_of(user, db) as store:
        for each in store.read_now(closing.every):
            state = f"{each.state.replace('_', ' '):<11}  {each.reason}".rstrip()
            typer.echo(f"{each.starts_on:%d %b %Y} to {each.ends_on:%d %b %Y}  {state}")


@period_app.command("year")
def year(
    year: Annotated[int, typer.Argument(help="The year.", show_default=False)], db: Db = None, user: User = None
) -> None:
    """Lay out the twelve months of a year as open periods."""
    from csdesk.services import closing

    with desk_of(user, db) as store:
        typer.echo(store.write_now(closing.lay_out, year))


@period_app.command("close")
def close(day: Day, why: Why, db: Db = None, user: User = None) -> None:
    """Soft-close the period of a day: nothing is posted there by itself any more."""
    from csdesk.services import closing

    with desk_of(user, db) as store:
        typer.echo(store.write_now(closing.soft_close, typed_date(day, "day"), why))


@period_app.command("lock")
def lock(day: Day, why: Why, db: Db = None, user: User = None) -> None:
    """Lock the period of a day: earlier ones must be locked, and sub-ledger and control account must agree."""
    from csdesk.services import closing

    with desk_of(user, db) as store:
        typer.echo(store.write_now(closing.lock, typed_date(day, "day"), why))


@period_app.command("unlock")
def unlock(day: Day, why: Why, db: Db = None, user: User = None) -> None:
    """Ask that a closed period is opened again; a controller approves it."""
    from csdesk.services import closing

    with desk_of(user, db) as store:
        typer.echo(store.write_now(closing.ask_unlock, typed_date(day, "day"), why))


@cash_app.command("take-in")
def take_in(
    file: Annotated[Path, typer.Argument(help="A bank file: CSV with date, amount, payer, reference, bank_reference.",
                                         show_default=False)],
    decimal: Annotated[str, typer.Option(help="The mark before the decimals (, or .) where no line tells.")] = "",
    db: Db = None,
    user: User = None,
) -> None:  # fmt: skip
    """Take in a file of the bank: each line waits for its owner; a line that is there already is left alone."""
    from csdesk.importing.bank import lines
    from csdesk.services import unidentified

    with desk_of(user, db) as store:
        entries = lines(file, store.read_now(unidentified.currency), decimal)
        taken, known = store.write_now(unidentified.take_in_file, entries)
        typer.echo(f"{taken} taken in, {known} were there already; q at the desk shows what waits.")


@cash_app.command("waiting")
def waiting(db: Db = None, user: User = None) -> None:
    """Show the money that waits for its owner, oldest first."""
    from csdesk.money import show
    from csdesk.rules.text import printable
    from csdesk.services import unidentified

    with desk_of(user, db) as store:
        for each in store.read_now(unidentified.queue):
            money = f"{show(each.amount, each.currency):>12} {each.currency}"
            typer.echo(
                printable(f"{each.number}  {each.received_on:%d %b %Y}  {money}  {each.payer}  {each.reference}")
            )


def reverse(
    number: Annotated[str, typer.Argument(help="Number of a write-off, debit or credit note.", show_default=False)],
    why: Why,
    kind: Annotated[str, typer.Option(help="write_off, debit_note or credit_note, where numbers repeat.")] = "",
    db: Db = None,
    user: User = None,
) -> None:
    """Ask that a posted note or write-off is reversed; finance approves it."""
    from csdesk.services import reversing

    with desk_of(user, db) as store:
        typer.echo(store.write_now(reversing.ask, store.read_now(reversing.find, number, kind), why).words)
