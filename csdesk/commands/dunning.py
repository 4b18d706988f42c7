"""Commands of dunning: run the notices of a day, show the levels, ask that a debtor is left alone for a while."""

from __future__ import annotations

from typing import Annotated

import typer

from csdesk.commands.acting import desk_of, typed_date
from csdesk.commands.common import Db, User

dunning_app = typer.Typer(no_args_is_help=True, help="Reminders to debtors.")
AT_ONCE = 50  # accounts a transaction: a run that is killed has lost at most these


def register(app: typer.Typer) -> None:
    """Adds the commands of this family."""
    app.add_typer(dunning_app, name="dunning")


@dunning_app.command("run")
def run(
    on: Annotated[str, typer.Option("--on", help="The day of the run, 2026-11-30; today when left out.")] = "",
    dry: Annotated[bool, typer.Option("--dry", help="Only show what would go; write nothing.")] = False,
    interval: Annotated[int, typer.Option("--interval", help="Days at least between two notices to an account.")] = 7,
    db: Db = None,
    user: User = None,
) -> None:
    """Remind every debtor who is late, once a run; the same day again adds only what is missing."""
    from zoneinfo import ZoneInfo

    from csdesk.money import show
    from csdesk.services import dunning
    from csdesk.services.customers import company_zone

    with desk_of(user, db) as store:
        day = typed_date(on, "on") if on else store.clock().astimezone(ZoneInfo(store.read_now(company_zone))).date()
        made, after = 0, 0
        while accounts := store.read_now(dunning.waiting, day, after, AT_ONCE):
            after = accounts[-1]
            if dry:
                notices = store.read_now(dunning.preview, day, accounts, interval)
            else:
                notices = store.write_now(dunning.notify, day, accounts, interval)
            for each in notices:
                extra = f" + {show(each.fee + each.interest, each.currency)}" if each.fee + each.interest else ""
                typer.echo(
                    f"{each.customer}  level {each.level}  {show(each.amount, each.currency)}{extra} {each.currency}"
                    f"  {each.items} item{'s' * (each.items != 1)}  by {each.channel}"
                )
            made += len(notices)
        typer.echo(f"{made} notice{'s' * (made != 1)} {'would go' if dry else 'made'} on {day:%d %b %Y}.")


@dunning_app.command("block")
def block(
    customer: Annotated[str, typer.Argument(help="The customer's code.", show_default=False)],
    until: Annotated[str, typer.Option("--until", help="The last day without reminders, 2026-11-30.")],
    why: Annotated[str, typer.Option("--why", help="The reason; whoever decides reads it.")],
    db: Db = None,
    user: User = None,
) -> None:
    """Ask that a debtor is not reminded for a while; somebody else decides."""
    from csdesk.services import proposing

    with desk_of(user, db) as store:
        found = store.read_now(proposing.find, customer)
        typer.echo(store.write_now(proposing.block, found, typed_date(until, "until"), why).words)


@dunning_app.command("level")
def level(
    number: Annotated[int, typer.Argument(help="The level, from 1 on.", show_default=False)],
    procedure: Annotated[str, typer.Option("--procedure", help="Its procedure; the usual one when left out.")] = "",
    days: Annotated[int | None, typer.Option("--days", help="From so many days late.", show_default=False)] = None,
    channel: Annotated[str, typer.Option("--channel", help="mail, letter or call.")] = "",
    fee: Annotated[str, typer.Option("--fee", help="Stated once a notice.")] = "",
    minimum: Annotated[str, typer.Option("--minimum", help="Its items must come to this.")] = "",
    interest: Annotated[str, typer.Option("--interest", help="Percent a year.")] = "",
    text: Annotated[str, typer.Option("--text", help="What the notice says.")] = "",
    currency: Annotated[
        str, typer.Option("--currency", help="Of a new procedure's amounts, if not the company's.")
    ] = "",
    db: Db = None,
    user: User = None,
) -> None:
    """Change a level of a dunning procedure, or add the next one; fee and minimum are in the procedure's currency."""
    from csdesk.money import typed_minor
    from csdesk.services import dunning

    with desk_of(user, db) as store:
        money = store.read_now(dunning.currency_of, procedure, currency)
        asked = {"fee": typed_minor(fee, money) if fee else None,
                 "minimum": typed_minor(minimum, money) if minimum else None}  # fmt: skip
        said = store.write_now(
            dunning.set_level, number, procedure, days=days, channel=channel, interest=interest, text=text,
            currency=currency, **asked,
        )  # fmt: skip
        typer.echo(said)
