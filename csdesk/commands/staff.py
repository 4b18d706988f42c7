"""Commands that set a desk up and keep its people: found a company, add people, roles, delegations, the review."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from csdesk.commands.acting import people_desk
from csdesk.commands.common import Db, User, settings_from

if TYPE_CHECKING:
    from csdesk.server.public_keys import PublicKey
    from csdesk.services.access_review import Finding

staff_app = typer.Typer(no_args_is_help=True, help="Who may work at the desk, in which roles, in whose place.")
Login = Annotated[str, typer.Argument(help="The login.", show_default=False)]
Role = Annotated[str, typer.Argument(help="The role; docs/duties.md lists the usual ones.", show_default=False)]
Reason = Annotated[str, typer.Option("--reason", help="Why, for whoever decides and for the trail.")]
DAY = ["%Y-%m-%d"]


def register(app: typer.Typer) -> None:
    """Adds the commands of this family."""
    app.command("init")(init)
    app.add_typer(staff_app, name="staff")


def init(
    name: Annotated[str, typer.Option("--name", help="The company's name.")],
    country: Annotated[str, typer.Option("--country", help="Two letters, ISO 3166.")],
    currency: Annotated[str, typer.Option("--currency", help="Three letters, ISO 4217.")],
    zone: Annotated[str, typer.Option("--zone", help="IANA time zone.")] = "UTC",
    admin: Annotated[str, typer.Option("--admin", help="The first administrator's login.")] = "",
    admin_key: Annotated[str, typer.Option("--admin-key", metavar="FILE", help="The public key he comes in by.")] = "",
    db: Db = None,
) -> None:
    """Found a company on a fresh database: the schema, its warehouse, roles and reasons, and who administers it."""
    from csdesk.migrations import schema
    from csdesk.services import access_keys, founding
    from csdesk.store import Store

    key = _first_key(admin, admin_key)
    settings = settings_from(db=db)
    store = Store(settings.url, company=settings.company)
    try:
        schema.upgrade(store)
        typer.echo(store.write_now(founding.found, name, country, currency, zone))
        if admin:
            typer.echo(store.write_now(founding.add_staff, admin, "", "admin"))
        if key:
            typer.echo(store.write_now(access_keys.add_key, admin, key.public, key.comment))
        typer.echo("Next: csdesk staff add LOGIN --role rep, then csdesk --help.")
    finally:
        store.close()


def _first_key(admin: str, file: str) -> PublicKey | None:
    """The key is looked at before anything is founded."""
    from csdesk.errors import Invalid

    if not file:
        return None
    if not admin:
        raise Invalid("Say whose key it is: --admin LOGIN.", field="admin")
    from csdesk.server import public_keys

    return public_keys.read(file)


@staff_app.command("add")
def add(
    login: Login,
    name: Annotated[str, typer.Option("--name", help="The person's name.")] = "",
    role: Annotated[str, typer.Option("--role", help="rep, lead, supervisor or admin.")] = "rep",
    team: Annotated[str, typer.Option("--team", help="The team.")] = "",
    person_of: Annotated[str, typer.Option("--person-of", help="A login this person has already.")] = "",
    db: Db = None,
    user: User = None,
) -> None:
    """Add a login with a role; the trail names who did it, the system itself without --user."""
    from csdesk.services import founding

    with people_desk(db, user) as store:
        typer.echo(store.write_now(founding.add_staff, login, name, role, team, person_of))


@staff_app.command("grant")
def grant(login: Login, role: Role, db: Db = None, user: User = None) -> None:
    """Give a login one more role; duties that conflict are refused or said."""
    from csdesk.services import granting

    with people_desk(db, user) as store:
        for words in store.write_now(granting.grant, login, role):
            typer.echo(words)


@staff_app.command("revoke")
def revoke(login: Login, role: Role, db: Db = None, user: User = None) -> None:
    """Take a role from a login."""
    from csdesk.services import granting

    with people_desk(db, user) as store:
        typer.echo(store.write_now(granting.revoke, login, role))


@staff_app.command("disable")
def disable(login: Login, db: Db = None, user: User = None) -> None:
    """Disable a login: it signs in no more and decides nothing more."""
    from csdesk.services import granting

    with people_desk(db, user) as store:
        typer.echo(store.write_now(granting.disable, login))


@staff_app.command("enable")
def enable(login: Login, db: Db = None, user: User = None) -> None:
    """Enable a login that was disabled; its duties are looked at as when they are granted."""
    from csdesk.services import granting

    with people_desk(db, user) as store:
        for words in store.write_now(granting.enable, login):
            typer.echo(words)


@staff_app.command("accept-conflict")
def accept_conflict(
    login: Login,
    duty: Annotated[str, typer.Argument(help="One of the two duties.", show_default=False)],
    other: Annotated[str, typer.Argument(help="The other duty.", show_default=False)],
    control: Annotated[str, typer.Option("--control", help="What makes up for it: who looks at what, how often.")],
    db: Db = None,
    user: User = None,
) -> None:
    """Answer for a person who holds two duties that conflict."""
    from csdesk.services import granting

    with people_desk(db, user, person=True) as store:
        typer.echo(store.write_now(granting.accept, login, duty, other, control))


@staff_app.command("delegate")
def delegate(
    giver: Annotated[str, typer.Argument(metavar="FROM", help="Whose right it is.", show_default=False)],
    taker: Annotated[str, typer.Argument(metavar="TO", help="Who decides in that place.", show_default=False)],
    kinds: Annotated[str, typer.Option("--kinds", help="Kinds of request, separated by commas, or all.")],
    ends: Annotated[datetime, typer.Option("--to", formats=DAY, help="The last day.")],
    reason: Reason,
    starts: Annotated[datetime | None, typer.Option("--from", formats=DAY, help="The first day, else today.")] = None,
    cap: Annotated[str, typer.Option("--cap", help="Up to this amount, in the company's currency.")] = "",
    db: Db = None,
    user: User = None,
) -> None:
    """Ask that one person may decide in another's place; somebody else approves it."""
    from csdesk.services import delegating

    with people_desk(db, user, person=True) as store:
        first = starts.date() if starts else None
        named = tuple(kind.strip() for kind in kinds.split(",") if kind.strip())
        made = store.write_now(delegating.ask, giver, taker, named, first, ends.date(), reason, cap)
        typer.echo(made.words)


@staff_app.command("revoke-delegation")
def revoke_delegation(
    giver: Annotated[str, typer.Argument(metavar="FROM", help="Whose right it is.", show_default=False)],
    taker: Annotated[str, typer.Argument(metavar="TO", help="Who decides in that place.", show_default=False)],
    db: Db = None,
    user: User = None,
) -> None:
    """End what one person decides in another's place, at once."""
    from csdesk.services import delegating

    with people_desk(db, user) as store:
        typer.echo(store.write_now(delegating.revoke, giver, taker))


@staff_app.command("override")
def override(
    customer: Annotated[str, typer.Argument(help="The customer's code.", show_default=False)],
    rule: Annotated[str, typer.Argument(help="customer-hold, credit-limit or minimum-order.", show_default=False)],
    reason: Reason,
    up_to: Annotated[
        str, typer.Option("--up-to", help="The gross value of the order at most, where credit is given.")
    ] = "",
    days: Annotated[int, typer.Option("--days", help="For an order within so many days.")] = 7,
    db: Db = None,
    user: User = None,
) -> None:
    """Ask that a rule is set aside once, for a customer's next order; somebody else decides."""
    from csdesk.services import overriding

    with people_desk(db, user, person=True) as store:
        typer.echo(store.write_now(overriding.ask, customer, rule, reason, days, up_to).words)


@staff_app.command("break-glass")
def break_glass(
    login: Login,
    duty: Annotated[str, typer.Argument(help="The duty that is needed.", show_default=False)],
    hours: Annotated[int, typer.Option("--hours", help="For so long, 12 at most.")],
    reason: Reason,
    db: Db = None,
) -> None:
    """Take a duty in an emergency: one's own login, for hours; it is an alarm in the trail and must be reviewed."""
    from csdesk.services import emergency

    with people_desk(db, login, person=True) as store:
        typer.echo(store.write_now(emergency.take, duty, hours, reason))


@staff_app.command("review-emergency")
def review_emergency(
    number: Annotated[int, typer.Argument(metavar="ID", help="As 'staff review' shows it.", show_default=False)],
    verdict: Annotated[str, typer.Option("--verdict", help="What came of it.")],
    db: Db = None,
    user: User = None,
) -> None:
    """Say what came of an emergency of somebody else."""
    from csdesk.services import emergency

    with people_desk(db, user, person=True) as store:
        typer.echo(store.write_now(emergency.review, number, verdict))


@staff_app.command("review")
def review(
    csv_file: Annotated[str, typer.Option("--csv", metavar="FILE", help="Write it there, - for standard output.")] = "",
    db: Db = None,
    user: User = None,
) -> None:
    """Who holds what by which role, every conflict with risk and control, emergencies, delegations, ways in."""
    from csdesk.services import access_review

    with people_desk(db, user) as store:
        found = store.read_now(access_review.review)
    if csv_file:
        _write(found, csv_file)
        return
    for each in found:
        if each.what != "holding":
            typer.echo(_line(each))
    held = [each for each in found if each.what == "holding"]
    for person, logins in dict.fromkeys((each.person, each.logins) for each in held):
        duties = sorted({each.duty for each in held if (each.person, each.logins) == (person, logins)})
        roles = sorted({each.roles for each in held if (each.person, each.logins) == (person, logins)})
        typer.echo(f"{person} ({logins}) as {', '.join(roles)}: {', '.join(duties)}")


def _line(each: Finding) -> str:
    duties = " x ".join(text for text in (each.duty, each.other) if text)
    who = f"{each.person} ({each.logins})" if each.logins else each.person
    parts = [each.what.upper(), each.level, who, each.roles, duties, each.risk]
    parts += [f"until {each.until}" if each.until else "", f"control: {each.control}" if each.control else ""]
    parts += [f"review with: csdesk staff review-emergency {each.id}" if each.id and each.level else ""]
    return "  ".join(part for part in parts if part)


def _write(found: tuple[Finding, ...], name: str) -> None:
    """The review as CSV, one line each; a cell that a spreadsheet would run as a formula gets an apostrophe."""
    import csv
    import sys
    from dataclasses import astuple, fields
    from pathlib import Path

    from csdesk.services.access_review import Finding

    def cell(value: object) -> object:
        text = str(value)
        return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else value

    with Path(name).open("w", newline="", encoding="utf-8") if name != "-" else _keep(sys.stdout) as out:
        writer = csv.writer(out)
        writer.writerow([each.name for each in fields(Finding)])
        writer.writerows([cell(value) for value in astuple(each)] for each in found)
    if name != "-":
        typer.echo(f"{len(found)} lines written to {name}.")


@contextmanager
def _keep(stream: object) -> Iterator[object]:
    """Standard output stays open."""
    yield stream
