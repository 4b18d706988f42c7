"""Tickets taken in from a source's log: its states become the desk's events, whose fold is the stored row."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import update

from csdesk.models import ImportNote, Person, ServiceQueue, Staff, Ticket, TicketCategory, TicketEvent, table
from csdesk.rules.ticket_replay import replay
from csdesk.rules.ticket_states import Event
from csdesk.services import loading_quarantine, reports
from csdesk.store import Store
from tests.importing.bed import PLAIN, adds_up, broken, one, rows, state, take

STATES = '{ N = "new", A = "open", U = "waiting_customer", R = "resolved", C = "closed", X = "cancelled" }'
LOG = (
    PLAIN
    + """
[[file]]
name = "log"
match = "log*.csv"
entity = "ticket_event"
group = "no"
differ = { contact = "two-callers" }
options = { event_order = "ORDER" }
dates = ["%Y-%m-%d %H:%M"]
[file.fields]
number = "no"
contact = "who"
subject = "what"
[file.lines]
at = "at"
counter = "n"
state = { from = "state", map = STATES }
priority = "prio"
queue = "team"
owner = "agent"
category = "area"
subcategory = "topic"
sla_met = { from = "ok", map = { j = "yes", n = "no" } }
reassigned = "moved"
reopened = "again"
"""
)
HEAD = "no,who,what,n,at,state,prio,team,agent,area,topic,ok,moved,again\n"
ROWS = """T1,Ann,no milk,1,2024-05-02 09:00,N,3,North,,Goods,Short,j,0,0
T2,Ben,price,1,2024-05-02 09:30,A,2,Desk of price,Lee Lane,Money,,j,0,0
T1,Ann,no milk,2,2024-05-02 10:00,A,3,North,Rosa Rey,Goods,Short,j,0,0
T1,Ann,no milk,3,2024-05-02 11:00,U,2,South,Rosa Rey,Goods,Short,j,1,0
T1,Ann,no milk,4,2024-05-06 08:00,A,2,South,Sam Lee,Goods,,n,1,0
T1,Ann,no milk,5,2024-05-06 09:00,R,2,South,Sam Lee,Goods,,n,1,0
T1,Ann,no milk,6,2024-05-05 09:00,A,2,South,Sam Lee,Goods,,n,1,1
T1,Ann,no milk,7,2024-05-07 09:00,R,2,South,Sam Lee,Goods,,n,1,1
T1,Ann,no milk,8,2024-05-12 09:00,C,2,South,Sam Lee,Goods,,n,1,1
"""
MORE = "T2,Ben,price,2,2024-05-03 09:30,C,2,Desk of price,Lee Lane,Money,,j,0,0\n"


def log(store: Store, folder: Path, text: str, order: str = "file", name: str = "log.csv"):  # type: ignore[no-untyped-def]
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(HEAD + text, "utf-8")
    found = take(store, LOG.replace("ORDER", order).replace("STATES", STATES), folder / name)
    assert adds_up(found)
    return found[0]


def replayed(store: Store) -> None:
    """Every ticket's row is the fold of its events, which go forward in time."""
    logs: dict[int, list[Event]] = defaultdict(list)
    for each in sorted(rows(store, TicketEvent), key=lambda one: one.seq):
        logs[each.ticket_id].append(Event(each.seq, each.at, each.event, each.by, json.loads(each.data)))
    for ticket in rows(store, Ticket):
        told = replay(logs[ticket.id])
        assert {name: getattr(ticket, name) for name in told} == told
        instants = [each.at for each in logs[ticket.id]]
        assert instants == sorted(instants)


def test_a_log_becomes_events_and_the_row_is_their_fold(store: Store, tmp_path: Path) -> None:
    done = log(store, tmp_path / "in", ROWS)
    assert (done.rows, done.imported, done.merged, done.quarantined) == (9, 9, 0, 0)
    replayed(store)
    first = one(store, Ticket, number="T1")
    assert (first.state, first.priority, first.reopened, first.reassigned, first.contact, first.owner_id) == (
        "closed", 2, 1, 1, "Ann", None,
    )  # fmt: skip
    assert (first.queue, first.category) == ("south", "goods")
    steps = [each.event for each in rows(store, TicketEvent) if each.ticket_id == first.id and each.event != "stated"]
    assert steps == ["opened", "assigned", "begun", "assigned", "priority", "waiting", "assigned", "category",
                     "resumed", "resolved", "reopened", "resolved", "closed"]  # fmt: skip
    assert one(store, Ticket, number="T2").state == "open"
    (note,) = [each for each in rows(store, ImportNote) if each.kind == "went-back"]
    assert note.text == "1 row goes back in time; each stands at the one ahead"
    assert one(store, ServiceQueue, code="desk-of-price").policy == "standard"
    assert one(store, TicketCategory, code="goods-short").parent == "goods"
    assert rows(store, Staff) == []
    waiting = next(json.loads(each.data) for each in rows(store, TicketEvent) if each.event == "waiting")
    assert waiting["wake"].startswith("2024-05-06")
    told = {row[0]: row[1:] for row in store.read_now(reports.run, "tickets").rows}
    assert (told["tickets"][0], told["target met, the source says"][0], told["closed"][0]) == (2, 1, 1)
    assert broken(store) == []


def test_a_second_run_changes_nothing_and_a_longer_file_adds_what_is_new(store: Store, tmp_path: Path) -> None:
    log(store, tmp_path / "in", ROWS)
    before = state(store)
    again = log(store, tmp_path / "in", ROWS)
    assert (again.imported, again.merged) == (0, 9)
    assert state(store) == before
    shift = datetime(2030, 1, 7, 8, tzinfo=UTC)  # an escalation of it waits for a shift: what comes in leaves that
    with store.engine.execution_options(desk_write=True).begin() as connection:
        connection.execute(update(table(Ticket)).where(table(Ticket).c.number == "T2").values(next_at=shift))
    longer = log(store, tmp_path / "in", ROWS + MORE)
    assert (longer.imported, longer.merged, longer.quarantined) == (1, 9, 0)
    assert (one(store, Ticket, number="T2").state, one(store, Ticket, number="T2").next_at) == ("closed", shift)
    replayed(store)
    changed = log(store, tmp_path / "in", (ROWS + MORE).replace("09:30,A,2,Desk of", "09:30,A,1,Desk of"))
    assert (changed.imported, changed.merged, changed.quarantined) == (0, 8, 2)
    assert "says something else than when it came in" in changed.example
    assert one(store, Ticket, number="T2").priority == 2


def test_what_is_no_state_or_cannot_follow_waits_with_its_ticket(store: Store, tmp_path: Path) -> None:
    text = """T5,Eve,x,1,2024-05-02 09:00,N,9,North,,,,,,
T6,Eve,x,1,2024-05-02 09:00,X,3,North,,,,,,
T6,Eve,x,2,2024-05-02 10:00,A,3,North,,,,,,
T7,Eve,x,1,2024-05-02 09:00,Q,3,North,,,,,,
T8,Eve,x,1,2024-05-02 09:00,U,,North,,,,,,
"""
    done = log(store, tmp_path / "in", text)
    assert (done.imported, done.quarantined) == (1, 4)
    said = [each.reason for each in store.read_now(loading_quarantine.listed)]
    assert said[0].startswith("state: 'Q' is none of")
    assert "priority: 9 is none of 1, 2, 3, 4" in said
    assert any("is cancelled here" in each for each in said)
    assert rows(store, Ticket)[0].state == "waiting_customer"
    assert rows(store, Ticket)[0].wake_at is not None
    replayed(store)


@pytest.mark.parametrize(("order", "last"), [("file", "open"), ("counter", "resolved"), ("time", "resolved")])
def test_the_order_of_the_rows_is_the_one_the_mapping_says(store: Store, tmp_path: Path, order: str, last: str) -> None:
    text = "T9,Eve,x,2,2024-05-03 09:00,R,3,,,,,,,\nT9,Eve,x,1,2024-05-02 09:00,A,3,,,,,,,\n"
    log(store, tmp_path / "in", text, order)
    assert one(store, Ticket, number="T9").state == last
    replayed(store)


def test_a_person_here_has_what_a_log_gives_him_and_nobody_gets_a_login(store: Store, tmp_path: Path) -> None:
    log(store, tmp_path / "in", "T3,Eve,x,1,2024-05-02 09:00,N,3,,Rosa Rey,,,,,\n")
    writing = store.engine.execution_options(desk_write=True)
    with writing.begin() as connection:
        connection.execute(Person.__table__.insert(), {"company": 1, "id": 7, "name": "Rosa Rey"})  # type: ignore[attr-defined]
        connection.execute(Staff.__table__.insert(), {"company": 1, "id": 7, "person_id": 7, "login": "rr",  # type: ignore[attr-defined]
                                                      "name": "Rosa Rey", "team": "", "disabled": True})  # fmt: skip
    log(store, tmp_path / "in", "T4,Eve,x,1,2024-05-02 09:00,A,3,,rosa rey,,,,,\n", name="log2.csv")
    assert one(store, Ticket, number="T3").owner_id is None
    assert one(store, Ticket, number="T4").owner_id == 7
    assert len(rows(store, Staff)) == 1
    replayed(store)


HEADS = (
    PLAIN
    + """
[[file]]
name = "heads"
match = "heads.csv"
entity = "ticket"
key = "no"
dates = ["%Y-%m-%d %H:%M"]
[file.fields]
number = "no"
contact = "who"
opened_at = "from"
state = { from = "state", map = { A = "open", R = "resolved", C = "closed" } }
resolved_at = "done"
closed_at = "shut"
"""
)


def test_a_row_a_ticket_moves_on_never_back(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "heads.csv"
    file.write_text("no,who,from,state,done,shut\nH1,Ann,2024-05-02 09:00,A,2024-05-03 09:00,2024-05-08 09:00\n")
    assert take(store, HEADS, file)[0].imported == 1
    assert one(store, Ticket, number="H1").state == "open"
    file.write_text("no,who,from,state,done,shut\nH1,Ann,2024-05-02 09:00,C,2024-05-03 09:00,2024-05-08 09:00\n")
    assert take(store, HEADS, file)[0].updated == 1
    row = one(store, Ticket, number="H1")
    assert (row.state, f"{row.resolved_at:%m-%d}", f"{row.closed_at:%m-%d}") == ("closed", "05-03", "05-08")
    assert take(store, HEADS, file)[0].merged == 1
    replayed(store)
    assert broken(store) == []
