"""Tickets as pages: a list, and one whole with its clocks, lines and thread."""

from __future__ import annotations

from collections.abc import Container, Sequence
from datetime import datetime, timedelta, tzinfo

from csdesk.documents.cells import wrapped
from csdesk.money import show, show_quantity
from csdesk.prompt.page import Column, Page, Row, counted
from csdesk.prompt.pages.corrective import action_rows
from csdesk.prompt.pages.ticket_foot import about_rows, foot_rows
from csdesk.rules.ticket_lives import Clock
from csdesk.services.ticket_views import ItemView, LineView, TicketRow, TicketView

CLOCKS = {"acknowledge": "acknowledge", "first_response": "answer", "reply": "reply", "keep_informed": "tell",
          "resolution": "solve", "approval": "approval", "callback": "callback"}  # fmt: skip
SHORT = {"acknowledge": "ack"}  # where a list has little room
NAME = 17  # cells of who wrote a piece of the thread, in a window as wide as the usual one
NAME_LEAST = 10
THREAD_MARGIN = 28  # what stands before the words of the thread beside that name: margin, day, kind, gaps
USUAL_WIDTH = 75
MOST_LINES = 1000  # of one piece of it


def tickets_page(rows: Sequence[TicketRow], whose: str, zone: tzinfo, now: datetime) -> Page:
    """A list of tickets, the next due first."""
    columns = (
        Column("", 2, "right"), Column("Number", 8), Column("What", 9), Column("P", 1), Column("State", 10),
        Column("Subject", 20, flex=True), Column("Due", 19), Column("Customer", 20, wide=110),
        Column("With", 7), Column("Of", 6, wide=100),
    )  # fmt: skip
    made = tuple(
        Row(
            (str(n) if n < 10 else "", each.number, each.kind, str(each.priority), spoken(each.state), each.subject,
             listed_due(each.due_kind, each.due_at, now, zone), each.customer, each.owner,
             f"{each.opened_at.astimezone(zone):%d %b}"),
            "warn" if each.due_at is not None and each.due_at <= now else "plain",
        )
        for n, each in enumerate(rows, 1)
    )  # fmt: skip
    lead = () if rows else (Row(("No ticket is there.",), span=True),)
    return Page(f"TICKETS   {whose}   {counted(len(rows))}", columns if rows else (), made, lead,
                cursor=0 if rows else None)  # fmt: skip


def spoken(state: str) -> str:
    """A state in words."""
    return {"waiting_customer": "waits cust", "waiting_internal": "waits in", "waiting_third": "waits 3rd"}.get(
        state, state
    )


def due_words(kind: str, due: datetime | None, now: datetime, zone: tzinfo) -> str:
    """A clock in a short phrase: what is due and when, LATE when it is past."""
    if due is None:
        return ""
    local, today = due.astimezone(zone), now.astimezone(zone).date()
    when = f"{local:%H:%M}" if local.date() == today else f"{local:%a %d %H:%M}"
    return f"{CLOCKS[kind]} {when}" if due > now else f"LATE {CLOCKS[kind]}"


def listed_due(kind: str, due: datetime | None, now: datetime, zone: tzinfo) -> str:
    """The same in the cells a list has for it: the day of the week and the time within a week, then the day alone."""
    words = due_words(kind, due, now, zone)
    if due is None or due <= now:
        return words
    local, today = due.astimezone(zone), now.astimezone(zone).date()
    days = (local.date() - today).days
    when = f"{local:%H:%M}" if not days else f"{local:%a %H:%M}" if days < 7 else f"{local:%a %d %b}"
    return f"{SHORT.get(kind, CLOCKS[kind])} {when}"


def ticket_page(view: TicketView, now: datetime, duties: Container[str] = (), width: int = 80) -> Page:
    """One whole: what it is, its clocks, what it is about, its lines with what became of the money, and the thread, the
    latest first. What may be done stands in the last lines, with the draft that is kept and who else is at work."""
    head = view.head
    stage = "" if view.stage == "closed" != head.state else view.stage  # once closed it may have been opened again
    flags = "".join(f"   {each}" for each in (f"[{stage}]" if stage else "", "SAFETY!" if view.safety else "") if each)
    title = f"TICKET {head.number}   {head.kind}   {spoken(head.state)}   P{head.priority}{flags}"
    since = head.opened_at.astimezone(view.zone)
    owner = f"with {head.owner}" if head.owner else "with nobody"
    lead = [Row((head.subject,), "strong", span=True),
            Row((f"{head.customer}   {owner}   queue {head.queue}   since {since:%d %b %H:%M}",), span=True),
            *_clock_rows(view, now), *about_rows(view)]  # fmt: skip
    for each in view.lines:
        lead += [Row((text,), tone, span=True) for text, tone in _line_rows(each)]  # type: ignore[arg-type]
    lead += action_rows(view.actions)
    rows = tuple(row for each in reversed(view.items) for row in _item_rows(view, each, width))
    columns = (Column("At", 12), Column("What", 8), Column("Who", 10), Column("", 30, flex=True))
    foot = foot_rows(view, duties)
    return Page(title, columns, rows, tuple(lead), foot, cursor=0 if rows else None)


def _item_rows(view: TicketView, each: ItemView, width: int) -> list[Row]:
    """A piece of the thread, wrapped; what the customer never sees is dim."""
    body = f"(taken back) {each.body}" if each.gone else each.body
    most = NAME if width >= USUAL_WIDTH else NAME_LEAST
    texts = [part for line in body.splitlines() or [""] for part in wrapped(line, max(8, width - THREAD_MARGIN - most))]
    texts = texts[:MOST_LINES] + ["…"] * (len(texts) > MOST_LINES)
    inside = each.gone or not (each.visible or each.kind in {"inbound", "call"})
    first = (f"{each.at.astimezone(view.zone):%d %b %H:%M}", each.kind, _short(each.author, most))
    blank = ("", "", "")
    return [Row((*(blank if n else first), text), "dim" if inside else "plain") for n, text in enumerate(texts)]


def _short(name: str, most: int) -> str:
    """A name in so many cells: what is too long of it gives way, never the words beside it."""
    return name if len(wrapped(name, most)) == 1 else f"{wrapped(name, most - 1)[0]}…"


def _clock_rows(view: TicketView, now: datetime) -> list[Row]:
    """The running clocks in one line, late ones first."""
    live = [each for each in view.clocks if each.state in {"running", "paused"}]
    if not live:
        return [Row(("no clock runs",), "dim", span=True)]
    texts = [clock_words(each, now, view.zone) for each in sorted(live, key=lambda each: each.due or now)]
    late = any(each.breached_at is not None for each in live)
    return [Row(("   ".join(texts),), "warn" if late else "plain", span=True)]


def clock_words(clock: Clock, now: datetime, zone: tzinfo) -> str:
    """A clock in a phrase with the open time that is left: "solve Tue 24 16:00 (9h40)", paused, or how late it is."""
    name = CLOCKS[clock.kind]
    if clock.state == "paused":
        if clock.breached_at is None:
            return f"{name} paused ({span_words(clock.remaining)} left)"
        return f"{name} LATE {span_words(clock.late)}, paused"
    if clock.breached_at is not None:
        return f"{name} LATE {span_words(clock.late)}"
    assert clock.due is not None
    return f"{due_words(clock.kind, clock.due, now, zone)} ({span_words(clock.remaining)})"


def span_words(span: timedelta) -> str:
    """A span of open time as spoken: 22 min, 9h40; shown in whole minutes, rounded down."""
    minutes = max(int(span.total_seconds()) // 60, 0)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60}h{minutes % 60:02d}"


def _line_rows(each: LineView) -> list[tuple[str, str]]:
    cur, parts = each.currency, each.parts
    of = f"{each.of}/" if each.of else ""
    what = f"{of}{each.line}  {each.subject}: {show_quantity(each.quantity)} {each.unit} {each.code} {each.name}"
    money = [f"{name.replace('_', ' ')} {show(amount, cur)}" for name, amount in parts.items() if amount]
    stands = (each.request and f"request {each.request}", each.again, each.dispute and f"dispute {each.dispute}")
    told = [text for text in stands if text]
    return [(f"{what}  ({each.reason})", "plain"), ("   " + "  ".join([*money, *told]), "dim")]
