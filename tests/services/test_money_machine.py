"""Money at random on both databases: billed, paid, applied, taken back, bounced, credited, debited, written off,
disputed, promised, approved, rejected, posted, in any order by any login. After each run every invariant holds, every
past day is told as it was told then, and old amounts stand.

A normal run does some hundred steps on each database; CSDESK_LONG=1 does thousands.
"""

from __future__ import annotations

import os
import random
import tempfile
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select

from csdesk.errors import DeskError
from csdesk.models import (
    Allocation,
    ApprovalRequest,
    CreditAccount,
    Dispute,
    Document,
    DocumentLine,
    LedgerEntry,
    OpenItem,
    table,
)
from csdesk.rules.credit_notes import LineCredit
from csdesk.services import (
    applying,
    approving,
    booking,
    closing,
    credits,
    customers,
    debits,
    disputing,
    goodwill,
    ledger,
    posting,
    promises,
    reversing,
    undo,
    unidentified,
    writing_off,
)
from csdesk.services.tx import Tx, reads, writes
from csdesk.store import Store
from tests.services.conftest import faults
from tests.services.talk import Talk
from tests.support import databases
from tests.support.clock import Clock
from tests.support.seed import acting

LONG = os.environ.get("CSDESK_LONG") == "1"
EXAMPLES, STEPS = (40, 100) if LONG else (4, 50)
CHECK_EVERY = 10
ITEM, DOCUMENT, LINE, ENTRY = table(OpenItem), table(Document), table(DocumentLine), table(LedgerEntry)
ALLOCATION, REQUEST, DISPUTE, ACCOUNT = table(Allocation), table(ApprovalRequest), table(Dispute), table(CreditAccount)
LOGINS = ("lead3", "boss1", "mgr1", "fin2", "rep7")
CUSTOMERS = (1, 2, 4)  # 4 is billed to 3
PICK = st.integers(0, 10_000)
CENTS = st.sampled_from((1, 33, 100, 499, 500, 501, 2_500, 9_999, 10_000, 33_333))


@writes()
def bill(tx: Tx, customer_id: int, lines: list[tuple[Decimal, int, int]]) -> int:
    """An invoice as a billing run would post it: (quantity, net, tax) a line."""
    who = customers.trading(tx, customer_id, lock=True)
    day = who.local(tx.now).date()
    head = {"kind": "invoice", "customer_id": who.id, "account_id": who.account.id, "currency": who.account.currency,
            "tax_method": "line", "rounding": "half_up", "issued_on": day,
            "due_on": day + timedelta(days=14)}  # fmt: skip
    made = booking.document(tx, head, [
        {"product_id": 101, "unit": "EA", "quantity": quantity, "price": Decimal(1), "net": net, "tax": tax,
         "tax_rate": Decimal(8 if tax else 0)}
        for quantity, net, tax in lines
    ])  # fmt: skip
    return int(made["id"])


@reads()
def past(tx: Tx, account_id: int, day: date) -> tuple[int, tuple[tuple[int, int], ...]]:
    """The balance of an account at the end of a day and what was open of each item."""
    from csdesk.services.as_of import items_at

    items = items_at(tx, day, account_id)
    rows = tx.rows(select(items.c.id, items.c.left).where(items.c.left != 0).order_by(items.c.id))
    return sum(int(row.left) for row in rows), tuple((row.id, int(row.left)) for row in rows)


class Money(RuleBasedStateMachine):
    """Several logins at the accounts of three customers."""

    backend = "sqlite"

    def __init__(self) -> None:
        super().__init__()
        self.clock, self.steps = Clock(), 0
        self.folder = tempfile.TemporaryDirectory(prefix="csdesk-money-")
        self.database = databases.database(self.backend, Path(self.folder.name), "seeded")
        self.store = Store(self.database.__enter__(), clock=self.clock)
        self.as_ = {login: acting(self.store, login) for login in (*LOGINS, "cash1", "coll1")}
        self.told: dict[tuple[int, date], Any] = {}
        self.stood: dict[int, tuple[Any, ...]] = {}

    def teardown(self) -> None:
        """The last look at the books."""
        try:
            self.look()
        finally:
            self.store.close()
            self.database.__exit__(None, None, None)
            self.folder.cleanup()

    def try_(self, login: str, verb: Callable[..., Any], *args: object) -> Any:
        """Does it, or is refused in a sentence; anything else is a fault of the desk."""
        store = self.as_.get(login, self.store)
        try:
            return store.write_now(verb, *args)
        except DeskError:
            return None

    def some(self, model: Any, pick: int, *where: Any) -> Any:
        """One row of those that fit, or None."""
        with self.store.engine.connect() as connection:
            found = connection.execute(select(model).where(*where).order_by(model.c.id)).all()
        return found[pick % len(found)] if found else None

    @initialize()
    def begin(self) -> None:
        """A call of the rep with each customer, and a few invoices."""
        self.talks = {customer: Talk.with_(self.as_["rep7"], customer) for customer in CUSTOMERS}
        for customer in CUSTOMERS:
            self.store.write_now(bill, customer, [(Decimal(3), 10_000, 800), (Decimal(7), 3_333, 0)])

    # ---------------------------------------------------------------- documents and money

    @rule(
        customer=st.sampled_from(CUSTOMERS), quantity=st.sampled_from(("1", "3", "7.5")), net=CENTS, tax=st.booleans()
    )
    def bills(self, customer: int, quantity: str, net: int, tax: bool) -> None:
        self.store.write_now(bill, customer, [(Decimal(quantity), net, net * 8 // 100 if tax else 0)])

    @rule(customer=st.sampled_from(CUSTOMERS), amount=CENTS)
    def pays(self, customer: int, amount: int) -> None:
        self.try_("cash1", applying.receive, customer, amount, self.clock().date(), "", "")

    @rule(pick=PICK)
    def pays_exactly(self, pick: int) -> None:
        item = self.some(ITEM, pick, ITEM.c.open > 0)
        if item is not None:
            self.try_("cash1", applying.receive, item.customer_id, item.open, self.clock().date(), "", item.number)

    @rule(amount=CENTS, pick=PICK, back=st.booleans())
    def unknown_money(self, amount: int, pick: int, back: bool) -> None:
        self.try_("cash1", unidentified.take_in, amount, self.clock().date())
        waiting = self.as_["cash1"].read_now(unidentified.queue)
        one = waiting[pick % len(waiting)].id
        if back:
            self.try_("cash1", unidentified.give_back, one, "not ours")
        else:
            self.try_("cash1", unidentified.identify, one, CUSTOMERS[pick % len(CUSTOMERS)])

    @rule(a=PICK, b=PICK, amount=st.one_of(st.none(), CENTS), small=st.booleans())
    def applies(self, a: int, b: int, amount: int | None, small: bool) -> None:
        credit = self.some(ITEM, a, ITEM.c.open < 0)
        if credit is None:
            return
        mine = () if a % 7 == 6 else (ITEM.c.account_id == credit.account_id,)
        debit = self.some(ITEM, b, ITEM.c.open > 0, *mine)
        if debit is not None:
            self.try_("cash1", applying.apply, None, credit.id, debit.id, amount, "m" if small else "")

    @rule(pick=PICK)
    def applies_by_rule(self, pick: int) -> None:
        credit = self.some(ITEM, pick, ITEM.c.open < 0)
        if credit is not None:
            self.try_("cash1", applying.automatic, None, credit.id)

    @rule(pick=PICK)
    def takes_back(self, pick: int) -> None:
        row = self.some(ALLOCATION, pick)
        if row is not None:
            self.try_("cash1", applying.unapply, None, row.id)

    @rule(pick=PICK)
    def takes_back_and_applies_again(self, pick: int) -> None:
        """Invariant 11: un-apply and apply again change no figure."""
        row = self.some(ALLOCATION, pick, ALLOCATION.c.amount > 0)
        live = row is not None and self.some(DISPUTE, 0, DISPUTE.c.item_id == row.debit_item_id) is None
        if row is None or not live:
            return
        before = self.figures()
        if self.try_("cash1", applying.unapply, None, row.id):
            self.as_["cash1"].write_now(applying.apply, None, row.credit_item_id, row.debit_item_id, row.amount)
            assert self.figures() == before

    @rule(pick=PICK)
    def bounces(self, pick: int) -> None:
        item = self.some(ITEM, pick, ITEM.c.source == "receipt")
        if item is not None:
            self.try_("cash1", reversing.receipt, item.id, "bounced")

    @rule(customer=st.sampled_from(CUSTOMERS), amount=CENTS)
    def pays_and_bounces(self, customer: int, amount: int) -> None:
        """Invariant 10: post and reverse leave every balance as it was."""
        before = self.figures()
        made = self.try_("cash1", applying.receive, customer, amount, self.clock().date(), "", "")
        self.as_["cash1"].write_now(reversing.receipt, made.id, "at once")
        assert self.figures() == before

    # ---------------------------------------------------------------- requests

    @rule(pick=PICK, line=st.integers(1, 2), quantity=st.sampled_from((None, "1", "2", "3", "0.5")), value=CENTS,
          letter=st.sampled_from("dpgq"))  # fmt: skip
    def asks_credit(self, pick: int, line: int, quantity: str | None, value: int, letter: str) -> None:
        invoice = self.some(DOCUMENT, pick, DOCUMENT.c.kind == "invoice")
        talk = self.talks.get(invoice.customer_id)
        wanted = LineCredit(line, Decimal(quantity)) if quantity else LineCredit(line, value=value)
        if talk is not None:
            self.try_("rep7", credits.ask, talk.call, invoice.id, (wanted,), letter)

    @rule(pick=PICK, quantity=st.sampled_from(("1", "2.5")))
    def asks_debit(self, pick: int, quantity: str) -> None:
        invoice = self.some(DOCUMENT, pick, DOCUMENT.c.kind == "invoice")
        talk = self.talks.get(invoice.customer_id)
        if talk is not None:
            self.try_("rep7", debits.ask, talk.call, invoice.id, (LineCredit(1, Decimal(quantity)),), "p")

    @rule(customer=st.sampled_from(CUSTOMERS), value=CENTS)
    def asks_goodwill(self, customer: int, value: int) -> None:
        self.try_("rep7", goodwill.ask, self.talks[customer].call, value, "g")

    @rule(pick=PICK)
    def asks_write_off(self, pick: int) -> None:
        item = self.some(ITEM, pick, ITEM.c.open > 0)
        if item is not None:
            self.try_("coll1", writing_off.ask, item.id, "j")

    @rule(pick=PICK)
    def asks_reversal(self, pick: int) -> None:
        note = self.some(DOCUMENT, pick, DOCUMENT.c.kind.in_(reversing.REVERSIBLE))
        if note is not None:
            self.try_("coll1", reversing.ask, note.id, "was wrong")

    @rule(pick=PICK, login=st.sampled_from(LOGINS))
    def approves(self, pick: int, login: str) -> None:
        row = self.some(REQUEST, pick, REQUEST.c.state == "in_approval")
        if row is not None:
            self.try_(login, approving.approve, row.id)

    @rule(pick=PICK)
    def approves_whole(self, pick: int) -> None:
        row = self.some(REQUEST, pick, REQUEST.c.state == "in_approval")
        for login in ("lead3", "boss1", "fin2", "mgr1") if row is not None else ():
            self.try_(login, approving.approve, row.id)

    @rule(pick=PICK, login=st.sampled_from(LOGINS))
    def rejects(self, pick: int, login: str) -> None:
        row = self.some(REQUEST, pick, REQUEST.c.state == "in_approval")
        if row is not None:
            self.try_(login, approving.reject, row.id, "no")

    @rule()
    def posts(self) -> None:
        for one in self.store.read_now(posting.due):
            self.try_("", posting.post, one)

    # ---------------------------------------------------------------- disputes, promises, time

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

    # ---------------------------------------------------------------- what must hold

    def figures(self) -> list[tuple[Any, ...]]:
        """The running figures of all accounts and what is open of every item that was there before."""
        with self.store.engine.connect() as connection:
            a = ACCOUNT.c
            rows = connection.execute(select(a.id, a.open_debit - a.open_credit, a.orders).order_by(a.id)).all()
            return [tuple(row) for row in rows]

    @invariant()
    def now_and_then(self) -> None:
        self.steps += 1
        if self.steps % CHECK_EVERY == 0:
            self.look()

    def look(self) -> None:
        """Every check of `csdesk check` and of the audit trail, and those that need two moments."""
        assert faults(self.store) == []
        for (account, day), said in self.told.items():  # 8: rebuilt from events as it was then
            assert self.store.read_now(past, account, day) == said
        today = self.clock().date()
        for customer, account in ((1, 1), (2, 2), (4, 3)):  # 4: buckets add up, now and as of today from events
            page = self.as_["rep7"].read_now(ledger.page, customer)
            assert page.aged.balance == self.store.read_now(past, account, today)[0]
        self.documents_stand()
        self.control_account()

    def documents_stand(self) -> None:
        """15: no amount of a posted document changes."""
        with self.store.engine.connect() as connection:
            rows = connection.execute(select(DOCUMENT).order_by(DOCUMENT.c.id)).all()
        now = {row.id: tuple(row) for row in rows}
        assert {id: now.get(id) for id in self.stood} == self.stood
        self.stood = now

    def control_account(self) -> None:
        """2: sub-ledger and control account agree at every key date."""
        with self.store.engine.connect() as connection:
            days = connection.execute(select(ITEM.c.posted_on).distinct()).scalars().all()
            total = connection.execute(select(func.sum(ENTRY.c.amount))).scalar()
        assert total == 0
        for day in days:
            sides = self.store.read_now(both_sides, day)
            assert sides[0] == sides[1], day


@reads()
def both_sides(tx: Tx, day: date) -> tuple[dict[str, int], dict[str, int]]:
    """Sub-ledger and control account at the end of a day."""
    return closing.sub_ledger(tx, day), closing.control(tx, day)


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
        assert {"credit_note", "write_off", "reversal"} <= kinds
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
