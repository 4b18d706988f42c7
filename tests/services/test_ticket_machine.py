"""Several people at random on tickets, on both databases: whatever they do and in whatever order, each row is what its
events say, no clock runs on what is over, nothing internal goes out, and time used and left make the target.

A normal run does some hundred steps on each database; CSDESK_LONG=1 does thousands.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from csdesk.errors import DeskError
from csdesk.models import Contact, Outbox, Ticket, TicketEvent, TicketItem, table
from csdesk.rules.ticket_replay import replay
from csdesk.rules.ticket_states import state_of
from csdesk.services import (
    canned,
    serving,
    ticket_drafts,
    ticket_lines,
    ticket_log,
    ticket_macros,
    ticket_merging,
    ticket_money,
    ticket_moves,
    ticket_referring,
    ticket_resolving,
    ticket_subjects,
    ticket_thread,
    ticket_undo,
    ticket_views,
    ticket_waiting,
    tickets,
)
from csdesk.services.canned import Acts, CannedDraft
from csdesk.services.tx import SYSTEM, Tx
from csdesk.store import Store
from tests.services.conftest import faults
from tests.services.talk import Talk
from tests.support import databases
from tests.support.clock import Clock
from tests.support.seed import acting, put

LONG = os.environ.get("CSDESK_LONG") == "1"
EXAMPLES, STEPS = (60, 60) if LONG else (3, 45)
CHECK_EVERY = 8
TICKET, EVENT, ITEM, OUTBOX = table(Ticket), table(TicketEvent), table(TicketItem), table(Outbox)
IDS = Bundle("ids")
WHO = st.sampled_from(("rep7", "rep7", "lead3", "lead3", "boss1", "dock1", "audit1"))
WORDS = st.sampled_from(("told him", "where is it?", "ok, thanks", "pallet 12", " "))
DAYS = st.sampled_from(("fri", "+1", "+3", "12", "nonsense"))
MACHINES = ("sqlite", "postgres")
NIGHT = {"policy": {"night": {"calendar": "desk", "targets": {"reply": {"3": "1h"}, "resolution": {"3": "2d"}}}},
         "queue": {"night": {"name": "Night", "policy": "night"}}}  # fmt: skip
MACROS = {
    "ph": Acts("order", wait="customer", days=2, question="A photo of {ticket}", reply="visible"),
    "ok": Acts("order", state="resolved", reply="visible"),
    "cl": Acts(state="closed", reply="internal"),
    "op": Acts("damaged", state="open"),
    "cr": Acts(wait="third", days=1, question="Carrier: where is it"),
}


class Tickets(RuleBasedStateMachine):
    """Reps, a lead, a supervisor, the dock and an auditor at a handful of tickets of two customers."""

    backend = "sqlite"

    def __init__(self) -> None:
        super().__init__()
        self.clock, self.steps, self.done = Clock(), 0, 0
        self.used: dict[tuple[int, str, int], timedelta] = {}
        self.folder = tempfile.TemporaryDirectory(prefix="csdesk-machine-")
        self.database = databases.database(self.backend, Path(self.folder.name), "seeded")
        self.store = Store(self.database.__enter__(), clock=self.clock)
        self.people = {login: acting(self.store, login) for login in ("rep7", "lead3", "boss1", "dock1", "audit1")}

    def teardown(self) -> None:
        """The last look at everything."""
        try:
            self.look()
            assert faults(self.store) == []
        finally:
            self.store.close()
            self.database.__exit__(None, None, None)
            self.folder.cleanup()

    def act(self, who: str, verb: Callable[..., Any], *args: Any) -> None:
        """Does it, or is refused in a sentence; anything else is a fault of the desk."""
        with suppress(DeskError):
            self.people[who].write_now(verb, *args)
            self.done += 1

    @initialize(target=IDS)
    def begin(self) -> object:
        """One customer can be written to, the other cannot."""
        mail = {"id": 8800, "customer_id": 1, "name": "Jo", "email": "orders@harbourview.example"}
        with self.store.engine.execution_options(desk_write=True).begin() as connection:
            put(connection, Contact, [mail])
        drafts = [CannedDraft(code, f"macro {code}", "Of {ticket}. {rep}", acts) for code, acts in MACROS.items()]
        self.people["lead3"].write_now(canned.load, drafts)
        self.store.write_now(serving.load, NIGHT)
        self.talks = [Talk.with_(self.people[login], customer) for login, customer in (("rep7", 1), ("lead3", 2))]
        return multiple(self.opened("c"), self.opened("q"), self.complaint())

    def opened(self, kind: str, talk: int = 0) -> int:
        call = self.talks[talk]
        return int(call.store.write_now(tickets.note, call.call, kind, "about the pallet").id)

    def complaint(self) -> int:
        seen = self.store.read_now(ticket_subjects.delivery, 1, 1)
        call = self.talks[0]
        return int(call.store.write_now(tickets.complain, call.call, seen, 1, "d", Decimal(2), "crushed").id)

    @rule(target=IDS, kind=st.sampled_from("qrc"), talk=st.sampled_from((0, 1)))
    def another(self, kind: str, talk: int) -> int:
        return self.opened(kind, talk)

    @rule(target=IDS)
    def complain(self) -> int:
        return self.complaint()

    @rule(seconds=st.sampled_from((5, 61, 3_600, 40_000, 200_000, 700_000)))
    def wait(self, seconds: int) -> None:
        self.clock.pass_by(seconds=seconds)

    @rule(who=WHO, id=IDS, text=WORDS, back=st.sampled_from((0, 0, 0, 3)))
    def reply(self, who: str, id: int, text: str, back: int) -> None:
        version = max(1, self.row(id).version - back)
        self.act(who, ticket_drafts.keep, id, text, True, version)
        self.act(who, ticket_thread.reply, id, text, version)

    @rule(who=WHO, id=IDS, text=WORDS, how=st.sampled_from((ticket_thread.note, ticket_thread.spoke,
                                                           ticket_thread.inbound)))  # fmt: skip
    def say(self, who: str, id: int, text: str, how: Callable[..., Any]) -> None:
        self.act(who, how, id, text)

    @rule(who=WHO, id=IDS, party=st.sampled_from("cit"), day=DAYS, text=st.sampled_from(("which?", "Dock: which?")))
    def hold(self, who: str, id: int, party: str, day: str, text: str) -> None:
        self.act(who, ticket_waiting.wait, id, party, day, "", text)

    @rule(who=WHO, id=IDS, verb=st.sampled_from((ticket_waiting.go_on, ticket_moves.take, ticket_moves.cancel)),
          text=WORDS)  # fmt: skip
    def move(self, who: str, id: int, verb: Callable[..., Any], text: str) -> None:
        self.act(who, verb, id, text)

    @rule(who=WHO, id=IDS, verb=st.sampled_from((ticket_moves.release, ticket_undo.take_back)))
    def let(self, who: str, id: int, verb: Callable[..., Any]) -> None:
        self.act(who, verb, id)

    @rule(who=WHO, id=IDS, cause=st.sampled_from(("", "t", "z")), text=WORDS)
    def resolve(self, who: str, id: int, cause: str, text: str) -> None:
        self.act(who, ticket_moves.category, id, "order")
        self.act(who, ticket_resolving.resolve, id, cause, text, None, self.row(id).version)

    @rule(who=st.sampled_from(("rep7", "rep7", "lead3", "dock1")), id=IDS, code=st.sampled_from(sorted(MACROS)),
          cause=st.sampled_from(("", "", "t")), back=st.sampled_from((0, 0, 3)))  # fmt: skip
    def macro(self, who: str, id: int, code: str, cause: str, back: int) -> None:
        """What it says before is what it does, a refusal too, and that writes nothing."""
        self.act(who, ticket_moves.take, id, "mine")
        seen = (id, code, cause, max(1, self.row(id).version - back))
        before, made, refused = (self.row(id), self.thread(id)), "", ""
        try:
            told = self.people[who].read_now(ticket_macros.preview, *seen)
        except DeskError as error:
            told = error.message
        try:
            made = self.people[who].write_now(ticket_macros.carry_out, *seen).words
            self.done += 1
        except DeskError as error:
            refused = error.message
        if refused:
            assert (self.row(id), self.thread(id)) == before
        assert (refused or made) == (told if refused else f"Ticket {before[0].number} {told}.")

    @rule(who=WHO, id=IDS, to=st.sampled_from(("rep7", "lead3", "desk", "night", "nobody")))
    def assign(self, who: str, id: int, to: str) -> None:
        self.act(who, ticket_moves.assign, id, to)

    @rule(who=WHO, id=IDS, impact=st.integers(0, 3), urgency=st.integers(0, 3), direct=st.integers(0, 4), why=WORDS)
    def priority(self, who: str, id: int, impact: int, urgency: int, direct: int, why: str) -> None:
        self.act(who, ticket_moves.priority, id, impact, urgency, direct, why)

    @rule(code=st.sampled_from(("standard", "night")), words=st.sampled_from(("12h", "2d", "3d")))
    def policy(self, code: str, words: str) -> None:
        """Edited while tickets go by it, their own or that of one merged into them."""
        self.store.write_now(serving.edit, "policy", code, {"targets": {"resolution": {"3": words}}})

    @rule(who=WHO, id=IDS, other=IDS)
    def merge(self, who: str, id: int, other: int) -> None:
        self.act(who, ticket_merging.merge, id, self.row(other).number)

    @rule(who=st.sampled_from(("rep7", "lead3")), id=IDS)
    def unmerge(self, who: str, id: int) -> None:
        before = self.thread(id) if self.row(id).state == "merged" else None
        self.act(who, ticket_merging.unmerge, id)
        assert before is None or self.thread(id) == before, "a merge taken back restores what there was"

    @rule(who=WHO, id=IDS, line=st.integers(0, 2), money=st.booleans())
    def decide(self, who: str, id: int, line: int, money: bool) -> None:
        if money:
            self.act(who, ticket_money.dispute, id, line)
        else:
            self.act(who, ticket_lines.uphold, id, line, "signed for")

    @rule(who=WHO, id=IDS)
    def refer(self, who: str, id: int) -> None:
        self.act(who, ticket_referring.refer, id, "dock1", "who loaded it?")

    @rule(id=IDS, text=WORDS)
    def answer(self, id: int, text: str) -> None:
        self.act("dock1", ticket_referring.answer, id, text)

    @rule()
    def tick(self) -> None:
        for id in self.store.read_now(ticket_resolving.due):
            self.store.write_now(ticket_resolving.lapse, id)

    # ------------------------------------------------------------ what holds

    def row(self, id: int) -> Any:
        with self.store.engine.connect() as connection:
            return connection.execute(select(TICKET).where(TICKET.c.id == id)).one()

    def thread(self, id: int) -> list[int]:
        with self.store.engine.connect() as connection:
            mine = select(ITEM.c.id).where(ITEM.c.ticket_id == id).order_by(ITEM.c.id)
            return list(connection.execute(mine).scalars())

    @invariant()
    def holds(self) -> None:
        self.steps += 1
        if self.steps % CHECK_EVERY == 0:
            self.look()

    def look(self) -> None:
        """Rows are their events; clocks count what is used and left, never backwards; nothing internal goes out."""
        with self.store.engine.connect() as connection:
            tx = Tx(connection, 1, SYSTEM, self.clock())
            for row in connection.execute(select(TICKET)).all():
                events = ticket_log.events(tx, row.id)
                told = replay(events)
                assert {name: getattr(row, name) for name in told} == told
                if not any(each.event == "undone" for each in events):
                    folded = state_of(events)
                    assert (folded.label, folded.owner, folded.priority) == (row.state, row.owner_id, row.priority)
                self.clocks_of(tx, row)
            out = select(ITEM).where(ITEM.c.visible.is_(False), ITEM.c.recipients != "")
            assert connection.execute(out).all() == []
            mails = connection.execute(select(OUTBOX).where(OUTBOX.c.kind == "ticket-mail")).all()
            sent = connection.execute(select(ITEM).where(ITEM.c.recipients != "")).all()
            assert len(mails) == len(sent)

    def clocks_of(self, tx: Tx, row: Any) -> None:
        running = 0
        for each in ticket_views.whole(tx, row.id).clocks:
            assert each.elapsed + each.remaining == each.target
            spans = sorted((wait.start, wait.end or tx.now) for wait in each.pauses)
            assert all(end <= start for (_, end), (start, _) in pairwise(spans))
            running += each.state in ("running", "paused")
            if each.state == "paused":
                assert each.breached_at is None or each.breached_at < tx.now
        if row.state in ("closed", "cancelled", "merged"):
            assert (running, row.due_at) == (0, None)
        if row.base == "wait":
            assert row.waits_for
            assert row.wake_at is not None


@pytest.mark.parametrize("backend", MACHINES)
def test_tickets_hold_whatever_is_done_with_them(backend: str) -> None:
    if backend == "postgres":
        databases.the_server()
    machine = type("Machine", (Tickets,), {"backend": backend})
    done: list[int] = []
    usual = machine.teardown

    def teardown(self: Tickets) -> None:
        done.append(self.done)
        usual(self)

    machine.teardown = teardown  # type: ignore[method-assign]
    limits = settings(
        max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None, derandomize=not LONG, database=None,
        suppress_health_check=list(HealthCheck), print_blob=False,
    )  # fmt: skip
    run_state_machine_as_test(machine, settings=limits, _min_steps=STEPS * 2 // 3)
    assert sum(done) >= 5, "some of what is tried is done"
