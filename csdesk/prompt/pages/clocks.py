"""The clocks of a ticket as pages: all of them, and one with all it counted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from csdesk.prompt.page import Column, Page, Row
from csdesk.prompt.pages.ticket import CLOCKS, span_words
from csdesk.rules.clock_explain import Counted, Explained, Spell, block_text
from csdesk.rules.ticket_lives import Clock
from csdesk.rules.ticket_policy import target_text
from csdesk.services.clock_views import ClocksView

MOST_DAYS = 12  # days told one by one; of more the first ones are told as one line
_PARTIES = {"customer": "the customer", "third": "a third party", "internal": "somebody inside",
            "resolved": "nothing: it was resolved"}  # fmt: skip


def clocks_page(view: ClocksView) -> Page:
    """All clocks of a ticket, those that run first; Enter shows how one was counted."""
    columns = (Column("", 2, "right"), Column("Clock", 11), Column("State", 8), Column("Due", 16), Column("Used", 8),
               Column("Of", 8), Column("", 20, flex=True))  # fmt: skip
    rows = tuple(_clock_row(number, each, view) for number, each in enumerate(view.clocks, 1))
    lead = (Row((view.subject,), "strong", span=True),)
    foot = (Row(("Enter or a digit: what it counted   F3 back",), "head", span=True),)
    return Page(f"CLOCKS of ticket {view.number}   {len(rows)}", columns, rows, lead, foot, cursor=0 if rows else None)


def _clock_row(number: int, each: Explained, view: ClocksView) -> Row:
    clock = each.clock
    due = at_words(clock.due, view) if clock.due is not None else "not while paused"
    epoch = f" {clock.epoch}" if clock.epoch > 1 else ""
    cells = (str(number) if number < 10 else "", f"{CLOCKS[clock.kind]}{epoch}", clock.state, due,
             span_words(clock.elapsed), span_words(clock.target), _standing(clock))  # fmt: skip
    return Row(cells, "warn" if clock.breached_at is not None else "plain" if clock.met_at is None else "dim")


def _standing(clock: Clock) -> str:
    if clock.breached_at is not None:
        return f"LATE by {span_words(clock.late)}"
    if clock.state in ("running", "paused"):
        return f"{span_words(clock.remaining)} left"
    return "in time" if clock.met_at is not None else "ended without need"


def at_words(at: datetime, view: ClocksView) -> str:
    """An instant in the company's zone: its clock time, with its day when that is another."""
    local, today = at.astimezone(view.zone), view.now.astimezone(view.zone)
    if local.date() == today.date():
        return f"today {local:%H:%M}"
    return f"{local:%a %d %b %H:%M}" if local.year == today.year else f"{local:%d %b %Y %H:%M}"


def clock_page(view: ClocksView, which: Explained) -> Page:
    """One clock: what it says, by which policy, what it counted day by day, what paused it."""
    clock = which.clock
    zone = ZoneInfo(clock.calendar.zone)
    epoch = f" ({clock.epoch})" if clock.epoch > 1 else ""
    title = f"CLOCK {CLOCKS[clock.kind]}{epoch} of ticket {view.number}   {clock.state}"
    lead = [Row((text,), "strong" if number == 0 else "plain", span=True)
            for number, text in enumerate(_head(which, zone))]  # fmt: skip
    if clock.breached_at is not None:
        since = moment(clock.breached_at, zone)
        lead.append(Row((f"LATE since {since}, by {span_words(clock.late)} of open time",), "warn", span=True))
    lead += [Row((_spell(each, zone, "not counted"),), span=True) for each in which.pauses]
    lead += [Row((_spell(each, zone, "counted, but spent on"),), "dim", span=True) for each in which.waits]
    columns = (Column("Day", 10), Column("Counted", 24, flex=True), Column("Time", 8, "right"), Column("", 26))
    rows = (*_days(which.used, zone, ""), *_days(which.ahead, zone, "still to come"))
    foot = (Row((_sum(which, zone),), "head", span=True),)
    return Page(title, columns, rows, tuple(lead), foot, cursor=len(rows) - 1 if rows else None)


def _head(which: Explained, zone: ZoneInfo) -> list[str]:
    clock = which.clock
    due = "paused: no due while it lasts" if clock.due is None else f"due {moment(clock.due, zone)}"
    left = f", {span_words(clock.remaining)} left" if clock.state in ("running", "paused") and clock.remaining else ""
    ended = clock.met_at or clock.stopped_at
    end = f", {'met' if clock.met_at else 'ended'} {moment(ended, zone)}" if ended is not None else left
    calendar = f"calendar {clock.calendar.name or '?'} version {clock.calendar.version}, {clock.calendar.zone}"
    if clock.kind == "callback":
        by = "as it was promised, around the clock"
    else:
        by = f"policy {clock.policy} version {clock.policy_version}, priority {clock.priority}: {given_words(clock)}"
    begun = f"from {moment(clock.started_at, zone)}, {span_words(clock.target)} of open time"
    return [f"{due}{end if clock.breached_at is None or ended else ''}", begun, by, calendar]


def given_words(clock: Clock) -> str:
    """A target as the policy has it: 4h, or 2d for working days."""
    text = target_text(clock.given)
    return f"{text} (close of that working day)" if text.endswith("d") else text


def _spell(each: Spell, zone: ZoneInfo, what: str) -> str:
    until = moment(each.end, zone) if each.end is not None else "now"
    why = f": {each.reason}" if each.reason and each.party != "resolved" else ""
    whom = _PARTIES.get(each.party, each.party)
    if what == "not counted":
        head = f"paused for {whom}" if each.party != "resolved" else "paused while it was resolved"
        return f"{head}, {moment(each.start, zone)} to {until}, {span_words(each.time)} not counted{why}"
    return f"of it waited for {whom}, {moment(each.start, zone)} to {until}, {span_words(each.time)}{why}"


def _days(days: Sequence[Counted], zone: ZoneInfo, remark: str) -> list[Row]:
    """A row a day; the first of many as one."""
    cut = max(len(days) - MOST_DAYS, 0)
    early = days[:cut]
    rows = []
    if early:
        time = sum((each.time for each in early), timedelta(0))
        rows.append(Row((f"{early[0].day:%a %d %b}", f"to {early[-1].day:%a %d %b}", span_words(time),
                         f"{len(early)} days"), "dim"))  # fmt: skip
    for each in days[cut:]:
        blocks = " ".join(block_text(block, zone) for block in each.blocks) or "-"
        told = "; ".join(filter(None, (each.remark, remark)))
        rows.append(Row((f"{each.day:%a %d %b}", blocks, span_words(each.time) if each.blocks else "", told),
                        "dim" if remark else "plain"))  # fmt: skip
    return rows


def _sum(which: Explained, zone: ZoneInfo) -> str:
    return f"used {span_words(which.clock.elapsed)} until {moment(which.end, zone)}   F3 back"


def moment(at: datetime | None, zone: ZoneInfo) -> str:
    """An instant as it is said: Mon 15 Jun 11:00."""
    return "" if at is None else f"{at.astimezone(zone):%a %d %b %H:%M}"
