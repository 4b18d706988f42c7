"""Reports of tickets: how many came, ended, came back and are open; what their clocks and their sources say.

Figures are of the tickets the reader may see. For any period and choice: received = resolved + void + open at its end,
and backlog at the end = backlog at the start + opened + come back - ended.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select

from csdesk.models import ImportNote, Ticket, TicketEvent, table
from csdesk.rules.ticket_policy import KINDS
from csdesk.rules.ticket_replay import standing
from csdesk.rules.ticket_states import BEGINS, LABELS, STEPS, Event, state_of
from csdesk.services import clocking, seeing
from csdesk.services.loading_put import batches
from csdesk.services.loading_tickets import BACK
from csdesk.services.reports_base import Cell, Table, books, report, rows_table
from csdesk.services.tx import Tx, reads

TICKET, EVENT, NOTE = table(Ticket), table(TicketEvent), table(ImportNote)
_MOVING = ("opened", "undone", *sorted(BEGINS | STEPS))
_OPEN = ("work", "wait")
_SIX = Decimal("0.000001")


@dataclass(frozen=True)
class Chosen:
    """Which tickets: those whose columns say what is given here; None is any. Queue, category and owner are of now."""

    queue: str | None = None
    kind: str | None = None
    category: str | None = None
    priority: int | None = None
    channel: str | None = None
    owner_id: int | None = None
    customer_id: int | None = None
    source: str | None = None

    def condition(self, tx: Tx) -> ColumnElement[bool]:
        """The condition on `ticket`, of what the reader may see."""
        found = seeing.visible(tx)
        for name, value in asdict(self).items():
            if value is not None:
                found &= TICKET.c[name] == value
        return found


@dataclass(frozen=True)
class Flow:
    """What a period did. `received` were opened in it, and are `resolved`, `void` or `open` at its end; `ended` and
    `came_back` count moves out of and into work of all tickets, `closed` those that were closed, `backlog` are the open
    ones at its end, `before` at its start."""

    received: int
    resolved: int
    void: int
    open: int
    before: int
    ended: int
    came_back: int
    closed: int
    backlog: int


ALL = Chosen()


@reads("report.read", replica=True)
def flow(tx: Tx, start: datetime, end: datetime, chosen: Chosen = ALL) -> Flow:
    """Tickets of a period from `start` up to but without `end`, aware instants."""
    here = chosen.condition(tx)
    moving = (EVENT.c.company == TICKET.c.company) & (EVENT.c.ticket_id == TICKET.c.id) & EVENT.c.event.in_(_MOVING)
    since = select(EVENT.c.ticket_id).where(moving, EVENT.c.at >= start).exists()
    still = select(func.count()).select_from(TICKET).where(here, TICKET.c.opened_at < start, ~since)
    unmoved = int(tx.value(still.where(TICKET.c.base.in_(_OPEN))) or 0)
    counts = Counter({"before": unmoved, "backlog": unmoved})
    moved = [row.id for row in tx.rows(select(TICKET.c.id).where(here, TICKET.c.opened_at < end, since))]
    for events in _events(tx, moved, end, _MOVING).values():
        counts.update(_of_one(standing(events), start))
    names = ("received", "resolved", "void", "open", "before", "ended", "came_back", "closed", "backlog")
    return Flow(**{name: counts[name] for name in names})


def _of_one(events: Sequence[Event], start: datetime) -> Counter[str]:
    """What one ticket adds, of its standing events up to the end."""
    counts: Counter[str] = Counter()
    base = ""
    for number, each in enumerate(events, 1):
        now = state_of(events[:number]).base
        if each.at >= start:
            counts["received"] += each.event == "opened"
            counts["ended"] += base in _OPEN and now not in _OPEN
            counts["came_back"] += bool(base) and base not in _OPEN and now in _OPEN
            counts["closed"] += each.event == "closed"
        else:
            counts["before"] = int(now in _OPEN)
        base = now
    counts["backlog"] = int(base in _OPEN)
    if counts["received"]:
        counts["resolved" if base == "done" else "void" if base == "void" else "open"] = 1
    return counts


def _events(tx: Tx, ids: Sequence[int], end: datetime, names: Sequence[str] = ()) -> dict[int, list[Event]]:
    """The events of some tickets before an instant, of some names or all."""
    found: dict[int, list[Event]] = defaultdict(list)
    for some in batches(sorted(ids)):
        statement = select(EVENT).where(EVENT.c.company == tx.company, EVENT.c.ticket_id.in_(some), EVENT.c.at < end)
        if names:
            statement = statement.where(EVENT.c.event.in_(names))
        for row in tx.rows(statement.order_by(EVENT.c.ticket_id, EVENT.c.seq)):
            found[row.ticket_id].append(Event(row.seq, row.at, row.event, row.by, json.loads(row.data)))
    return found


def _end(tx: Tx, as_of: date) -> datetime:
    return books(tx).midnight(as_of + timedelta(days=1))


def _stated(tx: Tx, end: datetime) -> list[Mapping[str, Any]]:
    """What the source last said of each imported ticket before an instant."""
    mine = (EVENT.c.company == TICKET.c.company) & (EVENT.c.ticket_id == TICKET.c.id)
    last = (
        select(EVENT.c.ticket_id, func.max(EVENT.c.seq).label("seq"))
        .join(TICKET, mine)
        .where(seeing.visible(tx), EVENT.c.event == "stated", EVENT.c.at < end)
        .group_by(EVENT.c.ticket_id)
        .subquery()
    )
    said = select(EVENT.c.data).join(last, (EVENT.c.ticket_id == last.c.ticket_id) & (EVENT.c.seq == last.c.seq))
    return [json.loads(row.data) for row in tx.rows(said.where(EVENT.c.company == tx.company))]


def _share(part: int, whole: int) -> Decimal | None:
    return (Decimal(part) / whole).quantize(_SIX) if whole else None


@report("tickets", "tickets opened up to the key date: states then, and what their sources say beside what events say")
def _tickets(tx: Tx, as_of: date) -> Table:
    end = _end(tx, as_of)
    ids = [row.id for row in tx.rows(select(TICKET.c.id).where(seeing.visible(tx), TICKET.c.opened_at < end))]
    states = [state_of(standing(each)) for each in _events(tx, ids, end, _MOVING).values()]
    labels = Counter(each.label for each in states)
    rows: list[tuple[Cell, ...]] = [("rows of imported logs", _rows(tx, end), None), ("tickets", len(ids), None)]
    rows += [(label.replace("_", " "), labels[label], _share(labels[label], len(ids))) for label in LABELS]
    back = sum(each.reopened > 0 for each in states)
    rows += _said(_stated(tx, end))
    rows += [("reopened, by events", back, _share(back, len(ids))), *_handed(tx, end, len(ids))]
    rows.append(("imported with rows that go back in time", _back(tx), None))
    return rows_table("figure, count, share or mean", rows)


def _rows(tx: Tx, end: datetime) -> int:
    mine = (EVENT.c.company == TICKET.c.company) & (EVENT.c.ticket_id == TICKET.c.id)
    counted = select(func.count()).select_from(EVENT).join(TICKET, mine)
    return int(tx.value(counted.where(seeing.visible(tx), EVENT.c.event == "stated", EVENT.c.at < end)) or 0)


def _said(said: Sequence[Mapping[str, Any]]) -> list[tuple[Cell, ...]]:
    judged = [bool(each["sla_met"]) for each in said if each.get("sla_met") is not None]
    back = [int(each["reopened"]) for each in said if each.get("reopened") is not None]
    handed = [int(each["reassigned"]) for each in said if each.get("reassigned") is not None]
    again, never = sum(each > 0 for each in back), sum(each == 0 for each in handed)
    return [
        ("target met, the source says", sum(judged), _share(sum(judged), len(judged))),
        ("reopened, the source says", again, _share(again, len(back))),
        ("reassignments, the source says", sum(handed), _share(sum(handed), len(handed))),
        ("never reassigned, the source says", never, _share(never, len(handed))),
    ]


def _handed(tx: Tx, end: datetime, tickets: int) -> list[tuple[Cell, ...]]:
    """Reassignments as the desk counts them, on the tickets as they stand: to another person or queue."""
    counted = select(func.coalesce(func.sum(TICKET.c.reassigned), 0), func.count()).where(seeing.visible(tx))
    row: Row[Any] = tx.rows(counted.where(TICKET.c.opened_at < end))[0]
    never = tx.value(
        select(func.count()).select_from(TICKET).where(
            seeing.visible(tx), TICKET.c.opened_at < end, TICKET.c.reassigned == 0)
    )  # fmt: skip
    return [("reassignments by events, up to now", int(row[0]), _share(int(row[0]), tickets)),
            ("never reassigned by events, up to now", int(never or 0), _share(int(never or 0), tickets))]  # fmt: skip


def _back(tx: Tx) -> int:
    mine = (NOTE.c.company == TICKET.c.company) & (NOTE.c.subject_id == TICKET.c.id)
    noted = select(func.count(NOTE.c.subject_id.distinct())).join_from(NOTE, TICKET, mine)
    return int(tx.value(noted.where(seeing.visible(tx), NOTE.c.subject == "ticket", NOTE.c.kind == BACK)) or 0)


@report(
    "ticket-clocks", "clocks of tickets opened up to the key date, by kind: ended in time or late, and still running"
)
def _ticket_clocks(tx: Tx, as_of: date) -> Table:
    end = _end(tx, as_of)
    ids = [row.id for row in tx.rows(select(TICKET.c.id).where(seeing.visible(tx), TICKET.c.opened_at < end))]
    counts: dict[str, Counter[str]] = {kind: Counter() for kind in KINDS}
    for events in _events(tx, ids, end).values():
        for clock in clocking.of_events(tx, standing(events), end):
            late = clock.breached_at is not None
            counts[clock.kind]["late" if late else "in time" if clock.state == "met" else clock.state] += 1
    rows: list[tuple[Cell, ...]] = [(kind.replace("_", " "), *_line(each)) for kind, each in counts.items()]
    judged = [bool(each["sla_met"]) for each in _stated(tx, end) if each.get("sla_met") is not None]
    said = (sum(judged), len(judged) - sum(judged), None, None, _share(sum(judged), len(judged)))
    return rows_table("clock, in time, late, running, stopped, share in time",
                      [*rows, ("the source's own target", *said)])  # fmt: skip


def _line(counts: Counter[str]) -> Iterable[Cell]:
    running, judged = counts["running"] + counts["paused"], counts["in time"] + counts["late"]
    return counts["in time"], counts["late"], running, counts["stopped"], _share(counts["in time"], judged)
