"""Two reps at random on both databases: whatever they do, in whatever order, the books stay right.

A normal run does some hundred steps on each database; CSDESK_LONG=1 does thousands.
"""

from __future__ import annotations

import os
import random
import tempfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select, update

from csdesk.errors import DeskError
from csdesk.models import CreditAccount, Customer, ExpectedReceipt, SalesOrder, Stock, table
from csdesk.services import amendments, calls, editing, history, orders
from csdesk.services.history import OrderView
from csdesk.store import Store
from tests.services.conftest import faults
from tests.services.talk import Talk
from tests.support import databases
from tests.support.clock import Clock
from tests.support.seed import SHORT_CODE, acting

LONG = os.environ.get("CSDESK_LONG") == "1"
EXAMPLES, STEPS = (60, 60) if LONG else (3, 40)
CHECK_EVERY = 5
ACCOUNT, STOCK, ORDER, CUSTOMER, COMING = (
    table(model) for model in (CreditAccount, Stock, SalesOrder, Customer, ExpectedReceipt)
)
CODES = st.sampled_from((SHORT_CODE, SHORT_CODE, SHORT_CODE, "6002", "2208", "2208", "4711", "FREIGHT", "nope"))
COUNTS = st.sampled_from([Decimal(each) for each in ("1", "2", "3", "6", "24", "40", "0", "7.5", "130")])
LINES = st.integers(1, 5)
TALKS, PLACED = Bundle("talks"), Bundle("placed")


class Callers(RuleBasedStateMachine):
    """Calls of two reps with customers who share stock and, two of them, an account; what they put on the pad."""

    backend = "sqlite"

    def __init__(self) -> None:
        super().__init__()
        self.clock, self.steps, self.released = Clock(), 0, set[int]()
        self.kept, self.changed = set[int](), 0
        self.folder = tempfile.TemporaryDirectory(prefix="csdesk-machine-")
        self.database = databases.database(self.backend, Path(self.folder.name), "seeded")
        self.store = Store(self.database.__enter__(), clock=self.clock)
        self.reps = {login: acting(self.store, login) for login in ("rep7", "lead3")}

    def teardown(self) -> None:
        """The last look at the books."""
        try:
            assert faults(self.store) == []
        finally:
            self.store.close()
            self.database.__exit__(None, None, None)
            self.folder.cleanup()

    def try_(self, act: Callable[..., object], *args: object) -> object:
        """Does it, or is refused in a sentence; anything else is a fault of the desk."""
        try:
            return act(*args)
        except DeskError:
            return None

    @initialize(target=TALKS)
    def tighten(self) -> object:
        """Limits that a few orders reach, so that holds and releases happen; four callers are on the line."""
        with self.store.engine.execution_options(desk_write=True).begin() as connection:
            for account, limit in ((1, 200_000), (3, 60_000), (5, 20_000)):
                connection.execute(update(ACCOUNT).where(ACCOUNT.c.id == account).values(credit_limit=limit))
            connection.execute(update(CUSTOMER).where(CUSTOMER.c.id == 2).values(minimum_order=5_000))
        lines = (("rep7", 1), ("lead3", 4), ("rep7", 5), ("lead3", 1))
        return multiple(*(Talk.with_(self.reps[login], customer) for login, customer in lines))

    # ------------------------------------------------------------ calls

    @rule(target=TALKS, login=st.sampled_from(("rep7", "lead3")), customer=st.sampled_from((1, 2, 3, 4, 5)))
    def caller(self, login: str, customer: int) -> object:
        talk = self.try_(Talk.with_, self.reps[login], customer)
        return multiple() if talk is None else talk

    @rule(target=TALKS, talk=consumes(TALKS))
    def hang_up(self, talk: Talk) -> object:
        done = self.try_(talk.store.write_now, calls.end, talk.call)
        return talk if done is None else multiple()

    @rule(seconds=st.sampled_from((1, 5, 30, 61, 86_400)))
    def wait(self, seconds: int) -> None:
        self.clock.pass_by(seconds=seconds)

    # ------------------------------------------------------------ drafts

    @rule(talk=TALKS, code=CODES, quantity=COUNTS, unit=st.sampled_from(("", "", "EA", "CASE")))
    def add(self, talk: Talk, code: str, quantity: Decimal, unit: str) -> None:
        self.try_(talk.add, code, quantity, unit)

    @rule(talk=TALKS, line=LINES, quantity=COUNTS)
    def set(self, talk: Talk, line: int, quantity: Decimal) -> None:
        self.try_(talk.set, line, quantity)

    @rule(talk=TALKS, day=st.sampled_from(("12", "+3", "fri", "31", "+90")))
    def date(self, talk: Talk, day: str) -> None:
        self.try_(talk.date, day)

    @rule(talk=TALKS, nth=st.integers(1, 3), instead=st.booleans())
    def alternative(self, talk: Talk, nth: int, instead: bool) -> None:
        self.try_(lambda: talk.store.write_now(editing.take_alternative, talk.call, nth, instead=instead))

    @rule(talk=TALKS, choice=st.sampled_from(("part", "wait")))
    def short(self, talk: Talk, choice: str) -> None:
        self.try_(talk.store.write_now, editing.choose_short, talk.call, choice)

    @rule(talk=TALKS, verb=st.sampled_from((editing.repeat, editing.drop, editing.rebase)))
    def draft(self, talk: Talk, verb: Callable[..., object]) -> None:
        self.try_(talk.store.write_now, verb, talk.call)


class TwoReps(Callers):
    """The orders that come of the calls."""

    @rule(target=PLACED, talk=TALKS, basket=st.lists(st.tuples(CODES, COUNTS), min_size=1, max_size=3))
    def order(self, talk: Talk, basket: list[tuple[str, Decimal]]) -> object:
        for code, quantity in basket:
            self.try_(talk.add, code, quantity)
        return self.commit(talk, False)

    @rule(target=PLACED, talk=TALKS, line=LINES, quantity=COUNTS, day=st.sampled_from(("", "+9")))
    def change(self, talk: Talk, line: int, quantity: Decimal, day: str) -> object:
        if self.try_(talk.amend) is None:
            return multiple()
        self.try_(talk.set, line, quantity)
        if day:
            self.try_(talk.date, day)
        return self.commit(talk, True)

    @rule(target=PLACED, talk=TALKS, twice=st.booleans())
    def place(self, talk: Talk, twice: bool) -> object:
        return self.commit(talk, twice)

    def commit(self, talk: Talk, twice: bool) -> object:
        """Commits the draft of a call, if it has one; a second submit changes nothing."""
        draft = talk.pad() if self._has_draft(talk) else None
        order = self.try_(talk.commit) if draft is not None else None
        if draft is None or not isinstance(order, OrderView):
            return multiple()
        if twice:
            verb = orders.place if draft.kind == "new" else amendments.apply
            assert talk.store.write_now(verb, draft.id).order == order
        self.kept.add(order.id)
        self.changed += order.revision > 1
        return order.id

    def _has_draft(self, talk: Talk) -> bool:
        return any(each.id == talk.call and each.draft_id for each in talk.store.read_now(calls.mine))

    @rule(talk=TALKS)
    def amend(self, talk: Talk) -> None:
        self.try_(talk.amend)

    @rule(talk=TALKS, order=PLACED, line=LINES, reason=st.sampled_from("cuz"))
    def cancel(self, talk: Talk, order: int, line: int, reason: str) -> None:
        self.try_(talk.store.write_now, amendments.cancel_line, order, line, reason, talk.call)

    @rule(order=PLACED)
    def release(self, order: int) -> None:
        done = self.try_(self.reps["lead3"].write_now, orders.release, order)
        if done is not None:
            self.released.add(done.order.account_id)  # type: ignore[attr-defined]

    @rule(talk=TALKS)
    def undo(self, talk: Talk) -> None:
        self.try_(talk.undo)

    @rule(talk=TALKS, order=PLACED)
    def undo_makes_one_revision_at_most(self, talk: Talk, order: int) -> None:
        before = self.store.read_now(history.order, order)
        self.try_(talk.undo)
        after = self.store.read_now(history.order, order)
        assert after.revision in (before.revision, before.revision + 1)

    # ------------------------------------------------------------ what must hold

    @invariant()
    def nothing_is_sold_twice_and_no_limit_passed(self) -> None:
        with self.store.engine.connect() as connection:
            for row in connection.execute(select(STOCK)):
                assert 0 <= row.reserved <= row.on_hand
            for row in connection.execute(select(COMING)):
                assert 0 <= row.reserved <= row.quantity
            for row in connection.execute(select(ACCOUNT)):
                used = row.orders + row.delivered + row.billed + row.open_debit - row.open_credit
                assert row.orders >= 0
                assert row.credit_limit is None or row.id in self.released or used <= row.credit_limit
            held = select(ORDER.c.exposure).where(ORDER.c.status.in_(("held", "cancelled")))
            assert {row.exposure for row in connection.execute(held)} <= {0}

    @invariant()
    def the_books_check_out(self) -> None:
        self.steps += 1
        if self.steps % CHECK_EVERY == 0:
            assert faults(self.store) == []


@pytest.mark.parametrize("backend", databases.BACKENDS)
def test_two_reps_at_random(backend: str) -> None:
    """Searched by hypothesis, which shrinks what it finds to the fewest steps."""
    machine = type("Machine", (TwoReps,), {"backend": backend})
    limits = settings(
        max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None, suppress_health_check=list(HealthCheck)
    )
    run_state_machine_as_test(machine, settings=limits)


@pytest.mark.parametrize("backend", databases.BACKENDS)
@pytest.mark.parametrize("seed", range(6 if LONG else 1))
def test_a_long_day_of_two_reps(backend: str, seed: int) -> None:
    """The same acts drawn by weight, so that orders pile up on the same stock and limits."""
    machine = type("Machine", (TwoReps,), {"backend": backend})()
    try:
        live_through(machine, random.Random(seed), 400 if LONG else 100)
        assert len(machine.kept) > 5
    finally:
        machine.teardown()


def live_through(machine: TwoReps, dice: random.Random, steps: int) -> None:
    talks = list(machine.tighten().values)  # type: ignore[attr-defined]
    for _ in range(steps):
        weighted = acts(machine, dice, dice.choice(talks), dice.choice([*machine.kept, 0]))
        dice.choices([act for _, act in weighted], [weight for weight, _ in weighted])[0]()
        machine.nothing_is_sold_twice_and_no_limit_passed()
        machine.the_books_check_out()


def acts(machine: TwoReps, dice: random.Random, talk: Talk, order: int) -> tuple[tuple[int, Callable[[], object]], ...]:
    """What a rep may do next, each with how often it is done."""
    line = dice.randint(1, 3)

    def code() -> str:
        return dice.choice((SHORT_CODE, "6002", "2208", "4711", "FREIGHT"))

    def count() -> Decimal:
        return Decimal(dice.randint(1, 30))

    return (
        (6, lambda: machine.order(talk, [(code(), count()) for _ in range(line)])),
        (4, lambda: machine.change(talk, line, count(), dice.choice(("", "+9")))),
        (3, lambda: machine.cancel(talk, order, line, "c")),
        (3, lambda: machine.undo(talk)),
        (2, lambda: machine.add(talk, code(), count(), "")),
        (2, lambda: machine.alternative(talk, dice.randint(1, 3), dice.random() < 0.5)),
        (1, lambda: machine.short(talk, "wait")),
        (1, lambda: machine.set(talk, line, Decimal(0))),
        (1, lambda: machine.draft(talk, dice.choice((editing.repeat, editing.drop, editing.rebase)))),
        (1, lambda: machine.release(order)),
        (2, lambda: machine.wait(dice.choice((1, 20, 61, 86_400)))),
    )
