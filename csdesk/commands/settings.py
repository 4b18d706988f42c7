"""Commands of what a company sets for itself: approval tiers, rules of an account, conflicts of duties."""

from __future__ import annotations

from typing import Annotated

import typer

from csdesk.commands.acting import desk_of
from csdesk.commands.common import Db, User

settings_app = typer.Typer(no_args_is_help=True, help="Approval tiers, rules of accounts, conflicts of duties.")
Kind = Annotated[str, typer.Argument(help="The kind of request, e.g. write-off.", show_default=False)]
Level = Annotated[str, typer.Option(help="block, warn or none.", show_default=False)]


def register(app: typer.Typer) -> None:
    """Adds the commands of this family."""
    app.add_typer(settings_app, name="settings")


@settings_app.command("tiers")
def tiers(
    kind: Annotated[str, typer.Argument(help="Only this kind of request.", show_default=False)] = "",
    db: Db = None,
    user: User = None,
) -> None:
    """List who approves what up to which amount."""
    from csdesk.money import show
    from csdesk.services import settings

    with desk_of(user, db) as store:
        for each in store.read_now(settings.tiers_of, kind):
            edge = "any amount" if each.up_to is None else f"up to {show(each.up_to, each.currency)}"
            by = " then ".join(each.steps) or settings.NOBODY
            typer.echo(f"{each.kind.replace('_', '-'):<20} {each.currency}  {edge:<20} {by}")


@settings_app.command("tier")
def tier(
    kind: Kind,
    currency: Annotated[str, typer.Argument(help="Three letters, ISO 4217.", show_default=False)],
    up_to: Annotated[str, typer.Argument(help="Up to and including, in major units; 'any' has no end.")],
    roles: Annotated[str, typer.Argument(help="Who approves one after the other: finance,manager.")] = "",
    remove: Annotated[bool, typer.Option("--remove", help="Take this tier away.")] = False,
    db: Db = None,
    user: User = None,
) -> None:
    """Set who approves a kind of request up to an amount, in one currency."""
    from csdesk.services import settings

    with desk_of(user, db) as store:
        typer.echo(store.write_now(settings.tier, kind, currency, up_to, tuple(roles.split(",")), remove))


@settings_app.command("service")
def service(
    name: Annotated[str, typer.Argument(help="The setting, e.g. escalate-lead.", show_default=False)] = "",
    value: Annotated[str, typer.Argument(help="Its value; 'usual' takes it back.", show_default=False)] = "",
    db: Db = None,
    user: User = None,
) -> None:
    """List the settings of escalations and surveys, or set one."""
    from csdesk.services import service_settings

    with desk_of(user, db) as store:
        if name and value:
            typer.echo(store.write_now(service_settings.set_, name, value))
            return
        for each in store.read_now(service_settings.shown):
            if name in ("", each.name):
                mark = "" if each.usual else "  (set)"
                typer.echo(f"{each.name:<20} {each.value or 'none':<24} {each.words}{mark}")


@settings_app.command("account")
def account(
    customer: Annotated[str, typer.Argument(help="The code of a customer billed on it.", show_default=False)],
    procedure: Annotated[str | None, typer.Option(help="Its dunning procedure; 'usual'.", show_default=False)] = None,
    oldest_days: Annotated[
        str | None, typer.Option(help="An item later than this holds orders; - for no rule.", show_default=False)
    ] = None,
    highest_level: Annotated[
        str | None, typer.Option(help="A dunning level above this holds orders; - for none.", show_default=False)
    ] = None,
    deduction_days: Annotated[
        str | None, typer.Option(help="Days to solve its deductions in; - for as usual.", show_default=False)
    ] = None,
    db: Db = None,
    user: User = None,
) -> None:
    """Set the rules of the account a customer is billed on; what is left out stays."""
    from csdesk.services import settings

    given = {"procedure": procedure, "oldest_days": oldest_days, "highest_level": highest_level,
             "deduction_days": deduction_days}  # fmt: skip
    with desk_of(user, db) as store:
        typer.echo(store.write_now(settings.account, customer, **given))


@settings_app.command("conflicts")
def conflicts(db: Db = None, user: User = None) -> None:
    """List which duties conflict: when one person holds both, on the same order, on the same customer."""
    from csdesk.services import settings

    with desk_of(user, db) as store:
        for each in store.read_now(settings.conflicts):
            levels = "/".join(level or "none" for level in (each.level, each.same_order, each.same_customer))
            typer.echo(f"{each.duty_a} x {each.duty_b}  {levels}  {each.risk}")


@settings_app.command("conflict")
def conflict(
    duty: Annotated[str, typer.Argument(help="One duty.", show_default=False)],
    other: Annotated[str, typer.Argument(help="The other duty.", show_default=False)],
    level: Annotated[str, typer.Argument(help="When one person holds both: block, warn or none.", show_default=False)],
    risk: Annotated[str, typer.Argument(help="What could happen, in one sentence.", show_default=False)],
    same_order: Level = "",
    same_customer: Level = "",
    db: Db = None,
    user: User = None,
) -> None:
    """Set how two duties conflict; nobody loosens a conflict of a duty he holds himself."""
    from csdesk.services import settings

    with desk_of(user, db) as store:
        typer.echo(store.write_now(settings.conflict, duty, other, level, risk, same_order, same_customer))
