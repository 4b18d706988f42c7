"""Commands of the clocks: why a ticket's clock says what it says, and what any calendar would make of a case."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from csdesk.commands.acting import desk_of
from csdesk.commands.common import Db, User

if TYPE_CHECKING:
    from csdesk.rules.clock import Calendar, Pause

clock_app = typer.Typer(no_args_is_help=True, help="Clocks explained, and open time of any calendar.")
CalendarOption = Annotated[
    str, typer.Option("--calendar", help="A TOML file (FILE or FILE:name), else a calendar's code.", show_default=False)
]
At = Annotated[str, typer.Option(help="Local time of the calendar, 2026-06-12 18:30, or with an offset.")]
Pauses = Annotated[list[str] | None, typer.Option("--pause", help="FROM/TO that does not count.", show_default=False)]


def register(app: typer.Typer) -> None:
    """Adds the commands of this family."""
    app.add_typer(clock_app, name="clock")


@clock_app.command("explain")
def explain(
    ticket: Annotated[str, typer.Argument(help="The ticket's number.", show_default=False)],
    clock: Annotated[str, typer.Option(help="Only this kind: resolution, reply …", show_default=False)] = "",
    db: Db = None,
    user: User = None,
) -> None:
    """Explain a ticket's clocks: start, hours counted, pauses, holidays skipped, policy and calendar, due, lateness."""
    from csdesk.errors import Invalid
    from csdesk.prompt.line import page_text
    from csdesk.prompt.pages.clocks import clock_page, clocks_page
    from csdesk.rules.text import printable
    from csdesk.services import clock_views

    with desk_of(user, db) as store:
        view = store.read_now(clock_views.of_number, ticket)
    some = [each for each in view.clocks if clock in ("", each.clock.kind)]
    if clock and not some:
        there = ", ".join(dict.fromkeys(each.clock.kind for each in view.clocks)) or "none"
        raise Invalid(f"Ticket {view.number} has no clock '{clock}'; it has {there}.", field="clock")
    pages = [*([] if clock else [clocks_page(view)]), *(clock_page(view, each) for each in some)]
    for page in pages:
        for line in page_text(page)[:-1]:  # the last line names keys
            typer.echo(printable(line))
        typer.echo("")


@clock_app.command("due")
def due(
    calendar: CalendarOption, start: At, target: Annotated[str, typer.Option(help="4h, 30m, 1h30m, or 2d.")],
    pause: Pauses = None, db: Db = None, user: User = None,
) -> None:  # fmt: skip
    """Say when a target is used up, and what is counted until then."""
    from csdesk.rules import clock
    from csdesk.rules.clock_explain import days
    from csdesk.rules.ticket_policy import target_of

    hours = _calendar(calendar, db, user)
    begin, pauses = _instant(hours, start), _pauses(hours, pause)
    end = clock.due(hours, begin, target_of(target), pauses)
    typer.echo(f"due {_told(hours, end)}")
    _list(hours, days(hours, begin, end, pauses))


@clock_app.command("elapsed")
def elapsed(
    calendar: CalendarOption, start: At, end: At, pause: Pauses = None, db: Db = None, user: User = None
) -> None:
    """Say how much open time lies between two instants, and on which days."""
    from csdesk.rules import clock
    from csdesk.rules.clock_explain import days

    hours = _calendar(calendar, db, user)
    begin, until, pauses = _instant(hours, start), _instant(hours, end), _pauses(hours, pause)
    typer.echo(f"open time {clock.elapsed(hours, begin, until, pauses)}")
    _list(hours, days(hours, begin, until, pauses))


@clock_app.command("next-open")
def next_open(calendar: CalendarOption, at: At, db: Db = None, user: User = None) -> None:
    """Say whether an instant is open, when it opens next and until when."""
    from csdesk.rules import clock

    hours = _calendar(calendar, db, user)
    begin = _instant(hours, at)
    state = "open" if clock.is_open(hours, begin) else "closed"
    opens = clock.next_open(hours, begin)
    closes = clock.next_close(hours, opens)
    until = f"until {_told(hours, closes)}" if closes is not None else "and stays so for a year"
    typer.echo(f"{state}; open from {_told(hours, opens)} {until}")


def _calendar(name: str, db: str | None, user: str | None) -> Calendar:
    """The calendar of a file, or the desk's of that code. Raises Invalid, NotFound."""
    from csdesk.services import clock_views

    path, _, which = name.partition(":") if not Path(name).is_file() else (name, "", "")
    if Path(path).is_file():
        return _of_file(Path(path), which)
    if path.endswith(".toml"):
        return _of_file(Path(path), which)  # refused there: it cannot be read
    with desk_of(user, db) as store:
        return store.read_now(clock_views.calendar, name)


def _of_file(file: Path, which: str) -> Calendar:
    """A file is one calendar, or tables of them, as `csdesk service` takes them or by name."""
    from csdesk.commands.service import toml_of
    from csdesk.errors import Invalid
    from csdesk.rules.clock_text import calendar_of

    told = toml_of(file)
    if "zone" in told:
        return calendar_of(told)
    tables = told.get("calendar", told)
    named = {key: each for key, each in tables.items() if isinstance(each, dict) and "zone" in each}
    if not named or (which and which not in named):
        there = ", ".join(named) or "none"
        raise Invalid(f"{file} has no calendar '{which}'; it has {there}.", field="calendar")
    if not which and len(named) > 1:
        raise Invalid(f"{file} has several calendars; say which: {file}:{next(iter(named))}.", field="calendar")
    return calendar_of({**named[which or next(iter(named))], "name": which or next(iter(named))})


def _instant(calendar: Calendar, text: str) -> datetime:
    """An instant as typed: local to the calendar unless it carries its offset. Raises Invalid."""
    from datetime import UTC
    from zoneinfo import ZoneInfo

    from csdesk.errors import Invalid

    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise Invalid(f"'{text}' is no instant; type it as 2026-06-12 18:30.", field="start") from None
    return (found if found.tzinfo else found.replace(tzinfo=ZoneInfo(calendar.zone))).astimezone(UTC)


def _pauses(calendar: Calendar, texts: list[str] | None) -> list[Pause]:
    from csdesk.errors import Invalid

    found = []
    for each in texts or ():
        start, slash, end = each.partition("/")
        if not slash:
            raise Invalid(f"'{each}' is no pause; type it as 2026-06-10 16:30/2026-06-11 09:30.", field="pause")
        span = _instant(calendar, start), _instant(calendar, end)
        if span[1] < span[0]:
            raise Invalid(f"The pause '{each}' ends before it begins.", field="pause")
        found.append(span)
    return found


def _told(calendar: Calendar, at: datetime) -> str:
    from zoneinfo import ZoneInfo

    local = at.astimezone(ZoneInfo(calendar.zone))
    return f"{local:%a %Y-%m-%d %H:%M:%S %z} ({calendar.zone})"


def _list(calendar: Calendar, counted: object) -> None:
    from zoneinfo import ZoneInfo

    from csdesk.rules.clock_explain import block_text

    zone = ZoneInfo(calendar.zone)
    for each in counted:  # type: ignore[attr-defined]
        blocks = " ".join(block_text(block, zone) for block in each.blocks) or "-"
        typer.echo(
            f"  {each.day:%a %Y-%m-%d}  {blocks:<28} {str(each.time) if each.blocks else '':<9} {each.remark}".rstrip()
        )
