"""Money at random on both databases: billed, paid, applied, taken back, bounced, credited, debited, written off,
disputed, promised, approved, rejected, posted, in any order by any login. After each run every invariant holds, every
past day is told as it was told then, and old amounts stand.

A normal run does some hundred steps on each database; CSDESK_LONG=1 does thousands.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule, run_state_machine_as_test
from sqlalchemy import select

from csdesk.services import disputing, promises, undo
from tests.services.money_acts import PICK, Notes
from tests.services.money_world import CUSTOMERS, DOCUMENT, ITEM, LOGINS, bill, past
from tests.services.talk import Talk
from tests.support import databases

LONG = os.environ.get("CSDESK_LONG") == "1"
EXAMPLES, STEPS = (40, 100) if LONG else (2, 50)


class Money(Notes):
    """Everything at once."""

    @initialize()
    def begin(self) -> None:
        """A call of the rep with each customer, and a few invoices."""
        self.talks = {customer: Talk.with_(self.as_["rep7"], customer) for customer in CUSTOMERS}
        for customer in CUSTOMERS:
            self.store.write_now(bill, customer, [(Decimal(3), 10_000, 800), (Decimal(7), 3_333, 0)])

    @rule(customer=st.sampled_from(CUSTOMERS), place=st.integers(1, 2), letter=st.sampled_from("dps"))
    def disputes(self, customer: int, place: int, letter: str) -> None:
        self.try_("rep7", disputing.code, self.talks[customer].call, place, letter)

    @rule(pick=PICK, day=st.sampled_from(("+1", "+5", "fri")))
    def promises_(self, pick: int, day: str) -> None:
        item = self.some(ITEM, pick, ITEM.c.open > 0)
        talk = self.talks.get(item.customer_id) if item is not None else None
        if talk is not None:
            self.try_("rep7", promises.take, talk.call, item.id, day)

    @rule(customer=st.sampled_from(CUSTOMERS))
    def undoes(self, customer: int) -> None:
        self.try_("rep7", undo.last, self.talks[customer].call)

    @rule(days=st.integers(0, 9), seconds=st.sampled_from((1, 59, 61)))
    def waits(self, days: int, seconds: int) -> None:
        """Time goes on; how the day ended is kept, to be asked again later."""
        today = self.clock().date()
        if days:
            for account in (1, 2, 3):
                self.told[account, today] = self.store.read_now(past, account, today)
        self.clock.pass_by(days=days, seconds=seconds)


@pytest.mark.parametrize("backend", databases.BACKENDS)
def test_money_at_random(backend: str) -> None:
    machine = type("Money", (Money,), {"backend": backend})
    run_state_machine_as_test(machine, settings=settings(
        max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None, database=None,
        suppress_health_check=list(HealthCheck), derandomize=not LONG,
    ))  # fmt: skip


@pytest.mark.parametrize("seed", range(30 if LONG else 1))
@pytest.mark.parametrize("backend", databases.BACKENDS)
def test_a_long_life_of_money(backend: str, seed: int) -> None:
    """Acts weighted as at a busy desk, so that long chains come about: paid short, disputed, credited, bounced."""
    machine = type("Money", (Money,), {"backend": backend})()
    try:
        machine.begin()
        live_through(machine, random.Random(f"{seed}"), 300 if LONG else 120)
        with machine.store.engine.connect() as connection:
            kinds = set(connection.execute(select(DOCUMENT.c.kind).distinct()).scalars())
        wanted = {"credit_note", "write_off", "reversal"}
        assert wanted <= kinds if seed == 0 else wanted & kinds  # of another life nobody knows what it brings
    finally:
        machine.teardown()


def live_through(machine: Money, dice: random.Random, steps: int) -> None:
    for _ in range(steps):
        weighted = acts(machine, dice)
        dice.choices([act for _, act in weighted], [weight for weight, _ in weighted])[0]()
        machine.now_and_then()


def acts(machine: Money, dice: random.Random) -> tuple[tuple[int, Callable[[], object]], ...]:
    """What may happen next, each with how often it does."""
    pick, other, customer = dice.randrange(10_000), dice.randrange(10_000), dice.choice(CUSTOMERS)
    amount, line = dice.choice((1, 499, 2_500, 9_999)), dice.randint(1, 2)

    return (
        (3, lambda: machine.bills(customer, dice.choice(("1", "3", "7.5")), dice.randint(1, 50_000), pick % 2 == 0)),
        (3, lambda: machine.pays(customer, dice.randint(1, 40_000))),
        (3, lambda: machine.pays_exactly(pick)),
        (1, lambda: machine.unknown_money(amount, pick, other % 3 == 0)),
        (5, lambda: machine.applies(pick, other, None if pick % 3 else amount, pick % 4 == 0)),
        (3, lambda: machine.applies_by_rule(pick)),
        (2, lambda: machine.takes_back(pick)),
        (2, lambda: machine.takes_back_and_applies_again(pick)),
        (1, lambda: machine.bounces(pick)),
        (1, lambda: machine.pays_and_bounces(customer, amount)),
        (5, lambda: machine.asks_credit(pick, line, dice.choice((None, "1", "0.5")), amount, dice.choice("dpgq"))),
        (1, lambda: machine.asks_debit(pick, "1")),
        (1, lambda: machine.asks_goodwill(customer, amount)),
        (2, lambda: machine.asks_write_off(pick)),
        (2, lambda: machine.asks_reversal(pick)),
        (6, lambda: machine.approves_whole(pick)),
        (1, lambda: machine.rejects(pick, dice.choice(LOGINS))),
        (4, machine.posts),
        (3, lambda: machine.disputes(customer, line, dice.choice("dps"))),
        (1, lambda: machine.promises_(pick, "+5")),
        (1, lambda: machine.undoes(customer)),
        (4, lambda: machine.waits(dice.choice((0, 0, 1, 5)), 61)),
    )
