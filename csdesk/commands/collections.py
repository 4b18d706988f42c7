"""Commands of collection: the work list, the contact log, the provision, debts to write off."""

from __future__ import annotations

from typing import Annotated

import typer

from csdesk.commands.acting import desk_of, typed_date
from csdesk.commands.common import Db, User

collections_app = typer.Typer(no_args_is_help=False, help="Whom to call about money, and why.")
provision_app = typer.Typer(no_args_is_help=True, help="Expected credit losses.")


def register(app: typer.Typer) -> None:
    """Adds the commands of this family."""
    collections_app.callback(invoke_without_command=True)(collections)
    app.add_typer(collections_app, name="collections")
    app.add_typer(provision_app, name="provision")


def collections(
    context: typer.Context,
    most: Annotated[int, typer.Option("--most", help="So many accounts at most.")] = 40,
    db: Db = None,
    user: User = None,
) -> None:
    """Whom to call about money: one ranked list with the reasons beside each account."""
    if context.invoked_subcommand is not None:
        return
    from csdesk.money import show
    from csdesk.rules.text import printable
    from csdesk.services import collecting

    with desk_of(user, db) as store:
        rows = store.read_now(collecting.worklist, None, most)
        for row in rows:
            money = f"{show(row.at_risk, row.currency):>12} of {show(row.overdue, row.currency)} {row.currency}"
            typer.echo(printable(f"{row.place:>3}  {row.customer:<10} {money}  {row.name}: {'; '.join(row.reasons)}"))
        if not rows:
            typer.echo("Nobody is late.")


@collections_app.command("note")
def note(
    customer: Annotated[str, typer.Argument(help="The customer's code.", show_default=False)],
    channel: Annotated[str, typer.Argument(help="call, mail, letter, visit or note.", show_default=False)],
    words: Annotated[str, typer.Argument(help="What was said.", show_default=False)],
    db: Db = None,
    user: User = None,
) -> None:
    """Note what was said to a debtor about money."""
    from csdesk.services import collecting, ledger, proposing

    with desk_of(user, db) as store:
        account = store.read_now(ledger.page, store.read_now(proposing.find, customer)).account_id
        typer.echo(store.write_now(collecting.log_contact, account, channel, words))


@collections_app.command("propose-write-offs")
def propose_write_offs(
    letter: Annotated[str, typer.Option("--reason", help="The letter of the reason.")] = "j",
    older: Annotated[int, typer.Option("--older", help="More days past due than this.")] = 180,
    small: Annotated[str, typer.Option("--small", help="Also past-due items of at most this amount.")] = "0",
    dry: Annotated[bool, typer.Option("--dry", help="Only list them; ask for nothing.")] = False,
    db: Db = None,
    user: User = None,
) -> None:
    """Ask to write off what is long past due and dunned to the end; finance decides item by item."""
    from csdesk.errors import DeskError
    from csdesk.money import show, typed_minor
    from csdesk.services import customers, provisioning, writing_off

    with desk_of(user, db) as store:
        currency = store.read_now(customers.company_currency)
        day = store.clock().date()
        found = store.read_now(provisioning.hopeless, day, older, typed_minor(small, currency))
        for each in found:
            money = f"{show(each.open, each.currency)} {each.currency}"
            typer.echo(f"{each.number}  {each.customer}  {money}, due {each.due_on:%d %b %Y}: {each.reason}")
            if dry:
                continue
            try:
                typer.echo(f"    {store.write_now(writing_off.ask, each.item_id, letter, each.reason).words}")
            except DeskError as error:
                typer.echo(f"    {error.message}")
        if not found:
            typer.echo("Nothing is to be written off.")


@provision_app.command("propose")
def propose(
    as_of: Annotated[str, typer.Option("--as-of", help="The day it is for, 2026-11-30.")],
    rates: Annotated[
        str, typer.Option("--rates", help="Percent: not due, 1-30, 31-60, 61-90, over 90 days past due.")
    ] = "0.3,1.6,3.6,6.6,10.6",
    assess: Annotated[
        list[str] | None, typer.Option("--assess", help="NUMBER=PERCENT: an item assessed by itself; repeatable.")
    ] = None,
    why: Annotated[str, typer.Option("--why", help="A note for finance.")] = "",
    currency: Annotated[str, typer.Option("--currency", help="Of which debts; the company's own unless named.")] = "",
    db: Db = None,
    user: User = None,
) -> None:
    """Ask finance to bring the allowance to the expected losses of a day; the bands stand in the request."""
    from csdesk.services import provisioning

    own = dict(each.split("=", 1) for each in assess or [] if "=" in each)
    with desk_of(user, db) as store:
        given = tuple(part.strip() for part in rates.split(","))
        made = store.write_now(provisioning.propose, typed_date(as_of, "as-of"), given, own, why, currency.upper())
        typer.echo(made.words)
