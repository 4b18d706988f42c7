"""Commands of surveys and escalations: noting an answer, listing what is escalated."""

from __future__ import annotations

from typing import Annotated

import typer

from csdesk.commands.acting import desk_of
from csdesk.commands.common import Db, User

survey_app = typer.Typer(no_args_is_help=True, help="What customers say of closed tickets.")
escalation_app = typer.Typer(no_args_is_help=True, help="What is escalated, and to whom.")


def register(app: typer.Typer) -> None:
    """Adds the commands of this family."""
    app.add_typer(survey_app, name="survey")
    app.add_typer(escalation_app, name="escalation")


@survey_app.callback()
def _surveys() -> None:
    """What customers say of closed tickets; 'csdesk report surveys' has the figures."""


@survey_app.command("answer")
def answer(
    code: Annotated[str, typer.Argument(help="The code of the mail that asked.", show_default=False)],
    score: Annotated[int, typer.Argument(help="1 (not at all satisfied) to 5 (very).", show_default=False)],
    recommend: Annotated[int | None, typer.Option(help="0 (not likely) to 10 (very).", show_default=False)] = None,
    comment: Annotated[str, typer.Option(help="What the customer wrote.")] = "",
    db: Db = None,
    user: User = None,
) -> None:
    """Note the answer to a survey, once. A low score calls for a lead."""
    from csdesk.services import surveys

    with desk_of(user, db) as store:
        typer.echo(store.write_now(surveys.answer, code, score, recommend, comment).words)


@escalation_app.callback()
def _escalations() -> None:
    """What is escalated, and to whom."""


@escalation_app.command("list")
def listed(db: Db = None, user: User = None) -> None:
    """List what is escalated now and not closed, the earliest first."""
    from zoneinfo import ZoneInfo

    from csdesk.rules.text import printable
    from csdesk.services import customers, escalation_lists

    with desk_of(user, db) as store:
        zone = ZoneInfo(store.read_now(customers.company_zone))
        for each in store.read_now(escalation_lists.live):
            step = f"  next: {each.next_step}" if each.next_step else ""
            line = f"{each.raised_at.astimezone(zone):%a %d %b %H:%M}  {each.number}  {each.level:<10} {each.to:<20} "
            typer.echo(printable(f"{line}{each.state:<12} {each.why}{step}"))
