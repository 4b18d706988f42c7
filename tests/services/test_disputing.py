"""Disputes step by step: each leaves its event, payments and credits lower them, and what is taken back reopens."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from csdesk.errors import Invalid, Refused
from csdesk.models import Allocation, AuditEntry, CreditAccount, CustomerReason, Dispute, DisputeEvent, OpenItem, Reason
from csdesk.services import allocating, booking, customers, deduction_lists, deductions, disputing
from csdesk.services.allocating import Pair
from csdesk.services.tx import SYSTEM, Tx
from csdesk.store import Store
from tests.services.conftest import Desk, faults
from tests.services.papers import vouch
from tests.services.talk import Talk
from tests.support import databases
from tests.support.clock import Clock
from tests.support.forge import forge
from tests.support.seed import TODAY, seed

LONG = os.environ.get("CSDESK_LONG") == "1"
INVOICE, FACE = 9301, 35528


@contextmanager
def books(store: Store) -> Iterator[Tx]:
    """A transaction of the system, as the services that call these functions have it."""
    with store.engine.execution_options(desk_write=True).begin() as connection:
        yield Tx(connection, 1, SYSTEM, store.clock())


def pay(store: Store, amount: int, kind: str = "receipt", item: int = INVOICE) -> int:
    """Money, or a credit note or write-off, set against an item; gives the allocation's id."""
    with books(store) as tx:
        customers.trading(tx, 1, lock=True)
        if kind == "receipt":
            made = booking.receipt(tx, {"account_id": 1, "received_on": TODAY, "currency": "USD", "amount": amount}, 1)
        else:
            head = {"kind": kind, "customer_id": 1, "account_id": 1, "currency": "USD", "tax_method": "line",
                    "rounding": "half_up", "issued_on": TODAY}  # fmt: skip
            line = {"product_id": None, "description": kind, "unit": "", "quantity": 1, "price": 0, "net": amount,
                    "tax_rate": 0, "tax": 0}  # fmt: skip
            made = booking.document(tx, head, [line], against="goodwill" if kind == "credit_note" else "credit-losses")
            vouch(tx, made, kind)
        return allocating.settle(tx, [Pair(item, made["item_id"], amount)], TODAY, "difference")[0]


def take_back(store: Store, allocation: int) -> None:
    with books(store) as tx:
        customers.trading(tx, 1, lock=True)
        allocating.take_back(tx, [allocation], TODAY, correcting=True)


def raised(store: Store, missing: int, code: str = "damaged", customers_code: str = "", item: int = INVOICE) -> int:
    """A deduction of the seeded invoice, or of another item."""
    with books(store) as tx:
        who = customers.trading(tx, 1, lock=True)
        return disputing.raise_for(tx, who, item, missing, code, customers_code=customers_code).id


def parts(row: Any) -> tuple[int, int, int, int, int]:
    return row.original, row.open, row.paid, row.credited, row.cleared


def told(desk: Desk, id: int) -> list[tuple[str, str, int]]:
    return [(row.event, row.state, row.open) for row in desk.rows(DisputeEvent, dispute_id=id)]


def test_a_short_payment_coded_on_the_phone_leaves_its_events(desk: Desk, talk: Talk) -> None:
    pay(desk.store, FACE - 3680)
    made = talk.store.write_now(disputing.code, talk.call, 1, "d")
    row = desk.row(Dispute, id=made.id)
    assert (row.state, row.version, row.deadline_on) == ("coded", 1, TODAY + timedelta(days=30))
    assert told(desk, made.id) == [("open", "coded", 3680)]
    assert "withdrawn" in talk.undo()
    assert told(desk, made.id) == [("open", "coded", 3680), ("withdraw", "withdrawn", 3680)]
    with books(desk.store) as tx:
        assert deductions.disputed_at(tx, 1, TODAY) == {}


def test_the_customers_own_code_means_our_reason_and_an_unknown_one_is_unidentified(desk: Desk, talk: Talk) -> None:
    desk.change(Reason, {"code": "short-delivery"}, x12_426="06")
    words = desk.as_("coll1").write_now(deduction_lists.map_code, "20417", "47-A", "d")
    assert words == "20417 writes 47-A: Damaged."
    assert desk.row(CustomerReason).reason == "damaged"
    pay(desk.store, FACE - 9000)
    ids = [raised(desk.store, 1000, "", code) for code in (" 47-a ", "06", "X99", "")]
    rows = [desk.row(Dispute, id=id) for id in ids]
    assert [row.reason for row in rows] == ["damaged", "short-delivery", "unidentified", "unidentified"]
    assert [row.state for row in rows] == ["coded", "coded", "unidentified", "unidentified"]
    assert [(row.deadline_on - TODAY).days for row in rows] == [30, 30, 5, 5]
    assert rows[2].their_code == "X99"
    with pytest.raises(Refused, match=r"Only 50\.00 USD of 26000001 are open and not in dispute yet"):
        raised(desk.store, 5001)
    with pytest.raises(Invalid, match="There is no reason 'nonsense'"):
        raised(desk.store, 1, "nonsense")


@pytest.mark.parametrize(("agreed", "coded", "unknown"), [(None, 30, 5), (45, 45, 5), (10, 10, 5), (3, 3, 3)])
def test_the_days_agreed_with_the_customer(desk: Desk, agreed: int | None, coded: int, unknown: int) -> None:
    desk.change(CreditAccount, {"id": 1}, deduction_days=agreed)
    days = [(desk.row(Dispute, id=raised(desk.store, 100, code)).deadline_on - TODAY).days for code in ("late", "")]
    assert days == [coded, unknown]


def test_the_undisputed_rest_is_paid_first_and_what_goes_beyond_lowers_the_dispute(desk: Desk) -> None:
    id = raised(desk.store, 3000)
    first = pay(desk.store, FACE - 3000)
    assert parts(desk.row(Dispute, id=id)) == (3000, 3000, 0, 0, 0)
    second = pay(desk.store, 1200)
    assert parts(desk.row(Dispute, id=id)) == (3000, 1800, 1200, 0, 0)
    pay(desk.store, 1800)
    row = desk.row(Dispute, id=id)
    assert (row.state, row.open, row.paid) == ("closed", 0, 3000)
    assert row.closed_at is not None
    take_back(desk.store, second)
    row = desk.row(Dispute, id=id)
    assert (row.state, row.open, row.paid, row.closed_at) == ("coded", 1200, 1800, None)
    take_back(desk.store, first)
    assert desk.row(Dispute, id=id).open == 3000
    assert [each[0] for each in told(desk, id)] == ["open", "paid", "paid", "unpaid", "unpaid"]


def test_a_credit_note_and_a_write_off_have_their_own_column(desk: Desk) -> None:
    id = raised(desk.store, 3000)
    pay(desk.store, FACE - 3000)
    note = pay(desk.store, 1000, "credit_note")
    pay(desk.store, 2000, "write_off")
    assert parts(desk.row(Dispute, id=id)) == (3000, 0, 0, 1000, 2000)
    assert desk.row(Dispute, id=id).state == "closed"
    take_back(desk.store, note)
    assert parts(desk.row(Dispute, id=id)) == (3000, 1000, 0, 0, 2000)


def test_as_of_any_day_from_the_events(desk: Desk) -> None:
    pay(desk.store, FACE - 5000)
    one, other = raised(desk.store, 3000), raised(desk.store, 2000, "late")
    desk.clock.pass_by(days=2)
    with books(desk.store) as tx:
        customers.trading(tx, 1, lock=True)
        made = booking.receipt(tx, {"account_id": 1, "received_on": TODAY + timedelta(days=2), "currency": "USD",
                                    "amount": 4000}, 1)  # fmt: skip
        allocating.settle(tx, [Pair(INVOICE, made["item_id"], 4000)], TODAY + timedelta(days=2), "hand")
        days = [deductions.disputed_at(tx, 1, TODAY + timedelta(days=n)) for n in (-1, 0, 1, 2)]
    assert days == [{}, {INVOICE: 5000}, {INVOICE: 5000}, {INVOICE: 1000}]
    assert [desk.row(Dispute, id=id).open for id in (one, other)] == [0, 1000], "the oldest first"


def test_check_names_a_dispute_that_is_not_what_its_events_say(store: Store, seeded: object) -> None:
    id = raised(store, 3000)
    forge(store, f"UPDATE dispute SET state = 'valid' WHERE id = {id}")
    assert any("dispute.events: dispute 26000001: step 1" in each for each in faults(store))
    forge(store, f"UPDATE dispute SET state = 'coded' WHERE id = {id}",
          f"UPDATE dispute_event SET paid = 7 WHERE dispute_id = {id}")  # fmt: skip
    assert any(each.startswith("dispute.amounts") for each in faults(store))


MOVES = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(("receipt", "credit_note", "write_off")), st.integers(1, 9000)),
        st.tuples(st.just("back"), st.integers(0, 9)),
        st.tuples(st.just("raise"), st.integers(1, 9000)),
    ),
    min_size=1,
    max_size=9,
)


@pytest.fixture(scope="module", params=databases.BACKENDS)
def desk_for_all(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One database for all examples: each begins with an item of its own."""
    with databases.database(request.param, Path(tmp_path_factory.mktemp("disputes"))) as url:
        store = Store(url, clock=Clock())
        seed(store)
        yield store
        store.close()


@settings(max_examples=400 if LONG else 12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=MOVES)
def test_amounts_always_add_up(desk_for_all: Store, moves: list[tuple[str, int]]) -> None:
    """Money, credits, write-offs and their taking back in any order: original = open + paid + credited + cleared after
    every event, never more in dispute than is open; and all taken back, all of it is open again."""
    store = desk_for_all
    with books(store) as tx:
        customers.trading(tx, 1, lock=True)
        head = {"kind": "debit_note", "customer_id": 1, "account_id": 1, "currency": "USD", "tax_method": "line",
                "rounding": "half_up", "issued_on": TODAY}  # fmt: skip
        line = {"product_id": None, "description": "", "unit": "", "quantity": 1, "price": 0, "net": 20_000,
                "tax_rate": 0, "tax": 0}  # fmt: skip
        note = booking.document(tx, head, [line])
        vouch(tx, note, "debit_note")
    item = note["item_id"]
    standing: list[int] = []
    acts: dict[str, Callable[[int], object]] = {
        "raise": lambda amount: _raise(store, item, amount),
        "back": lambda place: take_back(store, standing.pop(place % len(standing))) if standing else None,
    }
    for what, figure in moves:
        try:
            if what in acts:
                acts[what](figure)
            else:
                standing.append(pay(store, figure, what, item))
        except Refused:
            continue
        _holds(store, item)
    for allocation in standing:
        take_back(store, allocation)
    rows = _holds(store, item)
    assert all(row.open == row.original and row.closed_at is None for row in rows)


def _raise(store: Store, item: int, amount: int) -> None:
    with books(store) as tx:
        disputing.raise_for(tx, customers.trading(tx, 1, lock=True), item, amount, "late")


def _holds(store: Store, item: int) -> list[Any]:
    from sqlalchemy import select

    from csdesk.models import table

    dispute, event, items = table(Dispute), table(DisputeEvent), table(OpenItem)
    with books(store) as tx:
        rows = list(tx.rows(select(dispute).where(dispute.c.item_id == item)))
        left = tx.value(select(items.c.open).where(items.c.id == item))
        for row in rows:
            last = tx.rows(select(event).where(event.c.dispute_id == row.id).order_by(event.c.version))[-1]
            assert parts(row)[0] == sum(parts(row)[1:])
            assert min(parts(row)) >= 0
            assert (last.version, last.state, last.open) == (row.version, row.state, row.open)
            assert (row.open == 0) == (row.closed_at is not None)
        assert sum(row.open for row in rows) <= left
    return rows


def test_a_deduction_raised_while_money_is_applied_is_in_nobodys_audit_but_the_callers(desk: Desk) -> None:
    before = len(desk.rows(AuditEntry))
    raised(desk.store, 100)
    assert len(desk.rows(AuditEntry)) == before
    assert desk.rows(Allocation) == []
