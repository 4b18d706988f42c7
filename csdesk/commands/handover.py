"""Commands of the handover: make a team's pack, show the latest one."""

from __future__ import annotations

from typing import Annotated

import typer

from csdesk.commands.acting import desk_of
from csdesk.commands.common import Db, User

handover_app = typer.Typer(no_args_is_help=True, help="What a shift leaves to the next one.")
Team = Annotated[str, typer.Option("--team", help="The team; your own unless named.")]


def register(app: typer.Typer) -> None:
    """Adds the commands of this family."""
    app.add_typer(handover_app, name="handover")


@handover_app.command("make")
def make(
    note: Annotated[str, typer.Option("--note", help="What the next shift should know.")] = "",
    team: Team = "",
    db: Db = None,
    user: User = None,
) -> None:
    """Pack what is due until the end of the next shift: your own, as a lead the team's."""
    from csdesk.services import handover

    with desk_of(user, db) as store:
        typer.echo(store.write_now(handover.pack, team, note).words)


@handover_app.command("show")
def show(team: Team = "", db: Db = None, user: User = None) -> None:
    """Show a team's latest pack, line by line, and who has accepted what."""
    from zoneinfo import ZoneInfo

    from csdesk.rules.text import printable
    from csdesk.services import handover, rosters

    with desk_of(user, db) as store:
        found, zone = store.read_now(handover.latest, team), ZoneInfo(store.read_now(rosters.zone))
        if found.made_at is None:
            typer.echo(f"Nothing was packed for {found.team or 'the desk'} yet.")
            return
        made = f"{found.made_at.astimezone(zone):%d %b %H:%M}"
        typer.echo(printable(f"{found.team or 'the desk'}, packed by {found.made_by} {made}"))
        for each in found.lines:
            due = f"{each.due_at.astimezone(zone):%d %b %H:%M}" if each.due_at else ""
            taken = f"  accepted by {each.accepted_by}" if each.accepted_by else ""
            typer.echo(printable(f"{each.line:>3}  {each.kind:<9}{due:<13}{each.of:<10} {each.words}{taken}"))
