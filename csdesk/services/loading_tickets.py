"""Loading tickets: the states a source's log tells become the desk's own events, their fold the rows. Internal to the
importer.

The state column alone says where a ticket is. A row that is dated before the one ahead of it stands at that one's
instant (a note on the ticket says how many did). What the source itself counts and judges (reassigned, reopened, its
own target met so far) is kept in the event `stated` of each row, beside the figures that follow from the events.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, select, update

from csdesk.errors import DeskError
from csdesk.models import Ticket, TicketEvent, table
from csdesk.rules.ticket_replay import replay, standing
from csdesk.rules.ticket_states import Event
from csdesk.services import clocking, reports_base, search_tickets
from csdesk.services.audit import dump, stamp
from csdesk.services.loading_base import Known, Load, known, notes, rehash, remember, resolve
from csdesk.services.loading_put import batches, put
from csdesk.services.loading_ticket_course import Course, State, Wrong, follow
from csdesk.services.loading_ticket_places import places
from csdesk.services.loading_types import Unit

TICKET, EVENT = table(Ticket), table(TicketEvent)
BACK = "went-back"  # the kind of note on a ticket some of whose rows go back in time
_C: Any = bindparam("c")
_IDS: Any = bindparam("ids", expanding=True)
_TAKEN = select(TICKET.c.number).where(TICKET.c.company == _C, TICKET.c.number.in_(_IDS))
_ROWS = select(TICKET).where(TICKET.c.company == _C, TICKET.c.id.in_(_IDS)).order_by(TICKET.c.id)
_EVENTS = (
    select(EVENT)
    .where(EVENT.c.company == _C, EVENT.c.ticket_id.in_(_IDS))
    .order_by(EVENT.c.ticket_id, EVENT.c.seq)
)  # fmt: skip


def take(load: Load, new: Sequence[Unit], changed: Sequence[tuple[Unit, Known]]) -> None:
    """Loads tickets of one row each; a changed row moves its ticket on."""
    _take(load, "ticket", new, changed, _states_of_head)


def take_events(load: Load, new: Sequence[Unit], changed: Sequence[tuple[Unit, Known]]) -> None:
    """Loads the log of tickets; of one that is there only further rows come in, and a row that says something else of
    what stands is refused with its ticket."""
    _take(load, "ticket_event", new, changed, _states_of_log)


def _take(load: Load, entity: str, new: Sequence[Unit], changed: Sequence[tuple[Unit, Known]], states_of: Any) -> None:
    there = {unit.key: before.subject_id for unit, before in changed}
    heads = known(load, "ticket" if entity == "ticket_event" else "ticket_event", [unit.key for unit in new])
    there |= {key: each.subject_id for key, each in heads.items()}
    every = [*new, *(unit for unit, _ in changed)]
    taken = _taken(load, [unit.values["number"] for unit in new if unit.key not in there])
    customers = resolve(load, "customer", [unit.values.get("customer") or "" for unit in new])
    courses = _courses(load, sorted(set(there.values())))
    stood = _stood(load, every) if entity == "ticket_event" else {}
    done: list[tuple[Unit, Course, list[tuple[str, str]]]] = []
    for unit in every:
        try:
            course = courses.get(there.get(unit.key, 0)) or Course(0)
            if not course.id and unit.values["number"] in taken:
                raise Wrong("taken", f"the desk has a ticket {unit.values['number']} of its own")
            states, marks, again = states_of(load, unit, course, stood)
            follow(load, places(load), course, unit, states, customers)
        except (Wrong, DeskError) as wrong:
            code, words = (wrong.code, wrong.reason) if isinstance(wrong, Wrong) else ("value", wrong.message)
            load.refuse(unit, code, words)
            continue
        done.append((unit, course, marks))
        how = "updated" if unit.key in there and entity == "ticket" else "imported"
        load.counts["merged"] += again
        load.counts["imported"] -= again
        load.done(unit, how)
    _store(load, entity, done, {unit.key: unit for unit, _ in changed}, customers)


def _taken(load: Load, numbers: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for some in batches(sorted(set(numbers))):
        found |= {row.number for row in load.tx.rows(_TAKEN, {"c": load.tx.company, "ids": some})}
    return found


def _courses(load: Load, ids: Sequence[int]) -> dict[int, Course]:
    """The tickets that are there, with their events and what these came to."""
    found: dict[int, Course] = {}
    for some in batches(ids):
        key = {"c": load.tx.company, "ids": some}
        for row in load.tx.rows(_ROWS.with_for_update() if load.tx.postgres else _ROWS, key):
            facts = {name: getattr(row, name) for name in ("queue", "category", "impact", "urgency", "priority",
                                                           "owner_id", "policy", "policy_version")}  # fmt: skip
            found[row.id] = Course(row.id, label=row.state, facts=facts, next_at=row.next_at)
        for row in load.tx.rows(_EVENTS, key):
            course, data = found[row.ticket_id], json.loads(row.data)
            course.events.append(Event(row.seq, row.at, row.event, row.by, data))
            if row.event in ("opened", "assigned"):
                course.facts["who"] = data.get("who", "")
            course.old = row.seq
    return found


def _mark(unit: Unit, state: State, number: int) -> str:
    """What a row of a log is known by: ticket, counter, instant, and which of several such it is."""
    text = f"{unit.key}|{state.get('counter')}|{stamp(state['at'])}|{number}"
    return hashlib.sha256(text.encode()).hexdigest()


def _digest(state: State) -> str:
    return hashlib.sha256(dump(state).encode()).hexdigest()


def _marked(unit: Unit) -> list[tuple[State, str]]:
    seen: dict[tuple[Any, Any], int] = {}
    found = []
    for line in unit.lines:
        same = (line.values.get("counter"), line.values["at"])
        seen[same] = seen.get(same, 0) + 1
        found.append((line.values, _mark(unit, line.values, seen[same])))
    return found


def _stood(load: Load, units: Sequence[Unit]) -> dict[str, Known]:
    return known(load, "ticket_state", [mark for unit in units for _, mark in _marked(unit)])


def _states_of_log(
    load: Load, unit: Unit, course: Course, stood: Mapping[str, Known]
) -> tuple[list[State], list[tuple[str, str]], int]:
    """(rows to follow in their order, their marks, rows that are there already)."""
    states: list[State] = []
    marks: list[tuple[str, str]] = []
    for state, mark in _marked(unit):
        before = stood.get(mark)
        if before is None:
            states.append(state)
            marks.append((mark, _digest(state)))
        elif before.row_hash != _digest(state):
            raise Wrong("posted", f"a row of ticket {unit.values['number']} at {state['at']:%Y-%m-%d %H:%M} says "
                                  "something else than when it came in")  # fmt: skip
    order = load.option("event_order")
    if order == "time":
        states.sort(key=lambda each: each["at"])
    elif order == "counter":
        states.sort(key=lambda each: (each.get("counter") or 0, each["at"]))
    return states, marks, len(unit.lines) - len(marks)


def _states_of_head(
    load: Load, unit: Unit, course: Course, stood: Mapping[str, Known]
) -> tuple[list[State], list[tuple[str, str]], int]:
    """The states a row of its own tells: opened, resolved, closed at their instants, else the one it names."""
    values = unit.values
    begun = values.get("opened_at")
    if begun is None:
        raise Wrong("empty", "opened_at: is empty")
    resolved, closed = values.get("resolved_at"), values.get("closed_at")
    to = values.get("state") or ("closed" if closed else "resolved" if resolved else "open")
    states: list[State] = [{**values, "at": begun, "state": "new"}]
    if to in ("resolved", "closed") and resolved is not None:
        states.append({**values, "at": resolved, "state": "resolved"})
    if to != states[-1]["state"]:
        at = closed if to == "closed" and closed else values.get("updated_at") or states[-1]["at"]
        states.append({**values, "at": at, "state": to})
    if course.id:
        states = [each for each in states[1:] or states if course.label != "closed" or each["state"] != "resolved"]
    return states, [], 0


def _store(
    load: Load, entity: str, done: Sequence[tuple[Unit, Course, list[tuple[str, str]]]],
    changed: Mapping[str, Unit], customers: Mapping[str, int],
) -> None:  # fmt: skip
    """Writes the rows, their further events, what they are known by, and how many rows went back in time."""
    tickets, events, keys, marked, back = [], [], [], [], []
    for unit, course, marks in done:
        currency = reports_base.books(load.tx).currency
        row = {"next_at": course.next_at, **replay(course.events)}
        fresh = not course.id
        course.id = course.id or load.new_id()
        row |= clocking.figures(load.tx, standing(course.events), {**row, "currency": currency})
        if fresh:
            tickets.append({"currency": currency, **_row(load, unit, course, customers), **row})
        elif len(course.events) > course.old:
            mine = update(TICKET).where(TICKET.c.company == load.tx.company, TICKET.c.id == course.id)
            load.tx.do(mine.values(**row))
        events += [
            {"ticket_id": course.id, "seq": each.seq, "event": each.event, "at": each.at, "by": each.by,
             "data": dump(each.data)}
            for each in course.events[course.old :]
        ]  # fmt: skip
        if unit.key not in changed:
            keys.append((unit.key, course.id, 0, unit.hash))
        marked += [(mark, course.id, 0, digest) for mark, digest in marks]
        if course.back:
            times = "row goes" if course.back == 1 else "rows go"
            back.append(
                ("ticket", course.id, BACK, f"{course.back} {times} back in time; each stands at the one ahead")
            )
    put(load.tx, TICKET, tickets)
    put(load.tx, EVENT, events)
    search_tickets.index(load.tx, [(row["id"], row["subject"]) for row in tickets])
    remember(load, entity, keys)
    remember(load, "ticket_state", marked)
    rehash(load, entity, [(unit.key, unit.hash) for unit, _, _ in done if unit.key in changed])
    notes(load, back)


def _row(load: Load, unit: Unit, course: Course, customers: Mapping[str, int]) -> dict[str, Any]:
    """The columns of a new ticket that never change."""
    head = unit.values
    return {
        "id": course.id, "number": head["number"], "customer_id": customers.get(head.get("customer") or ""),
        "contact": head.get("contact") or "", "channel": head.get("channel") or "phone", "tier": "",
        "opened_at": course.events[0].at, "opened_by": load.tx.actor.id, "source": load.source.name[:20],
    }  # fmt: skip
