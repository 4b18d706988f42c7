"""Commands of the roster: take one in from a file, show it, end one's shift."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from csdesk.commands.acting import desk_of
from csdesk.commands.common import Db, User

if TYPE_CHECKING:
    from csdesk.services.rosters import Line

roster_app = typer.Typer(no_args_is_help=True, help="Who is on shift, for which team and on which level.")
COLUMNS = ("login", "start", "end", "team", "level")
FileArgument = Annotated[Path, typer.Argument(help="CSV or XLSX: login, start, end, team, level.", show_default=False)]


def register(app: typer.Typer) -> None:
    """Adds the commands of this family."""
    app.add_typer(roster_app, name="roster")


@roster_app.command("load")
def load(file: FileArgument, db: Db = None, user: User = None) -> None:
    """Take a roster in: local times of the company's zone, "2026-11-23 08:00" to "16:30", level rep, lead, supervisor,
    operations or finance.

    For the people it names it replaces what was loaded for its days; shifts that have begun stay.
    """
    from csdesk.services import rosters

    with desk_of(user, db) as store:
        typer.echo(store.write_now(rosters.load, _lines(file)))


def _lines(file: Path) -> tuple[Line, ...]:
    """The lines of a roster file. Raises Invalid when it cannot be read or lacks a column."""
    from csdesk.errors import Invalid
    from csdesk.importing.readers import open_sheet
    from csdesk.importing.spec import Part
    from csdesk.services.rosters import Line

    sheet = open_sheet(file, Part(name="roster", match=("*",)))
    places = {name.strip().lower(): n for n, name in enumerate(sheet.header)}
    missing = [name for name in COLUMNS[:3] if name not in places]
    if missing:
        raise Invalid(f"{file.name} has no column {', '.join(missing)}; it wants {', '.join(COLUMNS)}.", field="file")
    found = []
    for number, cells in sheet.rows():
        told = {name: _text(cells[n]) for name, n in places.items() if name in COLUMNS and n < len(cells)}
        if any(told.values()):
            found.append(Line(number, *(told.get(name, "") for name in COLUMNS)))
    return tuple(found)


def _text(cell: str) -> str:
    """A cell as it was meant: a workbook gives midnight of a day as the bare day."""
    from csdesk.importing.values import Typed

    midnight = isinstance(cell, Typed) and len(cell) == len("2026-11-23") and cell.count("-") == 2
    return f"{cell} 00:00" if midnight else cell.strip()


@roster_app.command("show")
def show(
    days: Annotated[int, typer.Option("--days", help="How many days ahead.")] = 7, db: Db = None, user: User = None
) -> None:
    """Show who is on shift now and in the next days, and callbacks that are in nobody's hands."""
    from zoneinfo import ZoneInfo

    from csdesk.rules.text import printable
    from csdesk.services import callback_lists, rosters

    with desk_of(user, db) as store:
        zone = ZoneInfo(store.read_now(rosters.zone))
        shifts = store.read_now(rosters.shown, days)
        for each in shifts:
            start, end = each.starts_at.astimezone(zone), each.ends_at.astimezone(zone)
            now = f"ended {each.ended_at.astimezone(zone):%H:%M}" if each.ended_at else "now" if each.now else ""
            who = f"{each.login:<10} {each.level or 'rep':<10} {each.team:<10}"
            typer.echo(printable(f"{start:%a %d %b %H:%M}-{end:%H:%M}  {who} {now}").rstrip())
        if not shifts:
            typer.echo("No shift is on the roster; everybody counts as on shift where none was ever loaded.")
        for row in store.read_now(callback_lists.unowned):
            due = f"{row.due.astimezone(zone):%d %b %H:%M}"
            typer.echo(printable(f"in nobody's hands: {row.customer}, {due} {row.words}"))


@roster_app.command("end")
def end(db: Db = None, user: User = None) -> None:
    """End your shift; refused while callbacks of yours are due by its end and not handed over."""
    from csdesk.services import handover

    with desk_of(user, db) as store:
        typer.echo(store.write_now(handover.end_shift))
