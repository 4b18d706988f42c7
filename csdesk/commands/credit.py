"""Commands of credit: propose limits and terms, review accounts, see and release held orders."""

from __future__ import annotations

from typing import Annotated

import typer

from csdesk.commands.acting import desk_of
from csdesk.commands.common import Db, User

credit_app = typer.Typer(no_args_is_help=True, help="Credit limits, terms, held orders.")
Why = Annotated[str, typer.Option("--why", help="The reason; whoever decides reads it.")]
Customer = Annotated[str, typer.Argument(help="The customer's code.", show_default=False)]


def register(app: typer.Typer) -> None:
    """Adds the commands of this family."""
    app.add_typer(credit_app, name="credit")


@credit_app.command("propose-limit")
def propose_limit(
    customer: Customer,
    amount: Annotated[str, typer.Argument(help="The new limit in the account's currency; 0: no credit.")],
    why: Why,
    db: Db = None,
    user: User = None,
) -> None:
    """Ask for another credit limit; somebody else decides."""
    from csdesk.money import typed_minor
    from csdesk.services import customers, proposing

    with desk_of(user, db) as store:
        found = store.read_now(proposing.find, customer)
        currency = store.read_now(customers.bar, found).currency
        typer.echo(store.write_now(proposing.limit, found, typed_minor(amount, currency), why).words)


@credit_app.command("propose-terms")
def propose_terms(
    customer: Customer,
    terms: Annotated[str, typer.Argument(help="The code of the terms, e.g. NET30.", show_default=False)],
    why: Why,
    db: Db = None,
    user: User = None,
) -> None:
    """Ask for other terms of payment; somebody else decides."""
    from csdesk.services import proposing

    with desk_of(user, db) as store:
        typer.echo(store.write_now(proposing.terms, store.read_now(proposing.find, customer), terms, why).words)


@credit_app.command("review")
def review(db: Db = None, user: User = None) -> None:
    """List accounts whose use and behaviour suggest another limit, with the evidence. Nothing is changed."""
    from csdesk.money import show
    from csdesk.services import limit_review

    with desk_of(user, db) as store:
        found = store.read_now(limit_review.review)
        for each in found:
            money = f"{show(each.limit, each.currency)} -> {show(each.proposed, each.currency)} {each.currency}"
            typer.echo(f"{each.customer} {each.name}: {money}, {each.reason}")
            for words in each.evidence:
                typer.echo(f"    {words}")
        if not found:
            typer.echo("No account suggests another limit.")


@credit_app.command("held")
def held(db: Db = None, user: User = None) -> None:
    """List the orders that are held, the oldest first."""
    from csdesk.money import show
    from csdesk.services import releasing

    with desk_of(user, db) as store:
        rows = store.read_now(releasing.held)
        for row in rows:
            asked = f"  request {row.asked} waits" if row.asked else ""
            money = f"{show(row.gross, row.currency)} {row.currency}"
            typer.echo(f"{row.number}  {money}  {row.customer}  {'; '.join(row.holds)}{asked}")
        if not rows:
            typer.echo("No order is held.")


@credit_app.command("release")
def release(
    order: Annotated[str, typer.Argument(help="The order's number.", show_default=False)],
    days: Annotated[int, typer.Option("--days", help="So many days the release holds good.")] = 5,
    why: Annotated[str, typer.Option("--why", help="Needed above your own tier: then it is asked for.")] = "",
    db: Db = None,
    user: User = None,
) -> None:
    """Release a held order, or ask for it where it is above your tier."""
    from csdesk.services import orders, releasing

    with desk_of(user, db) as store:
        row = store.read_now(releasing.find, order)
        if row.barred and why:
            typer.echo(store.write_now(releasing.ask, row.id, why, days, row.version).words)
        else:
            typer.echo(store.write_now(orders.release, row.id, days, row.version).words)
